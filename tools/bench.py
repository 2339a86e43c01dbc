"""Time what one move of an explorer takes in the kernel, against `interact` with pyplot.

    python tools/bench.py [--rounds 40] [NAME ...]

Both in turns, in one process, on the same random values, torch on one thread. The pyplot side does what a
function under `interact` does: compute, make a new figure with the same artists, show it as a PNG at twice
the resolution with tight bounds, close it; a diagram's rectangles, paths, circles and texts become
matplotlib's. The ratio is of processor time, which other programs stretch less. The browser's part, larger on
the pyplot side, is in neither number.
"""

import argparse
import io
import random
import re
import statistics
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest import mock

import ipywidgets as widgets
import matplotlib as mpl
import torch
from IPython import get_ipython
from IPython.display import display

mpl.use("agg")
from matplotlib import pyplot as plt
from matplotlib.patches import Circle, Rectangle

from course import EXPLORERS
from course.kit.drawing import chart
from course.kit.panel import Explorer

DPI = 200
GOALS = {True: 45, False: 20}  # milliseconds: with a chart, diagrams alone


def main() -> None:
    """Time the explorers that are asked for, and print a table."""
    parser = argparse.ArgumentParser(description="Explorers against interact with pyplot.")
    parser.add_argument("names", nargs="*", default=list(EXPLORERS), metavar="NAME", help="of EXPLORERS")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print("milliseconds          by the clock          of the processor")
    print(f"{'explorer':20}{'median':>8}{'p90':>8}{'goal':>6}{'median':>10}{'pyplot':>8}{'ratio':>7}")
    for name in given.names:
        explorer = EXPLORERS[name]()
        clock, ours, theirs = measured(name, explorer, given.rounds)
        median, usual = statistics.median(ours), statistics.median(theirs)
        print(
            f"{name:20}{statistics.median(clock):8.1f}{statistics.quantiles(clock, n=10)[-1]:8.1f}"
            f"{GOALS[has_chart(explorer)]:6}{median:10.1f}{usual:8.1f}{median / usual:7.2f}"
        )


def measured(name: str, explorer: Explorer[Any], rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each of our updates, by the clock and of the processor, and of each of pyplot's."""
    chance = random.Random(0)  # noqa: S311 - no secret
    clock, ours, theirs = [], [], []
    for number in range(rounds + 3):
        control = chance.choice(list(explorer.controls.values()))
        value = chance.choice([v for v in values(control) if v != control.value])
        start, start_ours = time.perf_counter(), time.process_time()
        control.value = value
        end, start_theirs = time.perf_counter(), time.process_time()
        shown = under_interact(name, explorer)
        if number >= 3 and shown:  # the first rounds import and cache on both sides
            clock.append(1000 * (end - start))
            ours.append(1000 * (start_theirs - start_ours))
            theirs.append(1000 * (time.process_time() - start_theirs))
    return clock, ours, theirs


def values(control: Any) -> list[Any]:
    """The values to choose from."""
    if hasattr(control, "options"):
        return [value for _, value in control.options]
    count = int((control.max - control.min) / (control.step or 1)) + 1
    return [control.min + n * (control.step or 1) for n in range(count)]


def has_chart(explorer: Explorer[Any]) -> bool:
    """Whether a matplotlib chart is in the picture."""
    return "<img" in explorer.picture.value


def under_interact(name: str, explorer: Explorer[Any], settings: Mapping[str, Any] | None = None) -> bool:
    """Compute and draw as a function under interact would; False where the values are refused.

    Args:
        settings: of the controls; what they say now if left out.
    """
    settings = settings or {name: control.value for name, control in explorer.controls.items()}
    try:
        data = explorer._compute(**settings)
    except ValueError:
        return False
    sentence = explorer._say(data).heard
    with mock.patch.object(chart, "Figure", plt.figure), mock.patch.object(chart.Chart, "png", show):
        for part in draw_anew(name)(data, sentence):
            if isinstance(part, str):
                show_svg(part)
    return True


def draw_anew(name: str) -> Callable[[Any, str], Any]:
    """How the explorer draws, on new figures, made without its widgets."""

    def keep(self: Explorer[Any], _: object, *, draw: Any, **__: object) -> None:
        self._draw = draw

    with mock.patch.object(Explorer, "__init__", keep):
        return EXPLORERS[name]()._draw


def live_twin(name: str) -> Any:
    """In a notebook: the explorer, and below it the same under interact; shows both."""
    get_ipython().run_line_magic("matplotlib", "inline")
    explorer = EXPLORERS[name]()
    controls = {name: twin(control) for name, control in explorer.controls.items()}
    panel = widgets.interactive(
        lambda **settings: under_interact(name, explorer, settings) and None, **controls
    )
    display(explorer, panel.add_class("twin"))


def twin(control: Any) -> Any:
    """The control that interact makes for such values."""
    if hasattr(control, "options"):
        return widgets.ToggleButtons(options=control.options, value=control.value)
    slider = widgets.FloatSlider if isinstance(control.value, float) else widgets.IntSlider
    return slider(control.value, min=control.min, max=control.max, step=control.step or 1)


def show(self: chart.Chart, label: str = "", pasted: Sequence[chart.Pasted] = ()) -> chart.Png:
    """What plt.show() does with a figure in a notebook; pictures with imshow."""
    for artist in self._moving:
        artist.set_animated(False)
    for left, top, picture in pasted:
        width, height = (side / chart.SCALE for side in picture.size)
        axes = self.axes(left, top, width, height)
        axes.imshow(picture.convert("RGB"), aspect="auto")
        axes.axis("off")
    shown(self.figure)
    return chart.Png(b"", 0, 0, label)


def shown(figure: Any) -> None:
    """Print the figure as the notebook's backend does, or let it do so, and close it."""
    if plt.get_backend() == "agg":
        figure.canvas.print_figure(io.BytesIO(), format="png", bbox_inches="tight", dpi=DPI)
        plt.close(figure)
    else:
        plt.show()


def show_svg(svg: str) -> None:
    """A diagram's shapes and texts as a pyplot figure; a path stands as its number of points on a line."""
    root = ET.fromstring(svg)  # noqa: S314 - our own string
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    figure = plt.figure(figsize=(width / 100, height / 100), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(left, left + width), ylim=(top + height, top))
    axes.axis("off")
    for element in root.iter():
        number = {key: float(v) for key, v in element.attrib.items() if re.fullmatch(r"-?[\d.]+", v)}
        kind = element.tag.rpartition("}")[2]
        if kind == "rect":
            place = number.get("x", 0), number.get("y", 0)
            axes.add_patch(
                Rectangle(place, number.get("width", 0), number.get("height", 0), facecolor="gray")
            )
        elif kind == "circle":
            axes.add_patch(Circle((number["cx"], number["cy"]), number["r"]))
        elif kind == "path":
            axes.plot([left, left + width], [top, top + height])
        elif kind == "text":
            axes.text(number["x"], number["y"], "".join(element.itertext()), fontsize=9)
    shown(figure)


if __name__ == "__main__":
    main()
