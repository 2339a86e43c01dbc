"""The checkers of notebook 07: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import SqueezeExcitation
from blocks.exercises.mutants import MUTANTS
from blocks.exercises.squeeze_excitation import (
    check_block,
    check_forward,
    check_parameters,
    check_suspects,
    suspects,
)
from tests.checkers import Check

CHECKS = [check_forward, check_parameters, check_block, check_suspects]
NAMES = {"A": "softmax gate", "B": "squeezed over the batch", "C": "gate added"}


def forward(
    *,
    over: tuple[int, ...] = (2, 3),
    act: Callable[[Tensor], Tensor] = F.relu,
    gate: Callable[[Tensor], Tensor] = torch.sigmoid,
    join: Callable[[Tensor, Tensor], Tensor] = torch.mul,
    pool: Callable[..., Tensor] = torch.mean,
) -> Callable[..., Tensor]:
    """The block as a function, with one fault to choose."""

    def answer(x: Tensor, reduce: Any, expand: Any) -> Tensor:
        squeezed = pool(x, over, keepdim=True)
        return join(x, gate(F.conv2d(act(F.conv2d(squeezed, *reduce)), *expand)))

    return answer


def channels_squeezed(x: Tensor, *_: Any) -> Tensor:
    return x * x.mean(1, keepdim=True).sigmoid()


class Linear(nn.Module):
    """Right, in the way in which most public code writes it."""

    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__()
        squeezed = max(1, channels // reduction)
        self.layers = nn.Sequential(
            nn.Linear(channels, squeezed), nn.ReLU(), nn.Linear(squeezed, channels), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.layers(x.mean((2, 3)))[:, :, None, None]


class TooNarrow(SqueezeExcitation):
    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__(channels, reduction=reduction)
        self.reduce = nn.Conv2d(channels, channels // reduction, 1)
        self.expand = nn.Conv2d(channels // reduction, channels, 1)


class WrongOrder(SqueezeExcitation):
    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__(channels, reduction=reduction)
        reduce, expand = self.reduce, self.expand
        del self.reduce, self.expand
        self.expand, self.reduce = expand, reduce


class InPlace(SqueezeExcitation):
    def forward(self, x: Tensor) -> Tensor:
        x *= self.channel_weights(x)
        return x


class OnlyWeights(SqueezeExcitation):
    def forward(self, x: Tensor) -> Tensor:
        return self.channel_weights(x)


class Places(SqueezeExcitation):
    def channel_weights(self, x: Tensor) -> Tensor:
        return self.gate(self.expand(self.act(self.reduce(x))))


class Biggest(SqueezeExcitation):
    def channel_weights(self, x: Tensor) -> Tensor:
        return self.gate(self.expand(self.act(self.reduce(x.amax((2, 3), keepdim=True)))))


class Normed(SqueezeExcitation):
    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__(channels, reduction=reduction)
        self.reduce = nn.Sequential(self.reduce, nn.BatchNorm2d(max(1, channels // reduction)))  # type: ignore[assignment]


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.concept == "squeeze_excitation" and m.name == name)


def width(channels: int, reduction: int) -> int:
    return max(1, channels // reduction)


CASES: list[tuple[Check, Any, str]] = [
    (check_forward, forward(), r"Right: one weight per channel and sample"),
    (check_forward, forward(over=(0, 2, 3)), r"Not yet: .* with the others of the batch: over which dim"),
    (check_forward, forward(over=(2,)), r"Not yet: .* places of one channel get different weights: over"),
    (check_forward, forward(over=(1,)), r"Not yet: with 6 channels torch says: "),
    (check_forward, channels_squeezed, r"Not yet: .* places of one channel get different weights: over"),
    (check_forward, forward(gate=lambda y: y), r"Not yet: .* weights go from -\d+\.\d to \d+\.\d: what"),
    (check_forward, forward(gate=torch.tanh), r"Not yet: .* weights go from -\d\.\d to \d\.\d: what"),
    (
        check_forward,
        forward(gate=partial(torch.softmax, dim=1)),
        r"Not yet: .* sum to 1: channels should not",
    ),
    (check_forward, forward(gate=F.hardsigmoid), r"Not yet: .* in place, but not the right ones: .* gate\.$"),
    (check_forward, forward(act=F.silu), r"Not yet: .* in place, but not the right ones: it is the mean"),
    (
        check_forward,
        forward(pool=torch.amax),
        r"Not yet: .* in place, but not the right ones: it is the mean",
    ),
    (check_forward, forward(join=torch.add), r"Not yet: .* the weights are added to the channels"),
    (check_forward, forward(join=lambda _, w: w), r"Not yet: .*\(3, 6, 5, 4\) becomes \(3, 6, 1, 1\); the"),
    (
        check_forward,
        forward(join=lambda x, w: x.mul_(w)),
        r"Not yet: .* changed in place\. Is there a \*=\?$",
    ),
    (check_forward, lambda x, *_: x, r"Not yet: with 6 channels nothing happens"),
    (check_forward, lambda *_: 7, r"Not yet: .* becomes a int; the shape"),
    (check_parameters, lambda c, r: 2 * c * width(c, r) + c + width(c, r), r"Right: your formula"),
    (check_parameters, lambda c, r: 2 * c * width(c, r), r"Not yet: for 256 .* these are the weights alone"),
    (check_parameters, lambda c, r: (c + 1) * width(c, r), r"Not yet: .* this is the first convolution"),
    (check_parameters, lambda c, r: 2 * c * width(c, r) + 2 * c, r"Not yet: .* count the first bias again"),
    (
        check_parameters,
        lambda c, r: 2 * c * (c // r) + c + c // r,
        r"Not yet: for 8 channels and reduction 16 you get 8: 8 // 16 is 0",
    ),
    (
        check_parameters,
        lambda c, r: 2 * c * c // r + c + c // r,
        r"Not yet: for 24 channels and reduction 16 you get 97: divide first",
    ),
    (
        check_parameters,
        lambda c, r: 2 * c * c / r + c + c / r,
        r"Not yet: for 24 channels and reduction 16 you get 97\.5: .* // instead of /\.$",
    ),
    (check_parameters, lambda *_: 256, r"Not yet: for 256 .* Count weights and bias of c to q"),
    (check_parameters, lambda *_: [256], r"Not yet: .* you get \[256\]; a number is needed\.$"),
    (check_block, SqueezeExcitation, r"Right: parameters and, with the same weights"),
    (check_block, Linear, r"Right: parameters and, with the same weights"),
    (check_block, TooNarrow, r"Not yet: with 4 channels and reduction 16 the squeezed width is 0: nothing"),
    (
        check_block,
        WrongOrder,
        r"Not yet: .* stand in the other order in __init__: first the one that reduces",
    ),
    (check_block, InPlace, r"Not yet: .* changed in place"),
    (check_block, OnlyWeights, r"Not yet: .* becomes \(2, 16, 1, 1\); the shape must stay\. What are the"),
    (check_block, Places, r"Not yet: .* places of one channel get different weights: over which"),
    (check_block, Biggest, r"Not yet: .* the largest value of each channel is squeezed; it should be"),
    (check_block, Normed, r"Not yet: .* step 3 of its forward, a norm \(BatchNorm2d\), stands where an act"),
    (
        check_block,
        mutant("SiLU for ReLU"),
        r"Not yet: .* step 3 of its forward, an activation \(SiLU\), stands",
    ),
    (check_block, mutant("squeezed over the batch"), r"Not yet: .* with the others of the batch: over which"),
    (check_block, mutant("softmax gate"), r"Not yet: .* sum to 1: channels should not compete"),
    (check_block, mutant("gate added"), r"Not yet: .* the weights are added to the channels"),
    (
        check_block,
        mutant("biases left out"),
        r"Not yet: .* 128 parameters, expected 148\. .* keep both biases",
    ),
    (
        check_block,
        lambda c, reduction: SqueezeExcitation(c, reduction=2 * reduction),
        r"Not yet: .* step 2 of its forward, a 1x1 convolution \(1x1\), gives the shape \(2, 2, 1, 1\)",
    ),
    (check_block, lambda *_, **__: nn.Identity(), r"Not yet: .* nothing happens"),
    (check_block, lambda *_, **__: "a block", r"Not yet: .* a Module is needed, got str"),
    (check_suspects, NAMES, r"Right: no shape and no count"),
    (
        check_suspects,
        {**NAMES, "A": "squeezed over the batch"},
        r"Not yet: A is another: suspect\(x\)\[:1\] equals",
    ),
    (check_suspects, {**NAMES, "B": "gate added"}, r"Not yet: B is another: at a place where x is 0"),
    (check_suspects, {**NAMES, "C": "softmax gate"}, r"Not yet: C is another: .* sum to [2-6]\.\d\d; behind"),
    (check_suspects, {**NAMES, "C": "groups lost"}, r"Not yet: C must have one of the names .*, got 'groups"),
    (check_suspects, {"A": "softmax gate"}, r"Not yet: a dict with the keys 'A', 'B', 'C' is needed"),
]


def test_suspects_are_three_wrong_blocks_which_no_count_tells_apart() -> None:
    assert list(suspects()) == ["A", "B", "C"]
    right = sum(p.numel() for p in SqueezeExcitation(8, reduction=2).parameters())
    assert {sum(p.numel() for p in suspect.parameters()) for suspect in suspects().values()} == {right}
    x = torch.ones(2, 8, 6, 6)
    assert all(suspect(x).shape == x.shape for suspect in suspects().values())


@pytest.mark.parametrize("letter", "ABC")
def test_suspects_are_the_same_in_every_call(letter: str) -> None:
    x = torch.ones(2, 8, 6, 6)
    before = torch.get_rng_state()
    assert torch.equal(suspects()[letter](x), suspects()[letter](x))
    assert torch.equal(torch.get_rng_state(), before)
