"""What a depthwise separable convolution gives up: against a full one, and as a full one cut down."""

import copy
import functools
from collections.abc import Callable
from importlib import resources

import torch
from torch import Tensor, nn

from blocks import ConvNormAct, DepthwiseSeparable
from course.kit.training import data, loop
from course.kit.training.experiments import Experiment, compared, parameters, run
from course.kit.training.loop import Progress
from course.kit.training.on_digits import chosen, of_one_width
from course.kit.training.runs import Run

SCOREBOARD = {  # two of them, for one alone is a single layer of full depth
    "depthwise separable": lambda i, o, stride: nn.Sequential(
        DepthwiseSeparable(i, o, stride=stride), DepthwiseSeparable(o, o)
    )
}

_full = functools.partial(ConvNormAct, act=nn.ReLU)
# setting -> (block, width). The full networks of width 7 and 8 have 1,977 and 2,546 parameters: the separable
# one of width 16, with 2,202, lies between them.
SETTINGS: dict[str, tuple[Callable[[int, int], nn.Module], int]] = {
    "full, width 16": (_full, 16),
    "separable, width 16": (DepthwiseSeparable, 16),
    "full, width 7": (_full, 7),
    "full, width 8": (_full, 8),
}


def network(setting: str) -> nn.Module:
    """Four blocks of one width: images (N, 1, 8, 8) to scores (N, 10). See `of_one_width`.

    Raises:
        ValueError: `setting` is none of SETTINGS.
    """
    block, width = chosen("depthwise_separable", SETTINGS, setting)
    return of_one_width(width, (block(width, width) for _ in range(4)))


comparison = compared(network, SETTINGS)
"""One run per SETTINGS: separable against full at the same width, and at about the same parameters."""


def cut(conv: nn.Conv2d, filters: int) -> nn.Sequential:
    """A full convolution as `filters` depthwise filters per input channel, then 1x1: the nearest there is.

    For each input channel the kernels of all outputs are a matrix, out_channels x k*k; its singular
    value decomposition, cut after `filters` terms, is the nearest of that rank (Eckart and Young 1936).
    With k*k filters nothing is lost.

    Raises:
        ValueError: `conv` is grouped, has a bias or does not keep the size, or filters is not 1 to k*k.
    """
    own, mixing = factors(conv, filters)
    out, i, _ = mixing.shape
    k = conv.kernel_size[0]
    # Built without numbers: else random ones would be drawn, beside a training too, only to be overwritten.
    depthwise = nn.Conv2d(i, i * filters, k, conv.stride[0], k // 2, groups=i, bias=False, device="meta")
    pointwise = nn.Conv2d(i * filters, out, 1, bias=False, device="meta")
    cut_in_two = nn.Sequential(depthwise, pointwise).to_empty(device=conv.weight.device)
    with torch.no_grad():
        depthwise.weight.view(i, filters, k * k).copy_(own)
        pointwise.weight.view(out, i, filters).copy_(mixing)
    return cut_in_two


def factors(conv: nn.Conv2d, filters: int) -> tuple[Tensor, Tensor]:
    """The weights of `cut`: depthwise ones (in, filters, k*k), the largest share first; (out, in, filters).

    Raises:
        ValueError: as for `cut`.
    """
    out, i, k, _ = conv.weight.shape
    if conv.groups != 1 or conv.bias is not None or conv.padding != (k // 2, k // 2):
        raise ValueError(f"cut: conv must be full, without bias, padded to keep the size, got {conv!r}.")
    if not 1 <= filters <= k * k:
        raise ValueError(
            f"cut: filters must be 1 to {k * k}, got {filters}. A {k}x{k} kernel has rank {k * k} at most."
        )
    left, values, right = torch.linalg.svd(
        conv.weight.detach().transpose(0, 1).reshape(i, out, k * k), full_matrices=False
    )
    kept = min(filters, values.shape[1])  # with fewer outputs than k*k the rank is lower: the rest stays zero
    own, mixing = right.new_zeros(i, filters, k * k), left.new_zeros(out, i, filters)
    own[:, :kept] = right[:, :kept]
    mixing[:, :, :kept] = (left * values[:, None]).permute(1, 0, 2)[:, :, :kept]
    return own, mixing


def cut_network(trained: nn.Module, filters: int) -> nn.Module:
    """A copy of a trained network in which every full convolution but the stem's is cut to `filters`."""
    copied = copy.deepcopy(trained)
    for module in list(copied.modules())[1:]:
        if isinstance(module, ConvNormAct) and module.conv.in_channels > 1:
            module.add_module("conv", cut(module.conv, filters))
    return copied


def _rank_dial(
    name: str, seed: int, *, train: int, epochs: int, progress: Progress | None
) -> tuple[Run, ...]:
    build = functools.partial(network, "full, width 16")
    row, full = run(name, build, seed, train=train, epochs=epochs, progress=progress)
    split = data.split(seed, train)
    rows = [row]
    for filters in range(1, 10):
        reduced = cut_network(full, filters)
        learned = loop.accuracy(reduced, split.train_images, split.train_labels)
        right = loop.accuracy(reduced, split.test_images, split.test_labels)
        rows.append(Run(f"k={filters}", seed, right, parameters(reduced), learned, row.weights))
    return tuple(rows)


rank_dial = Experiment({"full": None}, _rank_dial)
"""The trained full network of width 16, "full", and its cuts, "k=1" to "k=9".

Nothing is trained after the cut, the norms included: it shows what the trained function needs.
"""


def stored_full() -> nn.Module:
    """The trained full network of seed 0, from the stored weights: at once, no training.

    They are those that `rank_dial` trains with seed 0. Another machine made them than the stored rows, so
    their last bits differ; the accuracies do not.

    To make them again: `run("full", lambda: network("full, width 16"), 0, train=300, epochs=15)`, and then
    `torch.save` of the network's state dict as runs/rank_dial.pt.
    """
    path = resources.files("course.depthwise_separable").joinpath("runs", "rank_dial.pt")
    with path.open("rb") as file:
        weights = torch.load(file, weights_only=True)
    with torch.device("meta"):
        full = network("full, width 16").eval()
    full.load_state_dict(weights, assign=True)
    return full.requires_grad_(False)
