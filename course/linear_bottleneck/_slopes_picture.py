"""The chart of the slope dial: a bar for each slope, the chosen one in full ink."""

from collections.abc import Sequence

from matplotlib.patches import Rectangle

from course.kit.drawing.chart import Chart, Png
from course.kit.drawing.style import COLORS, INK, QUIET, RULE


class SlopesChart:
    """A kept chart of one probability for each of `slopes`."""

    def __init__(self, slopes: Sequence[float]) -> None:
        self._chart = Chart(860, 250)
        axes = self._chart.axes(130, 34, 690, 176)
        axes.set(xlim=(0, 1), ylim=(len(slopes) - 0.5, -0.5))
        names = [f"slope {slope:g}" + (", linear" if slope == 1 else "") for slope in slopes]
        axes.set_yticks(range(len(slopes)), names)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.set_xlabel("probability of the class that the untouched network finds", fontsize=9, color=QUIET)
        axes.tick_params(labelsize=9.5, colors=INK, length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.spines["left"].set_color(RULE)
        self._bars = [axes.add_patch(Rectangle((0, row - 0.3), 0, 0.6)) for row in range(len(slopes))]
        self._texts = [
            axes.text(0, row, "", fontsize=9.5, color=INK, va="center") for row in range(len(slopes))
        ]
        self._title = axes.text(0, -0.8, "", fontsize=10, fontweight="bold", color=INK, va="center")
        self._chart.animate([*self._bars, *self._texts, self._title])

    def png(self, shares: Sequence[float], chosen: int, name: str) -> Png:
        """The chart of `shares`, 0 to 1, one for each slope; the `chosen` one stands out."""
        for row, (bar, text, share) in enumerate(zip(self._bars, self._texts, shares, strict=True)):
            bar.set(width=share, facecolor=COLORS["depthwise" if row == chosen else "norm"].fill)
            text.set_text(f"{100 * share:.1f} %")
            inside = share > 0.9
            text.set_position((share - 0.01 if inside else share + 0.01, row))
            text.set_horizontalalignment("right" if inside else "left")
            text.set_color("#FFFFFF" if inside and row == chosen else INK)
        self._title.set_text(name)
        return self._chart.png()
