"""Time key press to painted picture in JupyterLab in a real browser, against `interact` with pyplot.

    python tools/bench_browser.py [--presses 20] [NAME ...]

For each explorer a notebook with it and its twin: `interact` over the same controls, whose function
computes the same, draws the same artists on a new pyplot figure and shows it. Both take the same keys in
turns, on one page. Measured in the page: from the keydown event to the new picture, decoded, and two
animation frames, so that some 33 ms are built in. "drag" is the time from the end of a fast drag of a
slider to its last picture.
The goals of a diagram are a median of 80 ms, a third of interact's, and 140 ms for nine in ten; of a chart
110, 0.45 and 170; of a drag 150.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

import gallery  # noqa: E402 - after the line above
import lab  # noqa: E402 - likewise
from playwright.sync_api import Locator  # noqa: E402 - likewise

from course import EXPLORERS  # noqa: E402 - likewise

GOALS = {"diagram": (80, 140, 1 / 3), "chart": (110, 170, 0.45)}
CELLS = """
import sys
sys.path.insert(0, {tools!r})
import bench
bench.live_twin({name!r})
"""
# Sets up on the explorer or its twin what times one press, or the end of a drag.
_ARM = """root => {
    const picture = root.querySelector('.cnn-picture, .jp-OutputArea') || root;
    const shown = () => [...picture.querySelectorAll('img, svg')].map(e => e.src || e.outerHTML).join();
    const before = shown(), kept = {picture: null, start: null, last: null, release: null};
    const painted = async () => {
        await Promise.all([...picture.querySelectorAll('img')].map(image => image.decode().catch(() => 0)));
        requestAnimationFrame(() => requestAnimationFrame(() => { kept.last = performance.now(); }));
    };
    kept.observer = new MutationObserver(() => { if (shown() && shown() !== before) painted(); });
    kept.observer.observe(picture, {childList: true, subtree: true, attributes: true});
    addEventListener('keydown', () => { kept.start = performance.now(); }, {capture: true, once: true});
    addEventListener('pointerup', () => { kept.release = performance.now(); }, {capture: true, once: true});
    root.kept = kept;
}"""


def main() -> None:
    """Time the explorers that are asked for, and print a table."""
    parser = argparse.ArgumentParser(description="Explorers against interact with pyplot, in the browser.")
    parser.add_argument("names", nargs="*", default=list(EXPLORERS), metavar="NAME", help="of EXPLORERS")
    parser.add_argument("--presses", type=int, default=20)
    given = parser.parse_args()
    print("milliseconds from key press to painted picture; beside each the goal")
    print(
        f"{'explorer':22}{'median':>8}{'':>6}{'p90':>6}{'':>6}{'interact':>10}{'ratio':>7}{'':>6}{'drag':>6}"
    )
    with tempfile.TemporaryDirectory() as private:
        folder = Path(private) / "notebooks"
        folder.mkdir()
        with lab.server(folder, Path(private)) as running, lab.chromium() as browser:
            for name in given.names:
                gallery.write_cells(
                    folder / "bench.ipynb", CELLS.format(tools=str(ROOT / "tools"), name=name)
                )
                with lab.opened(browser, running, "bench.ipynb") as page:
                    page.run_all()
                    print(row(name, page, given.presses), flush=True)


def row(name: str, page: lab.NotebookPage, presses: int) -> str:
    """The explorer's line of the table."""
    page.window(lab.WIDTH, side_bar=False)
    ours, theirs = page.page.locator(".cnn-explorer"), page.page.locator(".twin")
    kind = "chart" if ours.locator(".cnn-picture img").count() else "diagram"
    kept: tuple[list[float], list[float]] = ([], [])
    for number in range(presses + 2):
        page.page.wait_for_timeout(500)  # the twin's picture is there, but the kernel not yet done with it
        for root, times in zip((ours, theirs), kept, strict=True):
            taken = pressed(root, number)
            if taken is not None and number >= 2:  # the first ones import and cache on both sides
                times.append(taken)
        if ours.locator(".cnn-refused").count():
            for root in (ours, theirs):
                pressed(root, 0)  # out of what is refused, where no choice would give a picture
    if min(map(len, kept)) < 2:
        return f"{name:22} moves too little to be timed"
    median, usual = map(statistics.median, kept)
    slow = statistics.quantiles(kept[0], n=10)[-1]
    goal, late, share = GOALS[kind]
    drag = dragged(ours)
    settled = "" if drag is None else f"{drag:6.0f}"
    ratio = f"{median / usual:7.2f}{share:6.2f}"
    return f"{name:22}{median:8.0f}{goal:6}{slow:6.0f}{late:6}{usual:10.0f}{ratio}{settled}"


def pressed(root: Locator, number: int) -> float | None:
    """Milliseconds of one press on a control, each in its turn; None where no other picture came."""
    root.scroll_into_view_if_needed()
    handles = root.locator(".noUi-handle").all()
    choices = root.locator(".widget-toggle-buttons button:not(.mod-active)").all()
    turns = [*handles, *handles, *choices[:2]] if handles else choices
    control = turns[number % len(turns)]
    control.focus()
    root.evaluate(_ARM)
    key = (
        "Space"
        if control.evaluate("e => e.matches('button')")
        else ("ArrowRight", "ArrowLeft")[number % 3 // 2]
    )
    control.press(key)
    return _taken(root, "start")


def dragged(root: Locator) -> float | None:
    """Milliseconds from the end of a fast drag, of 60 moves in a second, to the last picture."""
    if not root.locator(".noUi-handle").count():
        return None
    root.scroll_into_view_if_needed()
    handle = root.locator(".noUi-handle").first
    box = handle.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    page = root.page
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    root.evaluate(_ARM)
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(60):
        page.mouse.move(x + 50 * (number % 20 - 10) / 10, y)
        page.wait_for_timeout(10)
    page.mouse.up()
    page.wait_for_timeout(1000)
    return _taken(root, "release")


def _taken(root: Locator, since: str) -> float | None:
    """From `since` to the last painted picture, once one has come and nothing more follows."""
    taken = None
    for _ in range(40):
        root.page.wait_for_timeout(50)
        taken = root.evaluate(f"root => root.kept.last && root.kept.last - root.kept.{since}")
        if taken is not None:
            break
    root.page.wait_for_timeout(100)
    taken = root.evaluate(f"root => root.kept.last && root.kept.last - root.kept.{since}")
    root.evaluate("root => root.kept.observer.disconnect()")
    return None if taken is None else max(0.0, taken)


if __name__ == "__main__":
    main()
