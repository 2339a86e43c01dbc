"""Time every block and network against torchvision's (timm's where torchvision has none).

    python tools/bench_networks.py [--size 128] [--rounds 50] [--threads 1] [NAME ...]

All run in turns, in one process, each round in an order drawn anew: what else the machine does hits all.
Time is the processor's: what other programs take is not counted. A number is the median over the rounds of
time / torchvision's time in the same round. "again" is a copy of torchvision's own against the original: it
says how far the number beside it can be trusted.
"""

import argparse
import copy
import random
import runpy
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

import blocks
from blocks import networks

# Lets torchvision be imported beside the CPU build of torch, as long as this object lives.
_KEPT = runpy.run_path(str(Path(__file__).parents[1] / "tests" / "conftest.py"))

import timm  # noqa: E402 - after the line above
import torchvision  # noqa: E402 - likewise
from torchvision.models import efficientnet, mobilenetv2, resnet  # noqa: E402 - likewise
from torchvision.ops import Conv2dNormActivation, SqueezeExcitation  # noqa: E402 - likewise

Build = Callable[[], nn.Module]
Run = Callable[[], object]


def mbconv(fused: bool, *config: float) -> nn.Module:
    """Torchvision's MBConv or FusedMBConv: expansion, kernel, stride, channels in and out."""
    settings = efficientnet.FusedMBConvConfig if fused else efficientnet.MBConvConfig
    block = efficientnet.FusedMBConv if fused else efficientnet.MBConv
    return block(settings(*config, 1), 0.0, nn.BatchNorm2d)


def separable(act: Callable[..., nn.Module] | None) -> nn.Module:
    """Depthwise 3x3, then 1x1, as torchvision's units."""
    depthwise = Conv2dNormActivation(128, 128, groups=128)
    return nn.Sequential(depthwise, Conv2dNormActivation(128, 128, kernel_size=1, activation_layer=act))


RELU, RELU6, SILU = (partial(act, inplace=True) for act in (nn.ReLU, nn.ReLU6, nn.SiLU))

# name: ours, theirs, channels of the input, height and width; activations in place in both, as theirs are.
BLOCKS: dict[str, tuple[Build, Build, int, int]] = {
    "ConvNormAct": (
        partial(blocks.ConvNormAct, 64, 64, act=RELU),
        partial(Conv2dNormActivation, 64, 64),
        64,
        56,
    ),
    "BasicBlock": (partial(blocks.BasicBlock, 64, 64, act=RELU), partial(resnet.BasicBlock, 64, 64), 64, 56),
    "Bottleneck": (
        partial(blocks.Bottleneck, 256, 256, act=RELU),
        partial(resnet.Bottleneck, 256, 64),
        256,
        28,
    ),
    "DepthwiseSeparable": (
        partial(blocks.DepthwiseSeparable, 128, 128, act=RELU),
        partial(separable, nn.ReLU),
        128,
        56,
    ),
    "LinearBottleneck": (
        partial(blocks.LinearBottleneck, 128, 128, act=RELU),
        partial(separable, None),
        128,
        56,
    ),
    "InvertedResidual": (
        partial(blocks.InvertedResidual, 32, 32, act=RELU6),
        partial(mobilenetv2.InvertedResidual, 32, 32, 1, 6),
        32,
        56,
    ),
    "SqueezeExcitation": (
        partial(blocks.SqueezeExcitation, 256),
        partial(SqueezeExcitation, 256, 16),
        256,
        28,
    ),
    "MBConv": (partial(blocks.MBConv, 40, 40, act=SILU), partial(mbconv, False, 6, 3, 1, 40, 40), 40, 28),
    "FusedMBConv": (
        partial(blocks.FusedMBConv, 48, 48, act=SILU),
        partial(mbconv, True, 4, 3, 1, 48, 48),
        48,
        28,
    ),
}
FROM_TIMM = {"se_resnet50": "seresnet50", "mobilenet_v1": "mobilenetv1_100"}
NETWORKS = [
    *("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "se_resnet50"),
    *("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    *(f"efficientnet_b{number}" for number in range(8)),
    *("efficientnet_v2_s", "efficientnet_v2_m", "efficientnet_v2_l"),
]


def reference(name: str) -> nn.Module:
    """Torchvision's network of that name, or timm's."""
    if name in FROM_TIMM:
        return timm.create_model(FROM_TIMM[name])
    return getattr(torchvision.models, name)()


def forward(module: nn.Module, x: Tensor) -> Run:
    """One answer in eval mode, without gradients."""
    module.eval()

    def run() -> object:
        with torch.inference_mode():
            return module(x)

    return run


def step(module: nn.Module, x: Tensor) -> Run:
    """One forward and backward in training mode."""
    module.train()

    def run() -> object:
        module.zero_grad()
        return module(x.clone().requires_grad_()).sum().backward()

    return run


def seconds(run: Run) -> float:
    """The processor time of one run."""
    start = time.process_time()
    run()
    return time.process_time() - start


def ratios(theirs: Run, others: list[Run], rounds: int) -> list[float]:
    """For each of the others, the median over the rounds of its time / theirs."""
    runs, draw = [theirs, *others], random.Random(0)  # noqa: S311 - no secret
    times: list[list[float]] = []
    for number in range(-2, rounds):  # two rounds to warm up
        # Not merely turned round: then the first would run twice in a row, its weights still in the cache.
        turn = draw.sample(range(len(runs)), len(runs))
        taken = {which: seconds(runs[which]) for which in turn}
        if number >= 0:
            times.append([taken[which] / taken[0] for which in range(len(runs))])
    return [statistics.median(column) for column in zip(*times, strict=True)][1:]


def measure(ours: nn.Module, theirs: nn.Module, x: Tensor, rounds: int) -> list[float]:
    """Forward: ours, theirs again, ours folded, that in channels_last; training step: ours, theirs again."""
    again, folded = copy.deepcopy(theirs), networks.fold_norms(ours)
    last = copy.deepcopy(folded).to(memory_format=torch.channels_last)
    answers = [forward(module, x) for module in (ours, again, folded)]
    answers.append(forward(last, x.to(memory_format=torch.channels_last)))
    found = ratios(forward(theirs, x), answers, rounds)  # before any of them is set to training
    return [*found, *ratios(step(theirs, x), [step(ours, x), step(again, x)], rounds)]


def main() -> None:
    """Measure what is named, or everything, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", default=[*BLOCKS, *NETWORKS])
    parser.add_argument("--size", type=int, default=128, help="height and width of the networks' input")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print("| | forward | again | folded | and channels_last | training step | again |\n" + "|---" * 7 + "|")
    for name in options.names:
        if name in BLOCKS:
            build_ours, build_theirs, channels, size = BLOCKS[name]
        else:
            build_ours, build_theirs = getattr(networks, name), partial(reference, name)
            channels, size = 3, options.size
        x = torch.randn(1, channels, size, size)
        ours, theirs = build_ours(), build_theirs()
        networks.copy_weights(theirs.state_dict(), ours)
        row = measure(ours, theirs, x, options.rounds)
        print(f"| {name} | {' | '.join(f'{ratio:.3f}' for ratio in row)} |", flush=True)


if __name__ == "__main__":
    main()
