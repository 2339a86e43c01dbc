"""What an activation at the narrow end costs: points on a spiral, small networks on the digits, and the
official MobileNetV2 with its narrow ends bent."""

import copy
import functools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from blocks import InvertedResidual, LinearBottleneck
from blocks.networks import class_names, preprocess
from course.kit.training import data
from course.kit.training.experiments import compared
from course.kit.training.loop import one_thread
from course.kit.training.on_digits import of_one_width
from course.kit.training.on_photos import Answer, mobilenet_v2

SCOREBOARD = {  # ReLU as in the separable block, so that the last activation is all that differs
    "linear bottleneck": lambda i, o, stride: nn.Sequential(
        LinearBottleneck(i, o, stride=stride, act=nn.ReLU), LinearBottleneck(o, o, act=nn.ReLU)
    )
}

UNITS = 96
"""The most units that anything is sent into: MobileNetV2 expands 16 channels to as many."""
SLOPES = (1.0, 0.9, 0.8, 0.7, 0.6)
BENDS = (0.3, 0.1, 0.01)
"""What LeakyReLU multiplies the negative half with: with none of them anything is lost."""
ENDS = {
    "linear": None,
    "ReLU6": nn.ReLU6,
    "ReLU": nn.ReLU,
    **{f"LeakyReLU {slope:g}": functools.partial(nn.LeakyReLU, slope) for slope in BENDS},
}
WIDTHS = (2, 3, 4, 6, 8)
Setting = tuple[int, str, bool]
"""Width between the blocks, what stands at the narrow ends (one of ENDS), and whether there are shortcuts."""
SETTINGS: tuple[Setting, ...] = (
    *((width, end, True) for width in WIDTHS for end in ("linear", "ReLU6")),
    *((4, end, True) for end in tuple(ENDS)[2:]),
    *((4, end, False) for end in ENDS),
)


@dataclass(frozen=True, eq=False)
class Embedded:
    """Points of a spiral, sent into n dimensions, through an activation or not, and decoded.

    Attributes:
        points, decoded: (P, 2).
        on: how many of the n units are not zero, for each point, (P,).
        error: squared error of what was decoded, as a share of the points' variance.
    """

    points: Tensor
    decoded: Tensor
    on: Tensor
    error: float

    @property
    def lost(self) -> float:
        """The share of points with fewer than two units on: from their units nobody can tell them."""
        return (self.on < 2).float().mean().item()


def spiral(n: int, *, relu: bool, decoder: str, seed: int = 0, points: int = 400) -> Embedded:
    """A spiral in the plane times a random matrix (n, 2), ReLU or not, and back to the plane.

    Args:
        decoder: "pseudo-inverse" of the matrix, or "best linear", by least squares.

    Raises:
        ValueError: n is not 2 to UNITS, or there is no such decoder.
    """
    if not 2 <= n <= UNITS or decoder not in ("pseudo-inverse", "best linear"):
        raise ValueError(
            f"spiral: n must be 2 to {UNITS} and decoder pseudo-inverse or best linear, got {n}, {decoder!r}."
        )
    plane, matrix = _points(2, points), _matrix(n, 2, seed)
    high = plane @ matrix.T
    on = (high > 0).sum(1) if relu else torch.full((points,), n)
    high = high.clamp(min=0) if relu else high
    back = torch.linalg.pinv(matrix).T if decoder == "pseudo-inverse" else torch.linalg.pinv(high) @ plane
    decoded = high @ back
    error = ((decoded - plane) ** 2).sum() / ((plane - plane.mean(0)) ** 2).sum()
    return Embedded(plane, decoded, on, error.item())


def lost(content: int, matrices: int, points: int = 50) -> tuple[float, ...]:
    """What ReLU loses of `content` dimensions: the share of points with fewer than `content` units on.

    Counted in 1 to UNITS units, for the matrices of the seeds below `matrices`. In two dimensions the points
    are those of `spiral`, in others random.
    """
    all_at_once = torch.stack([_matrix(UNITS, content, seed) for seed in range(matrices)])
    on = (_points(content, points) @ all_at_once.mT > 0).cumsum(2, dtype=torch.int16)
    return tuple((on < content).double().mean((0, 1)).tolist())


def _points(content: int, points: int) -> Tensor:
    """Points on a spiral in the plane, or random ones in more dimensions, (points, content)."""
    if content != 2:
        return torch.randn(points, content, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    turn = torch.linspace(0.3, 1, points, dtype=torch.float64)
    angle = 6 * math.pi * turn
    return torch.stack((turn * angle.cos(), turn * angle.sin()), 1)


def _matrix(n: int, content: int, seed: int) -> Tensor:
    """Random, (n, content). The units of a smaller n are among those of a larger one."""
    generator = torch.Generator().manual_seed(10_000 + seed)  # not the numbers of the random points
    return torch.randn(UNITS, content, generator=generator, dtype=torch.float64)[:n]


def fewer_on(n: int, content: int) -> float:
    """The chance that fewer than `content` of n random units are on.

    Of all 2^n patterns of on and off, C(n, k) have k units on, and each k below `content` counts.
    """
    return sum(math.comb(n, k) for k in range(content)) / 2**n


def setting(width: int, end: str, shortcut: bool) -> str:
    """The setting's name in a Run: "width 4, ReLU6, no shortcut"."""
    return f"width {width}, {end}{'' if shortcut else ', no shortcut'}"


def network(width: int, end: str, shortcut: bool = True) -> nn.Module:
    """Four inverted residuals with expansion 6, at whose narrow ends stands one of ENDS.

    Images (N, 1, 8, 8) to scores (N, 10). A head of 64 channels, so that the classifier reads alike: see
    `of_one_width`.

    Raises:
        ValueError: there is no such end.
    """
    if end not in ENDS:
        raise ValueError(f"network: end must be one of {', '.join(ENDS)}, got {end!r}.")
    act = ENDS[end]
    blocks = [InvertedResidual(width, width, expansion=6) for _ in range(4)]
    for block in blocks:
        block.has_shortcut = shortcut
        if act is not None:
            block.project.act = act()
    return of_one_width(width, blocks, act=nn.ReLU6, head=64)


narrow_end = compared(network, SETTINGS, setting)
"""One run per setting: the same images in the same order for each."""


@dataclass(frozen=True)
class Bent:
    """What the official MobileNetV2 makes of a photograph at each of SLOPES.

    Attributes:
        found: the class that the network finds as it was trained.
        likely: how likely that class is at each slope, 0 to 1.
        answers: the likeliest class at each slope.
    """

    found: str
    likely: tuple[float, ...]
    answers: tuple[Answer, ...]


@functools.cache
def slope_answers(photograph: str) -> Bent:
    """The official MobileNetV2 asked at each of SLOPES; kept.

    At a slope, what is negative at every narrow end is multiplied by it. The first of SLOPES is 1: the
    network as it was trained, which says what is found.

    Raises:
        OSError, ValueError: as `blocks.networks.load_official`, or there is no such photograph.
    """
    picture = preprocess(data.photograph(photograph))
    bent = copy.deepcopy(mobilenet_v2())
    ends = [block.project for block in bent.modules() if isinstance(block, InvertedResidual)]
    likely = []
    with torch.no_grad(), one_thread():
        for slope in SLOPES:
            for end in ends:
                end.act = nn.LeakyReLU(slope)
            likely.append(bent(picture).softmax(1)[0])
    names, found = class_names(), int(likely[0].argmax())
    answers = tuple(Answer(names[int(one.argmax())], one.max().item()) for one in likely)
    return Bent(names[found], tuple(one[found].item() for one in likely), answers)
