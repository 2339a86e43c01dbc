"""The checkers of notebook 10: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

from torch import nn

from blocks.networks import mobilenet_v2, resnet18
from blocks.networks.efficientnet import B0, V2_S
from blocks.networks.mobilenet import V2, V3_LARGE
from course.kit.checks.checking import checker, miscounted, misnamed
from course.kit.checks.compare import difference
from course.kit.checks.running import build, called
from course.networks.mistakes import MISTAKES

# By what a learner reads. The second one belongs to no network: what holds by chance in V2 does not there.
_TABLES = {"V2": V2, "[(3, 40, 2, 1), (1, 24, 1, 2)]": ((3, 40, 2, 1), (1, 24, 1, 2))}


@checker(
    to_do="put the condition of the expansion and the classifier's count in place of the two `...`.",
    right="row by row you come to the network's own count: 3,504,872 with 1,000 classes.",
)
def check_count(answer: Callable[[Any, int], int]) -> str | None:
    """`answer(rows, classes)`, the rows as in `blocks.networks.mobilenet.V2`."""
    called(answer, V2, 1000, setting="for rows=V2, classes=1000")
    v2, other = _TABLES
    return miscounted(
        lambda table, classes: answer(_TABLES[table], classes),
        ("rows", "classes"),
        ((v2, 1000), (v2, 10), (other, 10)),
        _count,
        _known_counts,
        otherwise="Take one row and one class: what do they add in yours, and what in the network?",
    )


def _count(table: str, classes: int, expands: Callable[[int], bool] = lambda t: t > 1) -> int:
    """MobileNetV2's parameters with these rows; `expands` says at which expansion there is a convolution."""
    total, channels = 27 * 32 + 2 * 32, 32
    for expansion, out, repeats, _ in _TABLES[table]:
        for _ in range(repeats):
            wide = expansion * channels
            total += wide * (channels + 2) if expands(expansion) else 0
            total += wide * (9 + 2 + out) + 2 * out
            channels = out
    return total + channels * 1280 + 2 * 1280 + 1281 * classes


def _known_counts(table: str, classes: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    right, last = _count(table, classes), _TABLES[table][-1][1]
    return {
        "You count an expanding convolution in every row. Which rows have one?": _count(
            table, classes, lambda _: True
        ),
        "You count no expanding convolution. Which rows have one?": _count(table, classes, lambda _: False),
        "You count it in the rows that have none. Which rows have an expanding convolution?": _count(
            table, classes, lambda t: t == 1
        ),
        "The classifier has a bias, too: one number for each class.": right - classes,
        "Each class has a bias of its own.": right - classes + 1,
        "The classifier has weights, too: how many for each class?": right - 1280 * classes,
        "What does the classifier add for each class?": right - 1281 * classes,
        "The classifier reads what the last convolution gives. How many numbers is that?": right
        - (1280 - last) * classes,
        "There are not always 1,000 classes.": right + 1281 * (1000 - classes),
    }


@checker(
    to_do="build the network: stem, pooling, eight BasicBlocks, classifier.",
    right="its parameters, and its outputs with the same weights, equal those of networks.resnet18.",
)
def check_resnet18(answer: Callable[[], nn.Module]) -> str | None:
    """`answer()` builds ResNet-18 for 1,000 classes."""
    height, width = 33, 65  # odd, so that no other pooling gives the right sizes by chance
    setting = f"for an image of {height} x {width}"
    wrong = difference(build(answer, setting=setting), resnet18(), (2, 3, height, width))
    return f"{setting}: {wrong}" if wrong else None


_ROWS = {
    "A": "EfficientNet-B0",
    "B": "MobileNetV3-Large",
    "C": "EfficientNetV2-S",
    "D": "MobileNetV2",
}


def rows() -> dict[str, str]:
    """Four rows from four networks' tables, in words."""
    kind, t, k, s, c, n = B0[2]
    _, wide, out, _, _, stride = V3_LARGE[3]
    fused, ft, fk, fs, fc, fn = V2_S[1]
    texts = (
        f"{kind.__name__}, expansion {t}, {k}x{k}, stride {s}, {c} channels, {n} times",
        f"5x5, expanded to {wide}, {out} channels, squeeze-and-excitation, ReLU, stride {stride}",
        f"{fused.__name__}, expansion {ft}, {fk}x{fk}, stride {fs}, {fc} channels, {fn} times",
        f"expansion {V2[1][0]}, {V2[1][1]} channels, {V2[1][2]} times, stride {V2[1][3]}, ReLU6",
    )
    return dict(zip(_ROWS, texts, strict=True))


@checker(
    to_do="put the name of a network in place of each of the four `...`.",
    right="all four found: by the block, its activation, its kernel and its squeeze-and-excitation.",
)
def check_rows(answer: dict[str, str]) -> str | None:
    """`answer` maps A to D to names of networks."""
    hints = {
        "A": "which network is made of MBConv alone?",
        "B": "whose rows give the expanded width itself, and have ReLU early on?",
        "C": "whose early stages are fused?",
        "D": "whose activation stops at 6? And does its block have squeeze-and-excitation?",
    }
    return misnamed(answer, _ROWS, hints)


_HIDDEN = {"A": "shortcuts removed", "B": "norm eps 1e-3", "C": "ReLU6 after the projection"}


def suspects() -> dict[str, nn.Module]:
    """Three copies of one untrained MobileNetV2, each with one mistake."""
    network = mobilenet_v2()
    return {letter: MISTAKES[name](network) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a mistake in place of each of the three `...`.",
    right="all three found, though every shape and every count is right.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their mistakes."""
    hints = {
        "A": "count its additions.",
        "B": "nothing in the order of its steps is wrong: look at the settings of its parts.",
        "C": "count its activations.",
    }
    return misnamed(answer, _HIDDEN, hints)
