"""The checkers of notebook 08: each says what is wrong and where to look."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from blocks import MBConv
from blocks.networks._make_divisible import make_divisible
from course.kit.checks.checking import checker, close, described, miscounted, misnamed
from course.kit.checks.compare import IN_TRAINING, misbuilt, wake
from course.kit.checks.matching import fill
from course.kit.checks.running import build, called, tensor
from course.mbconv.mutants import MUTANTS

# By rule: which of the three widths it takes, and the share of it.
_RULES = {"EfficientNet": (0, 4), "MobileNetV3": (1, 4), "SE-ResNet": (2, 16)}


@checker(
    to_do="put the widths of EfficientNet and SE-ResNet in place of the two `...`.",
    right="a quarter of the input, a quarter of the expanded rounded to 8s, a sixteenth of the output.",
)
def check_widths(answer: Callable[[int, int, int], dict[str, int]]) -> str | None:
    """`answer(in_channels, expanded, out_channels)`: the reduced width by each network's rule."""
    names, given = ("in_channels", "expanded", "out_channels"), {}
    for widths in ((24, 144, 240), (11, 33, 24), (3, 18, 8)):
        setting = described(names, widths)
        given[widths] = got = called(answer, *widths, setting=setting)
        if not isinstance(got, dict) or set(got) != set(_RULES) or any(n is None for n in got.values()):
            listed = ", ".join(map(repr, _RULES))
            return f"{setting}: a dict with a number for each of {listed} is needed, got {got!r}."
    for rule in _RULES:
        wrong = miscounted(
            lambda *widths, rule=rule: given[widths][rule],
            (f"{rule}, {names[0]}", *names[1:]),  # read as "for SE-ResNet, in_channels=24"
            list(given),
            partial(_width, rule),
            partial(_known_widths, rule),
            otherwise="Which share does this network take, and of which of the three widths?",
        )
        if wrong:
            return wrong
    return None


def _width(rule: str, *widths: int) -> int:
    index, ratio = _RULES[rule]
    exact = widths[index] / ratio
    return make_divisible(exact) if rule == "MobileNetV3" else max(1, int(exact))


def _known_widths(rule: str, *widths: int) -> dict[str, int]:
    index, ratio = _RULES[rule]
    least = "Nothing passes through a layer of no channels. How many at least?"
    other = "That is the right share, but of {}. Of which width does this network take it?"
    return {
        "This network rounds to a multiple of 8." if rule == "MobileNetV3" else least: widths[index] // ratio,
        "That is rounded up; a number of channels is rounded down.": -(-widths[index] // ratio),
        other.format("the input"): widths[0] // ratio,
        other.format("the expanded width"): widths[1] // ratio,
        other.format("the output"): widths[2] // ratio,
    }


@checker(
    to_do="write the function: three convolutions without bias, three norms, and squeeze-and-excitation.",
    right="your formula and the module's own count agree for every setting tried.",
)
def check_parameters(answer: Callable[[int, int, int, int], int]) -> str | None:
    """`answer(in_channels, out_channels, kernel_size, expansion)`, expansion a whole number."""
    return miscounted(
        answer,
        ("in_channels", "out_channels", "kernel_size", "expansion"),
        ((19, 28, 3, 6), (24, 40, 5, 4), (32, 16, 3, 1), (2, 8, 3, 2)),
        lambda i, o, k, t: sum(_parts(i, o, k, t)),
        _known_counts,
        otherwise="Count part by part: expand, depthwise, squeeze-and-excitation, project.",
    )


def _parts(i: int, o: int, k: int, t: int) -> tuple[int, int, int, int]:
    """Parameters of the three convolutions, of the norms; weights and biases of squeeze-and-excitation."""
    wide, reduced = i * t, max(1, i // 4)
    convolutions = (i * wide if t > 1 else 0) + k * k * wide + wide * o
    norms = (4 if t > 1 else 2) * wide + 2 * o
    return convolutions, norms, 2 * wide * reduced, wide + reduced


def _known_counts(i: int, o: int, k: int, t: int) -> dict[str, int]:
    """What known mistakes give, by diagnosis."""
    wide, (convolutions, norms, layers, biases) = i * t, _parts(i, o, k, t)
    right = convolutions + norms + layers + biases
    return {
        "These are the weights of the convolutions alone: the norms have two numbers per channel, and"
        " two of the convolutions have a bias.": convolutions + layers,
        "The norms are missing: each has two numbers per channel.": right - norms,
        "A norm has two numbers for each channel, not one.": right - norms // 2,
        "The norm after the projection is missing.": right - 2 * o,
        "A norm on the expanded channels is missing: two convolutions give them.": right - 2 * wide,
        "The running mean and variance of a norm are not learned: they are no parameters.": right + norms,
        "The weights of the expanding convolution are missing.": right - i * wide * (t > 1),
        "The weights of the depthwise convolution are missing.": right - k * k * wide,
        "The weights of the last 1x1 are missing.": right - wide * o,
        "Squeeze-and-excitation has two convolutions.": right - layers // 2,
        "Squeeze-and-excitation is not in it.": convolutions + norms,
        "The two convolutions of squeeze-and-excitation have a bias.": right - biases,
        "No norm follows the two convolutions of squeeze-and-excitation: they have a bias.": right + biases,
        "A convolution before a norm has no bias.": right + norms // 2,
        "Your reduced width is a quarter of the expanded one.": convolutions
        + norms
        + 2 * wide * (wide // 4)
        + wide
        + wide // 4,
        "Nothing passes through a layer of no channels. How many at least?": convolutions + norms + wide,
        "Your {2}x{2} is a full convolution; the depthwise one has one filter per channel.": right
        + k * k * wide * (wide - 1),
        "A filter of {2}x{2} has more weights than that.": right - (k * k - k) * wide,
        "With a {2}x{2} kernel too you count 3x3.": right - (k * k - 9) * wide,
        "With expansion 1 there is no expanding convolution to count.": right + i * wide + 2 * wide,
    }


_BLOCK = ("in_channels", "out_channels", "stride", "expansion", "drop_probability")
_CALLS = 32
_DROP = 0.25  # not 0.5, at which to drop and to keep would be as likely


@checker(
    to_do="write the block: its parts in __init__, their order and the shortcut in forward.",
    right="parameters, outputs with the same weights, and what is left out in training are those of MBConv.",
)
def check_block(answer: Any) -> str | None:
    """A Module class, constructed as `answer(i, o, stride=..., expansion=..., drop_probability=...)`."""
    for i, o, stride, t in (
        (8, 8, 1, 6),
        (8, 8, 2, 6),
        (8, 12, 1, 6),
        (7, 7, 1, 4),
        (8, 8, 1, 1),
        (25, 81, 2, 1),  # as many numbers out as in
        (3, 3, 1, 2),
        (12, 8, 1, 1),
        (4, 8, 1, 2),
    ):
        if wrong := misbuilt(answer, MBConv, _BLOCK, ((i, o, stride, t, 0.0),)):
            return f"{wrong} At 0.0 nothing is left out." if wrong.endswith(IN_TRAINING) else wrong
        setting = described(_BLOCK, (i, o, stride, t, _DROP))
        built, plain = (
            build(answer, i, o, setting=setting, stride=stride, expansion=t, drop_probability=p)
            for p in (_DROP, 0.0)
        )
        if wrong := _left_out(built, plain, i, setting, shortcut=stride == 1 and i == o):
            return f"{setting}: {wrong}"
    return None


def _left_out(
    built: nn.Module, plain: nn.Module, channels: int, setting: str, *, shortcut: bool
) -> str | None:
    """What is wrong with what `built` leaves out; `plain` is the same block, and leaves out nothing."""
    x = torch.randn(8, channels, 6, 6, generator=torch.Generator().manual_seed(0))
    wake(built, x)
    wake(plain, x)
    fill(nn.ParameterList(built.parameters()))
    with torch.no_grad():
        for own, given in zip(plain.parameters(), built.parameters(), strict=True):
            own.copy_(given)

    def run(block: nn.Module, *, times: int = 1) -> Tensor:
        return tensor(lambda x: torch.stack([block(x) for _ in range(times)]), x, setting=setting)

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if not close(run(built.eval()), run(plain.eval())):
            return "in eval mode its output is not that without stochastic depth. When does it draw?"
        draws, whole = run(built.train(), times=_CALLS), run(plain.train())
    zero = (draws == 0).flatten(2).all(2).any()
    if not shortcut:
        if zero:
            return "in training samples come out as zeros: there is no shortcut that would carry them."
        same = close(draws, whole.expand_as(draws))
        return None if same else "in training its output is another: without a shortcut nothing is left out."
    if zero:
        return "in training samples come out as zeros: the shortcut is left out with the branch."
    return _drawn(draws, x, whole)


def _drawn(draws: Tensor, x: Tensor, whole: Tensor) -> str | None:
    """What is wrong with outputs in training, (draws, N, C, H, W); whole is x plus the whole branch."""
    if close(draws, whole.expand_as(draws)):
        return "in training nothing is left out."
    equal = (draws - x).abs() < 1e-6
    left = equal.flatten(2).all(2)
    if ((draws - whole + x).abs() < 1e-5).flatten(2).all(2).any():
        return "in training the shortcut of some samples is left out, not their branch."
    if left.all():
        return "in training the branch of every sample is left out."
    if (equal.flatten(2).double().mean(2)[~left] > 0.05).any():
        return "in training parts of a sample's branch are left out, not the whole branch of some samples."
    if left.any() and (left == left[0]).all():
        return "in training the same samples lose their branch in every call. When is it drawn?"
    if not left.any():
        return "in training no sample comes out as it came in. Is the branch left out as a whole?"
    if (left.all(1) | ~left.any(1)).all():
        return "in training all samples of a batch share one fate: each sample needs a draw of its own."
    share = left.double().mean().item()
    if abs(share - _DROP) > 0.125:  # of 256 samples, more than four standard deviations
        return (
            f"in training {share:.0%} of the samples lose their branch. drop_probability is {_DROP}: what"
            " is it the probability of?"
        )
    branch, due = (draws - x)[~left], (whole - x).expand_as(draws)[~left]
    if not close(branch, due / (1 - _DROP)):
        scale = branch.abs().sum() / due.abs().sum()
        return (
            f"in training what is kept is multiplied by {scale:.2f}; the mean over many steps should stay"
            " that of the branch."
        )
    return None


_HIDDEN = {
    "A": "dropout for stochastic depth",
    "B": "squeezed width from the expanded",
    "C": "SiLU after the addition",
}


def suspects() -> dict[str, nn.Module]:
    """Three wrong twins of MBConv(8, 8, drop_probability=0.5), each with one fault."""
    wrong = {mutant.name: mutant for mutant in MUTANTS if mutant.imitates is MBConv}
    return {letter: wrong[name].build(8, 8, drop_probability=0.5) for letter, name in _HIDDEN.items()}


@checker(
    to_do="put the name of a fault in place of each of the three `...`.",
    right="all three found: one by counting, one by its steps, and one in training mode only.",
)
def check_suspects(answer: dict[str, str]) -> str | None:
    """`answer` maps A, B and C to the names of their faults."""
    hints = {
        "A": "in eval mode it equals the right block. Where in training mode is `suspect(x)` equal to `x`?",
        "B": "compare its parameters with those of the right block: in which part are the others?",
        "C": "look at the last step in `graph(...)`, or at its smallest output.",
    }
    return misnamed(answer, _HIDDEN, hints)
