"""The checkers of notebook 10: each says what is wrong and where to look."""

from collections.abc import Callable
from typing import Any

from torch import nn

from blocks.exercises.checking import checker, misnamed
from blocks.exercises.compare import difference
from blocks.experiments.mistakes import MISTAKES
from blocks.networks import mobilenet_v2, resnet18
from blocks.networks.efficientnet import B0, V2_S
from blocks.networks.mobilenet import V2, V3_LARGE


@checker(
    to_do="put the condition of the expansion and the classifier's count in place of the two `...`.",
    right="row by row you come to the network's own count: 3,504,872 with 1,000 classes.",
)
def check_count(answer: Callable[[Any, int], int]) -> str | None:
    """`answer(rows, classes)`, the rows as in `blocks.networks.mobilenet.V2`."""
    due, found = {}, {}
    for classes in (1000, 10):
        due[classes] = sum(p.numel() for p in mobilenet_v2(classes).parameters())
        found[classes] = got = answer(V2, classes)
        if isinstance(got, bool) or not isinstance(got, int):
            return f"with {classes} classes you get {got!r}; a whole number is needed."
    if found == due:
        return None
    seen = f"with 1000 classes you get {found[1000]:,}, not {due[1000]:,}"
    if (more := found[1000] - found[10]) != due[1000] - due[10]:
        return f"{seen}. A class adds {more / 990:,.5g}: how many weights has it, and a bias?"
    wrong = found[1000] - due[1000]
    if wrong == 32 * 32 + 2 * 32:
        return f"{seen}. In the row with expansion 1 there is no expanding convolution."
    side = "too many" if wrong > 0 else "too few"
    return f"{seen}. A class adds the right number; {abs(wrong):,} {side} come from the rows, or from a bias."


@checker(
    to_do="build the network: stem, pooling, eight BasicBlocks, classifier.",
    right="every step, every count and, with the same weights, the output equal those of resnet18.",
)
def check_resnet18(answer: Callable[[], nn.Module]) -> str | None:
    """`answer()` builds ResNet-18 for 1,000 classes."""
    if isinstance(answer, nn.Module):
        return "hand your function in, without calling it: the checker calls it."
    return difference(answer(), resnet18(), (1, 3, 64, 64))


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
    return {
        "A": f"{kind.__name__}, expansion {t}, {k}x{k}, stride {s}, {c} channels, {n} times",
        "B": f"5x5, expanded to {wide}, {out} channels, squeeze-and-excitation, ReLU, stride {stride}",
        "C": f"{fused.__name__}, expansion {ft}, {fk}x{fk}, stride {fs}, {fc} channels, {fn} times",
        "D": f"expansion {V2[1][0]}, {V2[1][1]} channels, {V2[1][2]} times, stride {V2[1][3]}, ReLU6",
    }


@checker(
    to_do="put the name of a network in place of each of the four `...`.",
    right="all four found: by the block, its activation, its kernel and its squeeze-and-excitation.",
)
def check_rows(answer: dict[str, str]) -> str | None:
    """`answer` maps A to D to names of networks."""
    hints = {
        "A": "which network is made of MBConv alone?",
        "B": "who widens to a number that is no multiple of the channels, with ReLU in the early rows?",
        "C": "whose early stages are fused?",
        "D": "which activation stops at 6, and has its block squeeze-and-excitation?",
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
