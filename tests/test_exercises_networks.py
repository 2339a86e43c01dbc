"""The checkers of notebook 10: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from blocks import BasicBlock, ConvNormAct
from blocks.exercises.networks import check_count, check_resnet18, check_rows, check_suspects, rows, suspects
from blocks.measure import cost
from blocks.networks import mobilenet_v2, plain18, resnet18, resnet34
from tests.checkers import Check


def count(classes: int) -> int:
    return sum(p.numel() for p in mobilenet_v2(classes).parameters())


def own(
    norm: Any = nn.BatchNorm2d,
    pool: nn.Module | None = None,
    stem: Any = ConvNormAct,
    act: Any = nn.ReLU,
    strides: tuple[int, ...] = (1, 2, 2, 2),
    repeats: int = 2,
    head: tuple[nn.Module, ...] | None = None,
    between: tuple[nn.Module, ...] = (),
) -> nn.Module:
    """ResNet-18 as a learner writes it, with one thing another."""
    parts: list[nn.Module] = [stem(3, 64, kernel_size=7, stride=2, norm=norm, act=act)]
    parts += [pool or nn.MaxPool2d(3, stride=2, padding=1), *between]
    channels = 64
    for out, stride in zip((64, 128, 256, 512), strides, strict=True):
        parts += [BasicBlock(channels, out, stride=stride, norm=norm)]
        parts += [BasicBlock(out, out, norm=norm) for _ in range(repeats - 1)]
        channels = out
    parts += head or (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))
    return nn.Sequential(*parts)


def reflecting() -> nn.Module:
    network = own()
    network.get_submodule("0.conv").padding_mode = "reflect"
    network.get_submodule("0.conv")._reversed_padding_repeated_twice = [3, 3, 3, 3]
    return network


def without_shortcuts() -> nn.Module:
    network = own()
    for index in range(2, 10):
        block = network.get_submodule(str(index))
        network.set_submodule(str(index), nn.Sequential(block.first, block.second, block.act))
    return network


def summed(expansion: Callable[[int], bool], classifier: Callable[[int], int], *, norms: int = 2) -> Any:
    """The count of exercise 1 with other blanks, or another number for the norms."""

    def answer(rows: Any, classes: int) -> int:
        total, channels = 27 * 32 + norms * 32, 32
        for t, out, repeats, _ in rows:
            for _ in range(repeats):
                wide = t * channels
                total += channels * wide + norms * wide if expansion(t) else 0
                total += 9 * wide + norms * wide + wide * out + norms * out
                channels = out
        return total + channels * 1280 + norms * 1280 + classifier(classes)

    return answer


ROWS = {"A": "EfficientNet-B0", "B": "MobileNetV3-Large", "C": "EfficientNetV2-S", "D": "MobileNetV2"}
FAULTS = {"A": "shortcuts removed", "B": "norm eps 1e-3", "C": "ReLU6 after the projection"}
MEAN = nn.AdaptiveAvgPool2d(1), nn.Flatten()


def per_class(classes: int) -> int:
    return 1281 * classes


CASES: list[tuple[Check, Any, str]] = [
    (check_count, lambda _, classes: count(classes), "Right: row by row"),
    (check_count, summed(lambda t: t > 1, per_class), "Right: row by row"),
    (
        check_count,
        summed(lambda t: t > 1, lambda classes: 1280 * classes),
        r"Not yet: .*adds 1,280: .*a bias",
    ),
    (check_count, summed(lambda t: t > 1, lambda classes: 1280 * classes + 1), "Not yet: .*adds 1,280: "),
    (check_count, summed(lambda t: t > 1, lambda _: 1281 * 1000), "Not yet: .*A class adds 0: "),
    (check_count, summed(lambda t: t > 1, lambda _: 0), "Not yet: .*A class adds 0: "),
    (check_count, summed(lambda t: t > 1, lambda classes: 321 * classes), "Not yet: .*A class adds 321: "),
    (check_count, summed(lambda _: True, per_class), r"Not yet: .*3,505,960, .*no expanding convolution"),
    (check_count, summed(lambda _: False, per_class), "Not yet: .*adds the right number; 766,080 too few"),
    (
        check_count,
        summed(lambda t: t > 1, per_class, norms=1),
        "Not yet: .*; 17,056 too few come from the rows",
    ),
    (
        check_count,
        summed(lambda t: t > 1, per_class, norms=4),
        "Not yet: .*; 34,112 too many come from the rows",
    ),
    (check_count, summed(lambda t: t > 1, lambda classes: 1281 * classes + 1), "Not yet: .*; 1 too many"),
    (check_count, lambda *_: count(1000), "Not yet: .*A class adds 0: "),
    (check_count, lambda *_: 1.5, r"Not yet: .*whole number"),
    (check_count, lambda _, classes: float(count(classes)), r"Not yet: .*whole number"),
    (check_count, lambda _, classes: torch.tensor(count(classes)), r"Not yet: .*whole number"),
    (check_count, lambda _, classes: f"{count(classes)}", r"Not yet: .*whole number"),
    (check_resnet18, resnet18, "Right: every step"),
    (check_resnet18, own, "Right: every step"),
    (check_resnet18, partial(own, head=(*MEAN, nn.Dropout(), nn.Linear(512, 1000))), "Not yet: .*dropout"),
    (check_resnet18, plain18, "Not yet: step 10 of its forward, .*an addition belongs"),
    (check_resnet18, without_shortcuts, "Not yet: step 10 of its forward, .*an addition belongs"),
    (check_resnet18, resnet34, r"Not yet: step 19 .*gives the shape \(1, 64, 16, 16\)"),
    (check_resnet18, lambda: resnet18(10), r"Not yet: .*expected \(1, 1000\)"),
    (check_resnet18, nn.Sequential, r"Not yet: it turns .*expected \(1, 1000\)"),
    (check_resnet18, own(), "Not yet: hand your function in, without calling it"),
    (check_resnet18, lambda: list(own().children()), "Not yet: a Module is needed, got list"),
    (
        check_resnet18,
        partial(own, norm=partial(nn.BatchNorm2d, eps=1e-3)),
        r"Not yet: .*eps of 0\.norm, .*0\.001",
    ),
    (check_resnet18, partial(own, norm=partial(nn.GroupNorm, 8)), r"Not yet: step 2 .*a norm \(GroupNorm\)"),
    (
        check_resnet18,
        partial(own, norm=partial(nn.BatchNorm2d, track_running_stats=False)),
        r"Not yet: .*track_running_stats of 0\.norm, which is False",
    ),
    (check_resnet18, partial(own, norm=None), "Not yet: step 1 .*9,472 parameters; .*is the norm missing"),
    (check_resnet18, reflecting, r"Not yet: .*look at the padding_mode of 0\.conv, which is reflect"),
    (check_resnet18, partial(own, act=nn.ReLU6), r"Not yet: step 3 .*\(ReLU6\), stands where .*\(ReLU\)"),
    (check_resnet18, partial(own, act=None), "Not yet: step 3 .*a max pooling .*where an activation"),
    (
        check_resnet18,
        partial(own, pool=nn.AvgPool2d(3, 2, 1)),
        "Not yet: step 4 .*average .*where a max pooling",
    ),
    (check_resnet18, partial(own, pool=nn.MaxPool2d(3, 2)), r"Not yet: step 4 .*\(1, 64, 15, 15\); expected"),
    (
        check_resnet18,
        partial(own, pool=nn.MaxPool2d(2)),
        "Not yet: .*look at the kernel_size of 1, which is 2",
    ),
    (
        check_resnet18,
        partial(own, pool=nn.MaxPool2d(3, 2, ceil_mode=True)),
        "Not yet: .*look at the padding of 1, which is 0",
    ),
    (check_resnet18, partial(own, pool=nn.Identity()), "Not yet: step 4 .*convolution.*where a max pooling"),
    (check_resnet18, partial(own, between=(nn.ReLU(),)), "Right: "),
    (check_resnet18, partial(own, strides=(1, 1, 2, 2)), r"Not yet: step 19 .*16\); expected .*8\)"),
    (check_resnet18, partial(own, strides=(2, 2, 2, 2)), r"Not yet: step 5 .*8\); expected .*16\)"),
    (check_resnet18, partial(own, repeats=1), r"Not yet: step 12 .*expected \(1, 64, 16, 16\)"),
    (
        check_resnet18,
        partial(own, head=(nn.Flatten(), nn.Linear(512 * 4, 1000))),
        "Not yet: step 67 .*Flatten .*where a mean over height and width belongs",
    ),
    (
        check_resnet18,
        partial(own, head=(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(512, 1000))),
        "Not yet: step 67 .*a max pooling .*where a mean over height and width belongs",
    ),
    (
        check_resnet18,
        partial(own, head=(*MEAN, nn.Linear(512, 1000, bias=False))),
        "Not yet: step 69 .*a linear layer .*512,000 parameters; expected 513,000",
    ),
    (
        check_resnet18,
        partial(own, head=(*MEAN, nn.Linear(512, 1000), nn.Softmax(1))),
        r"Not yet: after a linear layer .*it should end, but an activation \(Softmax\) follows",
    ),
    (check_rows, ROWS, "Right: all four"),
    (check_rows, ROWS | {"A": "MobileNetV2"}, r"Not yet: A is not 'MobileNetV2'.*MBConv alone"),
    (check_rows, ROWS | {"D": "EfficientNet-B0"}, r"Not yet: D is not .*stops at 6"),
    (check_suspects, FAULTS, "Right: all three"),
    (check_suspects, FAULTS | {"B": "shortcuts removed"}, r"Not yet: B is not .*settings"),
    (check_suspects, FAULTS | {"C": "norm eps 1e-3"}, r"Not yet: C is not .*activations"),
]
CHECKS = [check_count, check_resnet18, check_rows, check_suspects]


def test_no_count_gives_a_suspect_away() -> None:
    assert {cost(one, (1, 3, 64, 64)).parameters for one in suspects().values()} == {count(1000)}
    assert list(rows()) == list(ROWS)
