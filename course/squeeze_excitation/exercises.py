"""The checkers of notebook 07: each tries the answer out and says what its gates do, and where to look."""

import copy
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from blocks import SqueezeExcitation
from course.kit.checks.checking import checker, close, described, miscounted, misnamed
from course.kit.checks.compare import BY_CHANCE, difference, ran
from course.kit.checks.matching import fill, give, pairings
from course.kit.checks.running import Slip, build, tensor
from course.squeeze_excitation.mutants import MUTANTS

Pair = tuple[Tensor, Tensor]
_OVER = "over which dimensions is the mean?"


@checker(
    to_do="put the dimensions of the mean and the gate in place of the two `...`.",
    right="one gate per channel and sample, between 0 and 1, computed from the whole map.",
)
def check_forward(answer: Callable[[Tensor, Pair, Pair], Tensor]) -> str | None:
    """`answer(x, reduce, expand)`, each a pair of weight and bias as nn.Conv2d has them."""
    for samples, c, q, size in ((3, 6, 3, (5, 4)), (1, 4, 1, (7, 3))):
        setting = described(("channels", "reduced_to", "size"), (c, q, size))
        x = _random(samples, c, *size, seed=1)
        reduce, expand = (_random(q, c, 1, 1), _random(q)), (_random(c, q, 1, 1), _random(c))

        def run(x: Tensor, reduce: Pair = reduce, expand: Pair = expand, setting: str = setting) -> Tensor:
            try:
                return tensor(answer, x, reduce, expand, setting=setting)
            except Slip as slip:
                if re.search(r"to have \d+ channels, but got 1 ", str(slip.__cause__)):
                    raise Slip(f"{slip} And {_OVER}") from None
                raise

        if wrong := _gated(run, x, reduce, expand):
            return f"{setting}: {wrong}"
    return None


def _gated(run: Callable[[Tensor], Tensor], x: Tensor, reduce: Pair, expand: Pair) -> str | None:
    """What is wrong with what `run(x)` gives, told by the gates that it must have used."""
    y, mean, largest = run(x), x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
    right = x * _gates(mean, reduce, expand)
    if close(y, right):
        return None
    known = {
        "nothing happens: the output is the input.": x,
        "these are the gates alone. What are they for?": _gates(mean, reduce, expand).expand_as(x),
        "the gates are the right ones plus 1: is x added to the product? Nothing is added here.": x + right,
        "the product is activated. Nothing follows it here.": right.relu(),
        "the largest value of each channel is taken; it should be the mean.": x
        * _gates(largest, reduce, expand),
        "nothing comes between the two convolutions: what is missing?": x
        * _gates(mean, reduce, expand, act=torch.clone),
    }
    for words, wrong in known.items():
        if close(y, wrong):
            return words
    if not close(run(x), y):
        return "its output changes from call to call. What in it is drawn at random?"
    if y.shape != x.shape:
        return f"{tuple(x.shape)} becomes {tuple(y.shape)}; the shape must stay. What are the gates for?"
    if not close(torch.cat([run(x[i : i + 1]) for i in range(len(x))]), y):
        return "a sample's output changes with the others of the batch: the mean, or the gate, sees them all."
    if _constant(y - x):
        return "the gates are added to the channels; they should multiply them."
    if not _constant(y / x):
        return f"the places of one channel get different gates: {_OVER}"
    return _other_gates((y / x)[:, :, 0, 0])


def _other_gates(gates: Tensor) -> str:
    """What is wrong with gates of the right shape."""
    least, most = gates.min().item(), gates.max().item()
    if least < 0 or most > 1:
        return f"the gates go from {least:.1f} to {most:.1f}: what brings any number between 0 and 1?"
    if close(gates.sum(1), torch.ones(len(gates))):
        return "the gates of each sample sum to 1: channels should not compete, each has its own gate."
    return (
        "the gates are in place, but not the right ones: look at the mean, at what comes between the two"
        " convolutions, and at what makes the gates."
    )


def _gates(squeezed: Tensor, reduce: Pair, expand: Pair, act: Callable[[Tensor], Tensor] = F.relu) -> Tensor:
    return F.conv2d(act(F.conv2d(squeezed, *reduce)), *expand).sigmoid()


def _constant(x: Tensor) -> bool:
    """Whether every channel has one value for all places."""
    return close(x, x[:, :, :1, :1].expand_as(x))


def _random(*shape: int, seed: int = 0) -> Tensor:
    """Random numbers, the same in every call, none of them near zero."""
    x = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return x + 0.1 * x.sign()


@checker(
    to_do="write the function: two 1x1 convolutions with bias, no norm.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int], int]) -> str | None:
    """`answer(channels, reduction)`, both whole numbers."""
    return miscounted(
        answer,
        ("channels", "reduction"),
        ((96, 16), (60, 8), (8, 16)),
        lambda c, r: sum(p.numel() for p in SqueezeExcitation(c, reduction=r).parameters()),
        _miscounts,
        otherwise="Count weights and bias of the first convolution, then of the second.",
    )


def _miscounts(c: int, r: int) -> dict[str, float]:
    """What known mistakes give, by diagnosis."""
    q = max(1, c // r)
    up = -(-c // r)
    return {
        "These are the weights alone. No norm follows, so both convolutions have a bias.": 2 * c * q,
        "This is the first convolution. The second one leads back to all channels.": c * q + q,
        "The bias of the first convolution is missing.": 2 * c * q + c,
        "The bias of the second convolution is missing.": 2 * c * q + q,
        "Look at the first bias again: the first convolution does not give all channels.": 2 * c * q + 2 * c,
        "No norm follows: two numbers per channel are too many.": 2 * c * q + c + q + 2 * c,
        "{0} // {1} is 0, so nothing is left. How wide is it at least?": 2 * c * (c // r) + c + c // r,
        "Divide first, then multiply: the reduced width is a whole number.": 2 * c * c // r + c + c // r,
        "The reduced width is rounded down.": 2 * c * up + c + up,
    }


@checker(
    to_do="write the block: two 1x1 convolutions in __init__; squeeze, gate and product in forward.",
    right="its parameters, and its outputs with the same weights, equal those of blocks.SqueezeExcitation.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(channels, reduction=...)`. nn.Linear is as right as a 1x1."""
    for c, r, size in ((16, 4, (7, 5)), (30, 8, (4, 6)), (4, 16, (7, 5))):
        setting = described(("channels", "reduction", "size"), (c, r, size))
        built = build(answer, c, setting=setting, reduction=r)
        if wrong := _misbuilt(built, SqueezeExcitation(c, reduction=r), _random(2, c, *size, seed=1)):
            return f"{setting}: {wrong}"
    return None


def _misbuilt(built: nn.Module, reference: SqueezeExcitation, x: Tensor) -> str | None:
    """What is wrong with a learner's module: what its gates do, if they tell, else which step is another."""
    wrong = difference(built, reference, x.shape)
    if "_modules" not in vars(built):
        return wrong
    sizes, due = ([p.numel() for p in module.parameters()] for module in (built, reference))
    if 0 in sizes:
        return "the reduced width is 0: nothing gets through. How wide must it be at least?"
    if sum(due) - sum(sizes) in (due[1], due[3], due[1] + due[3]):
        return f"it has {sum(sizes)} parameters; expected {sum(due)}. No norm follows: keep both biases."
    twin = copy.deepcopy(built).eval()
    fill(nn.ParameterList(twin.parameters()))
    if not wrong or sorted(sizes) != sorted(due) or wrong == BY_CHANCE or "did not end" in wrong:
        return wrong
    fill(reference)
    rw, rb, ew, eb = (p.detach() for p in reference.parameters())
    with suppress(Slip, StopIteration):  # what does not run, or has other weights, has its words already
        give(twin, reference, next(pairings(twin, ran(twin, x), reference, ran(reference, x))))
        return _gated(lambda x: tensor(twin.__call__, x, setting=""), x, (rw, rb), (ew, eb)) or wrong
    return wrong


def suspects() -> dict[str, nn.Module]:
    """Three broken versions of SqueezeExcitation(8, reduction=2), by letter; the same in every call."""
    builds = {mutant.name: mutant.build for mutant in MUTANTS if mutant.imitates is SqueezeExcitation}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return {letter: builds[name](8, reduction=2).eval() for letter, name in _HIDDEN.items()}


_HIDDEN = {"A": "softmax gate", "B": "squeezed over the batch", "C": "gate added"}


@checker(
    to_do="put the name of its fault in place of each of the three `...`.",
    right="no shape and no count showed these three faults; an experiment of one line did.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer`: the letter of every suspect to the name of its fault."""
    claimed = answer if isinstance(answer, dict) else {}
    hints = {letter: _evidence(suspect, claimed.get(letter)) for letter, suspect in suspects().items()}
    return misnamed(answer, _HIDDEN, hints)


def _evidence(suspect: nn.Module, claimed: Any) -> str:
    """Why a suspect has not the claimed fault, by an experiment."""
    if claimed == "squeezed over the batch":
        return "suspect(x)[:1] equals suspect(x[:1]), so the other samples do not matter to it."
    if claimed == "gate added":
        return "at a place where x is 0 its output is 0, too; an added gate would show there."
    with torch.no_grad():
        total = suspect.channel_weights(_random(2, 8, 6, 6))[0].sum().item()  # type: ignore[operator]
    return f"the gates of a sample sum to {total:.2f}; after a softmax that would be 1."
