"""Write attachments/<concept>.svg, each block's picture at a published setting, and the map of the course.

With --check it only compares.

The pictures come from the recorded modules, so they change with the code and with nothing else.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from torch import nn

import blocks
from blocks.figures.course_map import course_map
from blocks.figures.diagram import diagram
from blocks.measure import graph

FOLDER = Path(__file__).parent.parent / "attachments"


def settings() -> dict[str, tuple[nn.Module, tuple[int, int], str]]:
    """For each concept a block, its input's channels and pixels, and where that setting is used."""
    return {
        "conv_norm_act": (
            blocks.ConvNormAct(3, 32, stride=2, act=nn.ReLU6),
            (3, 224),
            "The first layer of MobileNetV2: a convolution, its norm and its activation",
        ),
        "residual": (
            blocks.BasicBlock(64, 64),
            (64, 56),
            "The basic block of ResNet-18: a shortcut round two full convolutions",
        ),
        "bottleneck": (
            blocks.Bottleneck(256, 256),
            (256, 56),
            "The bottleneck of ResNet-50: wide, narrow, wide, and a shortcut",
        ),
        "depthwise_separable": (
            blocks.DepthwiseSeparable(512, 512),
            (512, 14),
            "A depthwise separable block of MobileNetV1: each channel alone, then a 1x1 convolution",
        ),
        "linear_bottleneck": (
            blocks.LinearBottleneck(32, 16),
            (32, 112),
            "The first block of MobileNetV2: no activation after the narrow end",
        ),
        "inverted_residual": (
            blocks.InvertedResidual(24, 24),
            (24, 56),
            "An inverted residual of MobileNetV2: narrow, wide, narrow, and a shortcut",
        ),
        "squeeze_excitation": (
            blocks.SqueezeExcitation(256),
            (256, 56),
            "Squeeze-and-excitation in SE-ResNet-50: one weight per channel, from the means",
        ),
        "mbconv": (
            blocks.MBConv(24, 24),
            (24, 56),
            "An MBConv of EfficientNet-B0: an inverted residual with squeeze-and-excitation",
        ),
        "fused_mbconv": (
            blocks.FusedMBConv(48, 48),
            (48, 56),
            "A Fused-MBConv of EfficientNetV2-S: one full convolution expands and filters",
        ),
    }


def pictures() -> dict[str, str]:
    """The content of each file, by its name: a concept, or "course_map"."""
    drawn = {}
    for concept, (block, (channels, pixels), label) in settings().items():
        recorded = graph(block, (1, channels, pixels, pixels))
        size = f"{channels} channels, {pixels} x {pixels} pixels"
        drawn[concept] = diagram(recorded, label=f"{label}. Input: {size}.") + "\n"
    return drawn | {"course_map": course_map() + "\n"}


def stale(folder: Path = FOLDER) -> list[str]:
    """What is wrong with the files in `folder`, one line each."""
    wanted = {f"{concept}.svg": picture for concept, picture in pictures().items()}
    wrong = [
        f"{path.name}: no concept has this name" for path in folder.glob("*.svg") if path.name not in wanted
    ]
    for name, picture in wanted.items():
        path = folder / name
        if not path.exists():
            wrong.append(f"{name}: missing")
        elif path.read_text(encoding="utf-8") != picture:
            wrong.append(f"{name}: out of date")
    return sorted(wrong)


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with --check say which are out of date; the exit status."""
    if list(arguments) == ["--check"]:
        wrong = stale()
        for line in wrong:
            print(f"attachments/{line}; run `make attachments`")
        return 1 if wrong else 0
    if arguments:
        print("usage: python tools/attachments.py [--check]")
        return 2
    FOLDER.mkdir(exist_ok=True)
    for concept, picture in pictures().items():
        (FOLDER / f"{concept}.svg").write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
