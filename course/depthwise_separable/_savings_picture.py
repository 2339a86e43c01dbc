"""The chart of two convolutions: bars of what each costs, and their ratio on its curve."""

from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.style import COLORS, INK, QUIET, RULE

KERNELS = (1, 3, 5, 7, 9, 11)
_OUT = [2 ** (n / 8) for n in range(89)]  # 1 to 2048
_SLOTS = 3  # segments of a bar, at most
Segments = tuple[tuple[str, int], ...]  # the kind of step, and its count


@dataclass(frozen=True)
class Bar:
    """One bar: its text, and its segments as (kind of step, value)."""

    text: str
    segments: Segments


@dataclass(frozen=True)
class Panel:
    """Two bars on one scale, under a title, and in words the shares of the second one's segments."""

    title: str
    bars: tuple[Bar, Bar]
    shares: str


class SavingsChart:
    """A kept chart: two panels of bars at the left, the curve 1/out + 1/k² at the right."""

    def __init__(self, width: int = 860, height: int = 240) -> None:
        self._chart = Chart(width, height)
        left, right = self._chart.axes(16, 4, 470, 232), self._chart.axes(556, 32, 250, 160)
        self._panels = [_PanelArtists(left, top) for top in (0.0, 1.0)]
        left.set(xlim=(0, 1), ylim=(2, 0))
        left.set_axis_off()
        self._curve, self._point, self._note = _curves(right)
        moving: list[Artist] = [self._curve, self._point, self._note]
        for panel in self._panels:
            moving += panel.moving
        self._chart.animate(moving)

    def png(self, panels: tuple[Panel, Panel], kernel_size: int, out_channels: int, ratio: float) -> Png:
        """The chart with these bars, and the point `ratio` on the curve of `kernel_size`."""
        for artists, panel in zip(self._panels, panels, strict=True):
            artists.show(panel)
        self._curve.set_data(_OUT, [1 / out + 1 / kernel_size**2 for out in _OUT])
        self._point.set_data([out_channels], [ratio])
        is_left = out_channels < 64  # of the middle: the text begins at the point, else it ends at the edge
        start = 1 / 24 + 1 / kernel_size**2  # the curve where such a text begins: it must not cross it
        height = 1.7 * ratio if is_left else max(1.7 * ratio, 1.35 * start)
        self._note.set(
            text=f"{ratio:.4f} = 1/{out_channels} + 1/{kernel_size}²",
            x=out_channels if is_left else 2048,
            y=1.4 if 0.7 < height < 1.4 else height,  # clear of the dashed line at 100 %
        )
        self._note.set_horizontalalignment("left" if is_left else "right")
        return self._chart.png(
            f"{panels[0].title}. {panels[1].title}. Their ratio on its curve: {ratio:.4f}."
        )


class _PanelArtists:
    """The artists of one panel, from `top` down: a title, twice a text and its bar, and the shares."""

    def __init__(self, axes: Axes, top: float) -> None:
        self._title = axes.text(0, top + 0.1, "", fontsize=10, fontweight="bold", color=INK, va="center")
        self._texts, self._bars = [], []
        for row in (0.27, 0.54, 0.82):
            self._texts.append(axes.text(0, top + row, "", fontsize=8.6, color=QUIET, va="center"))
        for row in (0.35, 0.62):
            slots = [Rectangle((0, top + row), 0, 0.1, linewidth=0) for _ in range(_SLOTS)]
            self._bars.append([axes.add_patch(slot) for slot in slots])
        self.moving: list[Artist] = [self._title, *self._texts, *self._bars[0], *self._bars[1]]

    def show(self, panel: Panel) -> None:
        largest = max(sum(value for _, value in bar.segments) for bar in panel.bars)
        self._title.set_text(panel.title)
        for text, words in zip(self._texts, (*(bar.text for bar in panel.bars), panel.shares), strict=True):
            text.set_text(words)
        for bar, slots in zip(panel.bars, self._bars, strict=True):
            start = 0.0
            for slot, (kind, value) in zip(slots, bar.segments + (("norm", 0),) * _SLOTS, strict=False):
                slot.set(x=start, width=value / largest, facecolor=COLORS[kind].fill)
                start += value / largest


def _curves(axes: Axes) -> tuple[Line2D, Line2D, Text]:
    """The curves of all kernels, faint, and what marks the chosen one."""
    for kernel in KERNELS:
        values = [1 / out + 1 / kernel**2 for out in _OUT]
        axes.plot(_OUT, values, color=RULE, linewidth=1)
        place = "top" if kernel == 11 else "center"  # its curve ends close above that of 9
        axes.text(2700, values[-1], f"k = {kernel}", fontsize=8.6, color=QUIET, va=place)
    axes.set(xscale="log", yscale="log", xlim=(1, 2048), ylim=(0.006, 5))
    axes.set_xticks([1, 8, 64, 512, 2048], ["1", "8", "64", "512", "2048"])
    axes.set_yticks([0.01, 0.1, 1], ["1 %", "10 %", "100 %"])
    axes.minorticks_off()
    axes.axhline(1, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel("channels out", fontsize=8.6, color=QUIET)
    axes.set_title("multiply-adds, separable / full", fontsize=10, fontweight="bold", color=INK, loc="left")
    axes.tick_params(labelsize=8.6, colors=QUIET, length=2)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    (curve,) = axes.plot([], [], color=INK, linewidth=2)
    (point,) = axes.plot([], [], "o", color=INK, markersize=8, clip_on=False)
    note = axes.text(1, 1, "", va="center", fontsize=9, color=INK)
    return curve, point, note
