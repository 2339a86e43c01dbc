"""A small server of static files on this machine: as slow, as strict or as broken as a test wants."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# What a strict school's server sends; the site must work under it.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self' data:;"
    " style-src 'self' 'unsafe-inline'; frame-src 'self'"
)
HELD = 30  # seconds after which a held answer goes out anyway


@dataclass
class Site:
    """A folder being served. What a test sets here holds from the next request on.

    A path stands for all files whose path on the server ends with it.

    Attributes:
        url: of the folder, without a slash at the end.
        asked: the paths that were requested, in order.
        headers: sent with every answer: a Content-Security-Policy, an Access-Control-Allow-Origin.
        missing: paths that are answered with 404.
        replaced: paths that have another content.
        held: paths that are answered once their event is set.
        latency: seconds before each answer.
        rate: bytes a second of each answer; 0 for no limit.
    """

    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    replaced: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, threading.Event] = field(default_factory=dict)
    latency: float = 0
    rate: float = 0

    def reset(self) -> None:
        """As when it was started."""
        for each in self.held.values():
            each.set()
        for changed in (self.asked, self.headers, self.missing, self.replaced, self.held):
            changed.clear()
        self.latency = self.rate = 0


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """Serve a folder on a free port of 127.0.0.1."""
    site = Site()
    with _Server(("127.0.0.1", 0), partial(_Handler, site, directory=str(folder))) as server:
        site.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            site.reset()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that is closed leaves its answers unread: no fault."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay open, as on any real server

    def __init__(self, site: Site, *args: Any, **named: Any) -> None:
        self._site = site
        super().__init__(*args, **named)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self._site.asked.append(path)
        time.sleep(self._site.latency)
        for end, event in list(self._site.held.items()):
            if path.endswith(end):
                event.wait(HELD)
        if any(path.endswith(end) for end in self._site.missing):
            self.send_error(404)
            return
        for end, content in self._site.replaced.items():
            if path.endswith(end):
                self.send_response(200)
                self.send_header("Content-Type", self.guess_type(path))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                return
        super().do_GET()

    def end_headers(self) -> None:
        for name, value in self._site.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        rate = self._site.rate
        if not rate:
            super().copyfile(source, outputfile)
            return
        for part in iter(partial(source.read, 1460), b""):  # a packet
            outputfile.write(part)
            time.sleep(len(part) / rate)

    def log_message(self, *_: Any) -> None:
        """Say nothing: pytest shows what a test prints."""
