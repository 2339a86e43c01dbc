"""The checkers of notebook 08: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from blocks import MBConv, SqueezeExcitation
from blocks.exercises.compare import difference
from blocks.exercises.mbconv import check_block, check_parameters, check_suspects, check_widths, suspects
from blocks.exercises.mutants import MUTANTS
from blocks.networks.make_divisible import make_divisible
from tests.checkers import Check


def widths(i: int, h: int, o: int, **wrong: Any) -> dict[str, Any]:
    right = {
        "EfficientNet": max(1, i // 4),
        "MobileNetV3": make_divisible(h / 4),
        "SE-ResNet": max(1, o // 16),
    }
    return {**right, **{rule.replace("_", "-"): width for rule, width in wrong.items()}}


def count(i: int, o: int, k: int, t: int, fault: str = "") -> int:
    """The formula with one fault to choose."""
    h, q = i * t, max(1, i // 4)
    if fault == "from the expanded":
        q = h // 4
    norms = 0 if fault == "weights" else 1
    biases = 0 if fault in ("weights", "no biases") else h + q
    expand = i * h + 2 * h * norms if t > 1 or fault == "always expands" else 0
    depthwise = k * k * h * (h if fault == "dense" else 1) + 2 * h * norms
    excite = 0 if fault == "no excitation" else 2 * h * q + biases
    return expand + depthwise + excite + h * o + 2 * o * norms


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "mbconv" and m.name == name)


class Depth(nn.Module):
    """Stochastic depth with one fault to choose."""

    def __init__(self, p: float, fault: str) -> None:
        super().__init__()
        self.p, self.fault = p, fault

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.fault == "never":
            return x
        if self.fault == "always":
            return 0 * x
        kept = torch.rand(len(x), 1, 1, 1) >= self.p
        return x * kept if self.fault == "not scaled" else x * kept / (1 - self.p)


def with_depth(fault: str) -> Callable[..., nn.Module]:
    def build(i: int, o: int, *, drop_probability: float, **settings: Any) -> nn.Module:
        block = MBConv(i, o, **settings)
        block.stochastic_depth = Depth(drop_probability, fault)  # type: ignore[assignment]
        return block

    return build


class DropsEverything(MBConv):
    """Leaves out the shortcut with the branch."""

    def forward(self, x: Tensor) -> Tensor:
        depth, self.stochastic_depth = self.stochastic_depth, nn.Identity()  # type: ignore[assignment]
        y = super().forward(x)
        self.stochastic_depth = depth
        return depth(y) if self.has_shortcut else y


class DropsWithoutShortcut(MBConv):
    """Leaves out the branch where nothing else carries the picture."""

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        return y if self.has_shortcut else self.stochastic_depth(y)


def excited_by(excite: Callable[[int], nn.Module]) -> Callable[..., nn.Module]:
    return partial(MBConv, squeeze_excitation=excite)


FAULTS = {
    "A": "dropout for stochastic depth",
    "B": "squeezed width from the expanded",
    "C": "SiLU after the addition",
}
CASES: list[tuple[Check, Any, str]] = [
    (check_widths, widths, r"Right: a quarter of the input"),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, EfficientNet=h // 4),
        r"Not yet: EfficientNet, for 24 channels in.* get 36, the right share, but of the expanded width",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, EfficientNet=o // 4),
        r"Not yet: EfficientNet.* of the output\. Of which width",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, SE_ResNet=h // 16),
        r"Not yet: SE-ResNet.* you get 9, the right share, but of the expanded width\.",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, SE_ResNet=max(1, i // 16)),
        r"Not yet: SE-ResNet.* but of the input\.",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, SE_ResNet=o // 4),
        r"Not yet: SE-ResNet.* you get 10\. Which share",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, EfficientNet=i // 4),
        r"Not yet: EfficientNet, for 3 channels in.* you get 0, and nothing passes",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, EfficientNet=i / 4),
        r"Not yet: .* you get 6\.0; a number of channels is whole",
    ),
    (
        check_widths,
        lambda i, h, o: widths(i, h, o, MobileNetV3=h // 4),
        r"Not yet: MobileNetV3.* you get 36; this network rounds to a multiple of 8\.",
    ),
    (check_widths, lambda *_: {"EfficientNet": 6}, r"Not yet: a dict with the keys 'EfficientNet', 'Mob"),
    (check_parameters, count, r"Right: your formula"),
    (check_parameters, partial(count, fault="weights"), r"Not yet: .*convolutions alone: the norms"),
    (check_parameters, partial(count, fault="no biases"), r"Not yet: .*they have a bias\.$"),
    (check_parameters, partial(count, fault="no excitation"), r"Not yet: .*is not in it\.$"),
    (check_parameters, partial(count, fault="from the expanded"), r"Not yet: .*19380\. Your squeezed width"),
    (check_parameters, partial(count, fault="dense"), r"Not yet: .*Your 3x3 is a full convolution"),
    (check_parameters, partial(count, fault="always expands"), r"Not yet: for in_channels=32.* With expans"),
    (check_parameters, lambda *_: 1, r"Not yet: .* Count part by part"),
    (check_parameters, lambda *_: 10710.0, r"Not yet: .* a whole number is needed\.$"),
    (check_block, MBConv, r"Right: steps, parameters, outputs"),
    (check_block, with_depth("another draw"), r"Right: "),
    (check_block, mutant("groups lost"), r"Not yet: .*48\.0 times too many weights.*did you pass groups"),
    (check_block, mutant("activation after the projection"), r"Not yet: .*where an addition belongs"),
    (check_block, mutant("squeeze-and-excitation dropped"), r"Not yet: .*where a mean over height"),
    (
        check_block,
        mutant("squeezed width from the expanded"),
        r"Not yet: .*\(1, 12, 1, 1\); expected \(1, 2,",
    ),
    (check_block, mutant("squeeze-and-excitation too early"), r"Not yet: .*where a depthwise convolution"),
    (check_block, mutant("SiLU after the addition"), r"Not yet: .*after an addition it should end"),
    (check_block, mutant("ReLU for SiLU"), r"Not yet: .*an activation \(ReLU\), stands where an activation"),
    (check_block, mutant("adds in place"), r"Not yet: .*changes its input in place"),
    (check_block, mutant("shortcut dropped"), r"Not yet: .*an addition is missing"),
    (check_block, mutant("bias before the norm"), r"Not yet: .*Is there a bias before a norm"),
    (
        check_block,
        mutant("dropout for stochastic depth"),
        r"Not yet: .*single values are left out, not whole",
    ),
    (check_block, with_depth("never"), r"Not yet: .* drop probability 0\.5, nothing is left out\.$"),
    (check_block, with_depth("always"), r"Not yet: .*the branch of every picture is left out\.$"),
    (check_block, with_depth("not scaled"), r"Not yet: .*what is kept is multiplied by 1\.00"),
    (check_block, DropsEverything, r"Not yet: .*the shortcut is left out with"),
    (check_block, DropsWithoutShortcut, r"Not yet: .*stride 2.*there is no shortcut that would carry them"),
    (
        check_block,
        excited_by(partial(SqueezeExcitation, squeezed_channels=2)),
        r"Not yet: .*an activation \(ReLU\), stands where an activation \(SiLU\)",
    ),
    (check_block, lambda *_, **__: "a block", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, FAULTS, r"Right: all three"),
    (check_suspects, {**FAULTS, "A": "groups lost"}, r"Not yet: A is not 'groups lost': in eval mode it"),
    (check_suspects, {**FAULTS, "B": FAULTS["C"]}, r"Not yet: B is not .*: compare its parameters"),
    (check_suspects, {**FAULTS, "C": FAULTS["A"]}, r"Not yet: C is not .*: look at the last step"),
    (check_suspects, ["groups lost"], r"Not yet: a dict such as .* got list\.$"),
]
CHECKS = [check_widths, check_parameters, check_block, check_suspects]


def test_two_suspects_differ_in_eval_mode_and_the_third_in_training_only() -> None:
    found = {letter: difference(block, MBConv(8, 8), (1, 8, 9, 9)) for letter, block in suspects().items()}
    assert [letter for letter, clue in found.items() if clue and "in training" in clue] == ["A"]
