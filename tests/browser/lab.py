"""JupyterLab in a real browser: a server of its own, and a page that opens, runs and shows one notebook.

Everything stays on this machine: the server listens on 127.0.0.1, and the browser finds no other host (a
notebook's badges stay away). Everything that is started is ended.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, sync_playwright

from tests import ROOT

SHOTS = ROOT / "artifacts" / "browser"  # pictures for people to look at
LIVE = ".cnn-explorer, .cnn-prediction"
TOKEN = secrets.token_hex()
WIDTH, HEIGHT, SHOT_HEIGHT = 1280, 900, 3000  # of the window, and while the whole notebook is photographed
RUN_SECONDS = 180  # all cells of one notebook


class Server:
    """A running JupyterLab whose settings, history and trust are empty, as in a fresh clone."""

    def __init__(self, notebooks: Path, private: Path, python: Path, more: Mapping[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.url.rpartition(":")[2],
            "ServerApp.root_dir": str(notebooks),
            "IdentityProvider.token": TOKEN,
            "LabApp.expose_app_in_browser": "True",  # gives the page `window.jupyterapp`
            **more,
        }
        own = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"), ("SETTINGS_DIR", "WORKSPACES_DIR")
        folders = {f"JUPYTER_{name}": name for name in own[0]} | {
            f"JUPYTERLAB_{name}": name for name in own[1]
        }
        self.environment = {
            name: str(private / folder) for name, folder in (folders | {"IPYTHONDIR": "ipython"}).items()
        }
        self._log = (private / "server.log").open("w")
        self._process = subprocess.Popen(
            [python, "-m", "jupyterlab", "--no-browser", "--allow-root"]
            + [f"--{name}={value}" for name, value in options.items()],
            env=os.environ | self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)  # noqa: S310 our own http address
        request.add_header("Authorization", f"token {TOKEN}")
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 likewise
            return json.loads(answer.read() or "null")

    def put(self, path: str, body: object) -> None:
        self.ask(path, "PUT", body)

    def wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError):
                self.ask("/api/status")
                return
            time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start; its log: {Path(self._log.name).read_text()[-2000:]}")

    def end_kernels(self) -> None:
        for session in self.ask("/api/sessions"):
            self.ask(f"/api/sessions/{session['id']}", "DELETE")

    def stop(self) -> None:
        with suppress(OSError):
            self.end_kernels()
            self.ask("/api/shutdown", "POST")
        for last_resort in (signal.SIGTERM, signal.SIGKILL):
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(15)
                break
            os.killpg(self._process.pid, last_resort)
        self._process.wait()
        self._log.close()


@contextmanager
def server(
    notebooks: Path,
    private: Path,
    python: Path = Path(sys.executable),
    options: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Serve a folder of notebooks."""
    running = Server(notebooks, private, python, options)
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, without a window and without its habit of calling home."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("no chromium found: install it (Debian, Ubuntu: apt install chromium)")
    quiet = ["background-networking", "component-update", "sync", "quic", "gpu"]
    own = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    arguments = [*(f"--disable-{name}" for name in quiet), "--no-first-run", own]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # chromium refuses root otherwise, as in CI's container
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class NotebookPage:
    """One notebook, open in JupyterLab."""

    def __init__(self, browser: Browser, running: Server, name: str, *, has_kernel: bool = True) -> None:
        self.page: Page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        self.page.set_default_timeout(20_000)
        self.faults: list[str] = []
        self._running, self._has_kernel = running, has_kernel
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.load(name)

    def load(self, name: str) -> None:
        """Load JupyterLab, with this notebook."""
        self.page.goto(f"{self._running.url}/lab/tree/{name}?token={TOKEN}&reset")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=60_000)
        self._wait()

    def _wait(self) -> None:
        self.page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
        if not self._has_kernel:  # JupyterLab asks for one, and offers none
            self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.evaluate(
            """async hasKernel => {
                const {context, sessionContext} = window.jupyterapp.shell.currentWidget;
                await Promise.all([context.ready, hasKernel && sessionContext.ready]);
            }""",
            self._has_kernel,
        )
        # Cells out of sight are built when the browser is idle, which without a window it may say only every
        # three seconds; asked to update, JupyterLab goes on at once. A notebook that is closed before it is
        # built makes JupyterLab stumble.
        built = """() => {
            const {content} = window.jupyterapp.shell.currentWidget;
            content.update();
            return content.widgets.every(cell => !cell.isPlaceholder());
        }"""
        self.page.wait_for_function(built, polling=20, timeout=60_000)

    def go(self, name: str) -> None:
        """Close this notebook unsaved, end its kernel, and open another: quicker than a new JupyterLab."""
        self.page.evaluate(
            """() => {
                const widget = window.jupyterapp.shell.currentWidget;
                widget.context.model.dirty = false;
                widget.close();
            }"""
        )
        self.page.locator(".jp-NotebookPanel").wait_for(state="detached")
        self._running.end_kernels()
        self.faults.clear()
        open_it = "async path => { await window.jupyterapp.commands.execute('docmanager:open', {path}); }"
        self.page.evaluate(open_it, name)
        self._wait()

    def trust(self) -> None:
        """Show the stored outputs as in a notebook that the reader trusts."""
        cells = "window.jupyterapp.shell.currentWidget.content.model.cells"
        self.page.evaluate(f"() => {{ for (const cell of {cells}) cell.trusted = true; }}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.location["url"].startswith(self._running.url):
            self.faults.append(message.text)

    def run_all(self) -> None:
        """Run all cells, once the kernel has answered: before that JupyterLab drops the command silently."""
        assert self.page.locator(".jp-Dialog").count() == 0, self.page.locator(".jp-Dialog").inner_text()
        self.page.evaluate(
            """async seconds => {
                const app = window.jupyterapp, session = app.shell.currentWidget.sessionContext;
                const run = async () => {
                    await session.session.kernel.info;
                    await session.session.kernel.requestKernelInfo();
                    await app.commands.execute('notebook:run-all-cells');
                };
                const late = (_, fail) => setTimeout(fail, 1000 * seconds, 'the cells did not finish');
                await Promise.race([run(), new Promise(late)]);
            }""",
            RUN_SECONDS,
        )

    def save(self) -> None:
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")

    def code_cells(self) -> list[Any]:
        """The code cells as the file would have them, outputs included."""
        model = "window.jupyterapp.shell.currentWidget.content.model"
        return self.page.evaluate(f"() => {model}.toJSON().cells.filter(cell => cell.cell_type === 'code')")

    def code_cell(self, number: int) -> Locator:
        return self.page.locator(".jp-NotebookPanel .jp-CodeCell").nth(number)

    def theme(self, name: str) -> None:
        """Switch to "JupyterLab Dark" or "JupyterLab Light"."""
        command = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
        self.page.evaluate(command, name)
        light = str(name.endswith("Light")).lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        self.page.wait_for_timeout(500)  # for its style sheet

    def window(self, width: int, *, side_bar: bool) -> None:
        """Make the window so wide, with JupyterLab's list of files or without."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        shell = "window.jupyterapp.shell"
        if self.page.evaluate(f"() => !{shell}.leftCollapsed") != side_bar:
            self.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        self.page.wait_for_timeout(500)

    def photograph(self, folder: Path, name: str) -> None:
        """Write the whole notebook, from top to bottom, as `name-1.jpg`, `name-2.jpg`, ..."""
        folder.mkdir(parents=True, exist_ok=True)
        self.page.set_viewport_size({"width": WIDTH, "height": SHOT_HEIGHT})
        scroller = self.page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer")
        scroller.evaluate("e => { e.scrollTop = 0; }")
        for number in range(1, 40):
            self.page.wait_for_timeout(400)  # cells are laid out when they come into sight
            self.page.screenshot(path=folder / f"{name}-{number}.jpg")
            done = scroller.evaluate(
                """e => {
                    const bottom = one => one.getBoundingClientRect().bottom;
                    const done = bottom([...e.querySelectorAll('.jp-Cell')].pop()) <= bottom(e);
                    e.scrollTop += e.clientHeight;
                    return done;
                }"""
            )
            if done:
                break
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def close(self) -> None:
        self.page.close()


@contextmanager
def opened(
    browser: Browser, running: Server, name: str, *, has_kernel: bool = True
) -> Iterator[NotebookPage]:
    """Open a notebook; its kernel ends with it, so that only one lives at a time."""
    page = NotebookPage(browser, running, name, has_kernel=has_kernel)
    try:
        yield page
    finally:
        page.close()
        running.end_kernels()
