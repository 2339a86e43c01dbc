"""The checkers of notebook 07: each tries the answer out and says what its weights do, and where to look."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import SqueezeExcitation
from blocks.exercises.checking import checker
from blocks.exercises.compare import difference
from blocks.exercises.mutants import MUTANTS

Pair = tuple[Tensor, Tensor]
_SUSPECTS = {"A": "softmax gate", "B": "squeezed over the batch", "C": "gate added"}


@checker(
    to_do="put the dimensions of the mean and the gate in place of the two `...`.",
    right="one weight per channel and sample, between 0 and 1, computed from the whole map.",
)
def check_forward(answer: Callable[[Tensor, Pair, Pair], Tensor]) -> str | None:
    """`answer(x, reduce, expand)`, each a pair of weight and bias as nn.Conv2d has them."""
    for channels, squeezed in ((6, 3), (4, 1)):
        shapes = ((squeezed, channels, 1, 1), (squeezed,), (channels, squeezed, 1, 1), (channels,))
        rw, rb, ew, eb = (_random(*shape) for shape in shapes)
        x = _random(3, channels, 5, 4, seed=1)

        def called(x: Tensor, reduce: Pair = (rw, rb), expand: Pair = (ew, eb)) -> Tensor:
            return answer(x, reduce, expand)

        if wrong := _outputs(called, x):
            return f"with {channels} channels {wrong}"
        hidden = F.conv2d(x.mean((2, 3), keepdim=True), rw, rb)
        weights = F.conv2d(F.relu(hidden), ew, eb).sigmoid()
        if not torch.allclose(called(x), x * weights):
            return (
                f"with {channels} channels the weights are in place, but not the right ones: it is the mean"
                " that is squeezed, ReLU that follows it, and a sigmoid that is the gate."
            )
    return None


@checker(
    to_do="write the function: two 1x1 convolutions with bias, no norm.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int], int]) -> str | None:
    """`answer(channels, reduction)`, both whole numbers."""
    for c, r in ((256, 16), (64, 4), (2048, 16), (24, 16), (8, 16)):
        got, q = answer(c, r), max(1, c // r)
        right = sum(p.numel() for p in SqueezeExcitation(c, reduction=r).parameters())
        setting = f"for {c} channels and reduction {r} you get {got!r}"
        if isinstance(got, bool) or not isinstance(got, int | float):
            return f"{setting}; a number is needed."
        if got == right:
            continue
        if c < r and got == c:
            return f"{setting}: {c} // {r} is 0, so nothing is left to squeeze into. How wide is it at least?"
        known = {
            2 * c * q: "these are the weights alone. No norm follows, so both convolutions have a bias.",
            c * q + q: "this is the first convolution. The second one leads back to all channels.",
            2 * c * q + 2 * c: "count the first bias again: it has one number per *squeezed* channel.",
            2 * c * c // r + c + c // r: "divide first, then multiply: the squeezed width is a whole number.",
            2 * c * c / r + c + c / r: "the squeezed width is a whole number, at least 1: // instead of /.",
        }
        hint = "Count weights and bias of c to q, then of q to c, with q = max(1, c // r)."
        return f"{setting}: {known.get(got, hint)}"
    return None


@checker(
    to_do="write the block: two 1x1 convolutions in __init__; squeeze, gate and product in forward.",
    right="parameters and, with the same weights, outputs equal those of blocks.SqueezeExcitation.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(channels, reduction=...)`. nn.Linear is as right as a 1x1."""
    for channels, reduction in ((16, 4), (32, 16), (4, 16)):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Initializing zero-element tensors")
            built = answer(channels, reduction=reduction)
        reference = SqueezeExcitation(channels, reduction=reduction)
        if wrong := _block(built, reference, channels):
            return f"with {channels} channels and reduction {reduction} {wrong}"
    return None


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of SqueezeExcitation(8, reduction=2), by letter; the same in every call."""
    builds = {mutant.name: mutant.build for mutant in MUTANTS if mutant.imitates is SqueezeExcitation}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return {letter: builds[name](8, reduction=2).eval() for letter, name in _SUSPECTS.items()}


@checker(
    to_do="put the name of its fault in place of each of the three `...`.",
    right="no shape and no count showed these three faults; an experiment of one line did.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer`: the letter of every suspect to the name of its fault."""
    if not isinstance(answer, dict) or set(answer) != set(_SUSPECTS):
        return f"a dict with the keys {', '.join(map(repr, _SUSPECTS))} is needed, got {answer!r}."
    for letter, name in answer.items():
        if name not in _SUSPECTS.values():
            names = ", ".join(map(repr, sorted(_SUSPECTS.values())))
            return f"{letter} must have one of the names {names}, got {name!r}."
        if name != _SUSPECTS[letter]:
            return f"{letter} is another: {_evidence(suspects()[letter], name)}"
    return None


def _evidence(suspect: nn.Module, claimed: str) -> str:
    """Why a suspect has not the claimed fault, by an experiment."""
    x = _random(2, 8, 6, 6)
    with torch.no_grad():
        if claimed == "squeezed over the batch":
            return "suspect(x)[:1] equals suspect(x[:1]), so the other samples do not matter to it."
        if claimed == "gate added":
            return "at a place where x is 0 its output is 0, too; an added weight would show there."
        total = suspect.double().channel_weights(x)[0].sum().item()  # type: ignore[operator]
    return f"the weights of a sample sum to {total:.2f}; behind a softmax that would be 1."


def _block(built: Any, reference: SqueezeExcitation, channels: int) -> str | None:
    """What is wrong with a learner's module, most telling first; None if it does what the reference does."""
    if not isinstance(built, nn.Module):
        return f"a Module is needed, got {type(built).__name__}. Does your class derive from nn.Module?"
    sizes, right = ([p.numel() for p in module.parameters()] for module in (built, reference))
    if 0 in sizes:
        return "the squeezed width is 0: nothing gets through. How wide must it be at least?"
    if sizes[::-1] == right[1::-1] + right[:1:-1]:
        return "the convolutions stand in the other order in __init__: first the one that reduces."
    mine, twin = copy.deepcopy(built).double().eval(), copy.deepcopy(reference).double().eval()
    if sizes == right:
        _same_weights(mine, twin)
    x = _random(2, channels, 7, 5, seed=1)
    if wrong := _outputs(mine, x):
        return wrong
    with torch.no_grad():
        if sizes == right and torch.allclose(mine(x), twin(x)):
            return None
        if sizes == right and torch.allclose(mine(x) / x, twin.channel_weights(x.amax((2, 3), True))):
            return "the largest value of each channel is squeezed; it should be the mean."
    if sum(right) - sum(sizes) in (right[1], right[3], right[1] + right[3]):
        return f"it has {sum(sizes)} parameters, expected {sum(right)}. No norm follows: keep both biases."
    return difference(built, reference, tuple(x.shape)) or "the output is another with the same weights."


def _same_weights(built: nn.Module, reference: nn.Module) -> None:
    """Give both the same random weights, by position; a Linear's are a 1x1 convolution's, reshaped."""
    with torch.no_grad():
        for own, given in zip(built.parameters(), reference.parameters(), strict=True):
            given.copy_(_random(*given.shape))
            own.copy_(given.reshape(own.shape))


def _outputs(module: Callable[[Tensor], Tensor], x: Tensor) -> str | None:
    """What no squeeze-and-excitation does, found by trying it on `x`, which has no zeros."""
    kept = x.clone()
    with torch.no_grad():
        try:
            y, alone = module(x), module(x[:1])
        except RuntimeError as error:
            return f"torch says: {error}"
    if not isinstance(y, Tensor) or y.shape != x.shape:
        got = tuple(y.shape) if isinstance(y, Tensor) else f"a {type(y).__name__}"
        return f"{tuple(x.shape)} becomes {got}; the shape must stay. What are the weights for?"
    if not torch.equal(x, kept):
        return "the caller's tensor is changed in place. Is there a *=?"
    if not torch.allclose(alone, y[:1]):
        return "a sample's output changes with the others of the batch: over which dimensions is the mean?"
    if torch.equal(y, x):
        return "nothing happens: the output is the input."
    if not _constant(y / x) and _constant(y - x):
        return "the weights are added to the channels; they should multiply them."
    return _weights(y / x)


def _weights(weights: Tensor) -> str | None:
    """What the weights of no squeeze-and-excitation are."""
    if not _constant(weights):
        return "the places of one channel get different weights: over which dimensions is the mean?"
    least, most = weights.min().item(), weights.max().item()
    if least < 0 or most > 1:
        return f"the weights go from {least:.1f} to {most:.1f}: what brings any number between 0 and 1?"
    sums = weights[:, :, 0, 0].sum(1)
    if torch.allclose(sums, torch.ones_like(sums)):
        return "the weights of each sample sum to 1: channels should not compete, each has its own gate."
    return None


def _constant(x: Tensor) -> bool:
    """Whether every channel has one value for all places."""
    return torch.allclose(x, x[:, :, :1, :1].expand_as(x))


def _random(*shape: int, seed: int = 0) -> Tensor:
    """Random numbers, the same in every call, none of them near zero."""
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return x + 0.1 * x.sign()
