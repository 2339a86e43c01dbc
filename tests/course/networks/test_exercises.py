"""Answers to the exercises of notebook 10, and what their checkers must say."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision import models

from blocks import BasicBlock, ConvNormAct, InvertedResidual
from blocks.measure import cost
from blocks.networks import mobilenet_v2, plain18, resnet18, resnet34
from blocks.networks.mobilenet import V2
from course.networks.exercises import check_count, check_resnet18, check_rows, check_suspects, rows, suspects
from tests.course.checkers import Exercise


def count(rows: Any, classes: int) -> int:
    total, channels = 27 * 32 + 2 * 32, 32
    for expansion, out, repeats, _ in rows:
        for _ in range(repeats):
            wide = expansion * channels
            total += channels * wide + 2 * wide if expansion > 1 else 0
            total += 9 * wide + 2 * wide + wide * out + 2 * out
            channels = out
    return total + channels * 1280 + 2 * 1280 + 1281 * classes


def summed(
    expands: Callable[[int, int, int], bool] | None = None,
    classifier: Callable[[int, int], Any] | None = None,
) -> Any:
    """The count with other blanks, made of (expansion, out, wide) and of (classes, channels)."""

    def answer(rows: Any, classes: int) -> Any:
        total, channels = 27 * 32 + 2 * 32, 32
        for t, out, repeats, _ in rows:
            for _ in range(repeats):
                wide = t * channels
                expanding = channels * wide + 2 * wide
                total += expanding if (expands(t, out, wide) if expands else t != 1) else 0
                total += 9 * wide + 2 * wide + wide * out + 2 * out
                channels = out
        last = classifier(classes, channels) if classifier else 1280 * classes + classes
        return total + channels * 1280 + 2 * 1280 + last

    return answer


def counted_on_modules(rows: Any, classes: int) -> Any:
    parts: list[nn.Module] = [ConvNormAct(3, 32, stride=2)]
    channels = 32
    for expansion, out, repeats, stride in rows:
        for n in range(repeats):
            parts.append(InvertedResidual(channels, out, stride=1 if n else stride, expansion=expansion))
            channels = out
    parts += [ConvNormAct(channels, 1280, kernel_size=1), nn.Linear(1280, classes)]
    return np.sum([p.numel() for part in parts for p in part.parameters()])


def of_the_network(rows: Any, classes: int) -> int:
    if rows != V2:
        return count(rows, classes)
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
    block: Any = BasicBlock,
    late: bool = False,
) -> nn.Module:
    """ResNet-18 as a learner writes it, with one thing another."""
    parts: list[nn.Module] = [stem(3, 64, kernel_size=7, stride=2, norm=norm, act=act)]
    parts += [pool or nn.MaxPool2d(3, stride=2, padding=1), *between]
    channels = 64
    for out, stride in zip((64, 128, 256, 512), strides, strict=True):
        first, second = (1, stride) if late else (stride, 1)
        parts += [block(channels, out, stride=first, norm=norm)]
        parts += [block(out, out, stride=second, norm=norm) for _ in range(repeats - 1)]
        channels = out
    parts += head or (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))
    return nn.Sequential(*parts)


def reflecting() -> nn.Module:
    network = own()
    network.get_submodule("0.conv").padding_mode = "reflect"
    network.get_submodule("0.conv")._reversed_padding_repeated_twice = [3, 3, 3, 3]
    return network


class Plain(nn.Sequential):
    """Two convolutions without a shortcut."""

    def __init__(self, i: int, o: int, *, stride: int, norm: Any) -> None:
        first = ConvNormAct(i, o, stride=stride, norm=norm, act=nn.ReLU)
        super().__init__(first, ConvNormAct(o, o, norm=norm, act=nn.ReLU))


class Mine(nn.Module):
    """A class of its own: the classifier first, functions, a ModuleList, a mean."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(512, 1000)
        widths = [64, 64, 64, 128, 128, 256, 256, 512, 512]
        self.blocks = nn.ModuleList(BasicBlock(i, o, stride=1 if i == o else 2) for i, o in pairwise(widths))
        self.bn = nn.BatchNorm2d(64)
        self.conv = nn.Conv2d(3, 64, 7, 2, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = F.max_pool2d(F.relu(self.bn(self.conv(x))), 3, 2, 1)
        for block in self.blocks:
            y = block(y)
        return self.fc(y.mean((-1, -2)))  # type: ignore[no-any-return]


def one_block_twice() -> nn.Module:
    parts = list(own())
    parts[3] = parts[2]
    return nn.Sequential(*parts)


def without_star() -> nn.Module:
    return nn.Sequential(list(own()))  # type: ignore[arg-type]


def with_a_function() -> nn.Module:
    return nn.Sequential(*own(), lambda x: x)  # type: ignore[arg-type]


def without_return() -> Any:
    resnet18()


ROWS = {"A": "EfficientNet-B0", "B": "MobileNetV3-Large", "C": "EfficientNetV2-S", "D": "MobileNetV2"}
FAULTS = {"A": "shortcuts removed", "B": "norm eps 1e-3", "C": "ReLU6 after the projection"}
MEAN = nn.AdaptiveAvgPool2d(1), nn.Flatten()
EXERCISES = (
    Exercise(check_count, "count", count),
    Exercise(check_resnet18, "network", resnet18),
    Exercise(check_rows, "names", ROWS),
    Exercise(check_suspects, "names", FAULTS),
)
# The network last: it takes longest to build.
RIGHT = [
    (check_count, summed(), "other words for the blanks"),
    (check_count, of_the_network, "the network's own count"),
    (check_count, counted_on_modules, "counted on modules, with numpy"),
    (check_rows, dict(ROWS), "a copy"),
    (check_rows, OrderedDict(ROWS), "another dict"),
    (check_suspects, dict(FAULTS), "a copy"),
    (check_suspects, OrderedDict(FAULTS), "another dict"),
    (check_resnet18, own, "as the solution"),
    (check_resnet18, partial(own, between=(nn.ReLU(),)), "a ReLU that changes nothing"),
    (check_resnet18, Mine, "a class, functions, a mean"),
    (check_resnet18, models.resnet18, "torchvision's"),
]
# check, answer, the kind of slip, the phrase that tells it
WRONG = [
    (
        check_count,
        summed(lambda *_: True),
        "the condition",
        "for rows=V2, classes=1000 you get 3,505,960. You count an expanding convolution in every row",
    ),
    (
        check_count,
        summed(lambda *_: False),
        "the condition",
        "V2, .* You count no expanding convolution",
    ),
    (
        check_count,
        summed(lambda t, *_: t == 1),
        "the condition",
        "2,739,880. You count it in the rows that have none",
    ),
    (
        check_count,
        summed(lambda t, *_: t == 6),
        "a number of V2",
        r"for rows=\[\(3, 40.*, classes=10 you get .* You count no expanding",
    ),
    (
        check_count,
        summed(lambda _, __, wide: wide > 32),
        "a number of V2",
        r"for rows=\[\(3, 40.* an expanding convolution in every row",
    ),
    (
        check_count,
        summed(None, lambda n, _: 1280 * n),
        "the classifier",
        "3,503,872. The classifier has a",
    ),
    (check_count, summed(None, lambda n, _: 1280 * n + 1), "the classifier", "Each class has a bias of its"),
    (check_count, summed(None, lambda n, _: n), "the classifier", "The classifier has weights, too"),
    (check_count, summed(None, lambda *_: 0), "the classifier", "What does the classifier add for each"),
    (
        check_count,
        summed(None, lambda n, c: (c + 1) * n),
        "the classifier",
        "reads what the last",
    ),
    (
        check_count,
        summed(None, lambda *_: 1281 * 1000),
        "the classifier",
        "for rows=V2, classes=10 you get 3,504,872. There are not always 1,000",
    ),
    (
        check_count,
        summed(None, lambda n, _: 1281 * n + 1),
        "another number",
        "3,504,873, which is 1 too many. Take one row",
    ),
    (check_count, lambda *_: "3,504,872", "text", "you get '3,504,872' where a number is needed"),
    (check_rows, ROWS | {"A": "MobileNetV2"}, "A", "A is not 'MobileNetV2'.*MBConv alone"),
    (check_rows, ROWS | {"B": "EfficientNet-B0"}, "B", "B is not .*expanded width itself"),
    (check_rows, ROWS | {"C": "MobileNetV2"}, "C", "C is not .*early stages"),
    (check_rows, ROWS | {"D": "EfficientNet-B0"}, "D", "D is not .*stops at 6"),
    (check_suspects, FAULTS | {"A": "norm eps 1e-3"}, "A", "A is not .* additions"),
    (check_suspects, FAULTS | {"B": "shortcuts removed"}, "B", "B is not .*settings"),
    (check_suspects, FAULTS | {"C": "norm eps 1e-3"}, "C", "C is not .*activations"),
    (
        check_suspects,
        dict(zip("ABC", sorted(FAULTS.values()), strict=True)),
        "by the alphabet",
        "A is not 'ReLU6",
    ),
    (
        check_resnet18,
        partial(own, head=(*MEAN, nn.Dropout(), nn.Linear(512, 1000))),
        "a part too many",
        "in training its output changes by chance. Is there a dropout",
    ),
    (check_resnet18, with_a_function, "a function for a layer", "a function stands where a layer belongs"),
    (check_resnet18, lambda: resnet18, "no brackets", "got a function. Are its brackets missing"),
    (check_resnet18, lambda: "resnet18", "text", "got 'resnet18'. Look at its return"),
    (check_resnet18, plain18, "no shortcuts", "step 10 of its forward, .*an addition belongs"),
    (
        check_resnet18,
        partial(own, block=Plain),
        "own blocks",
        "step 10 .*where an addition belongs",
    ),
    (check_resnet18, resnet34, "another network", r"step 19 .*gives the shape \(2, 64, 9, 17\); expected"),
    (check_resnet18, lambda: resnet18(10), "the classes", r"into \(2, 10\); expected \(2, 1000\)"),
    (
        check_resnet18,
        nn.Sequential,
        "nothing inside",
        r"it turns .* into .*expected \(2, 1000\)",
    ),
    (check_resnet18, own(), "an instance", "this is one block, already built. Hand in .*without calling it"),
    (check_resnet18, lambda: list(own().children()), "a list of layers", "a Module is needed, got a list"),
    (check_resnet18, without_star, "no star", "a list stands where a layer belongs. Is a `.` missing before"),
    (check_resnet18, without_return, "no return", r"your function gives None\. Is there a return"),
    (
        check_resnet18,
        partial(own, norm=partial(nn.BatchNorm2d, eps=1e-3)),
        "a setting",
        "look at the eps of 0.norm, which is 0.001",
    ),
    (check_resnet18, partial(own, norm=partial(nn.GroupNorm, 8)), "another norm", r"a norm \(GroupNorm\)"),
    (
        check_resnet18,
        partial(own, norm=partial(nn.BatchNorm2d, track_running_stats=False)),
        "a setting",
        "track_running_stats of 0.norm, which is False",
    ),
    (check_resnet18, partial(own, norm=None), "no norm", "step 1 .*9,472 parameters; .*is the norm missing"),
    (check_resnet18, reflecting, "the padding", "look at the padding_mode of 0.conv, which is reflect"),
    (check_resnet18, partial(own, act=nn.ReLU6), "another activation", r"step 3 .*\(ReLU6\), stands where"),
    (
        check_resnet18,
        partial(own, act=nn.SiLU),
        "SiLU",
        r"step 3 .*\(SiLU\)",
    ),
    (check_resnet18, partial(own, act=None), "no activation", "step 3 .*a max pooling .*where an activation"),
    (
        check_resnet18,
        partial(own, pool=nn.AvgPool2d(3, 2, 1)),
        "another pooling",
        "step 4 .*average .*where a max pooling",
    ),
    (check_resnet18, partial(own, pool=nn.MaxPool2d(3, 2)), "the pooling", r"\(2, 64, 8, 16\); expected"),
    (check_resnet18, partial(own, pool=nn.MaxPool2d(2)), "a pooling of 2x2", r"\(2, 64, 8, 16\); expected"),
    (check_resnet18, partial(own, pool=nn.Identity()), "no pooling", "step 4 .*where a max pooling"),
    (
        check_resnet18,
        partial(own, strides=(1, 1, 2, 2)),
        "the strides",
        r"step 19 .*; expected \(2, 128, 5",
    ),
    (
        check_resnet18,
        partial(own, strides=(2, 2, 2, 2)),
        "the strides",
        r"step 5 .*; expected \(2, 64, 9",
    ),
    (
        check_resnet18,
        partial(own, late=True),
        "strides of the second",
        r"step \d+ .*; expected \(2, 128, 5",
    ),
    (check_resnet18, partial(own, repeats=1), "too few blocks", r"step 12 .*expected \(2, 64, 9, 17\)"),
    (check_resnet18, partial(own, repeats=3), "too many blocks", r"step 19 .*expected \(2, 128, 5, 9\)"),
    (
        check_resnet18,
        one_block_twice,
        "one block twice",
        "step 12 .*, is 2.first.conv once more. Is one layer",
    ),
    (
        check_resnet18,
        partial(own, head=(nn.Flatten(), nn.Linear(512 * 6, 1000))),
        "no mean",
        "where a mean over height and width belongs",
    ),
    (
        check_resnet18,
        partial(own, head=(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(512, 1000))),
        "a mean of 2x2",
        "where a mean over height|two|average|another",
    ),
    (
        check_resnet18,
        partial(own, head=(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(512, 1000))),
        "a mean of 7x7",
        "33 x 65: .*a pooling does not fit into a map of 2x3",
    ),
    (
        check_resnet18,
        partial(own, head=(nn.AdaptiveAvgPool2d(1), nn.Linear(512, 1000))),
        "no flatten",
        "cannot be multiplied",
    ),
    (
        check_resnet18,
        partial(own, head=(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(512, 1000))),
        "another mean",
        "a max pooling .*where a mean over height and width belongs",
    ),
    (
        check_resnet18,
        partial(own, head=(*MEAN, nn.Linear(512, 1000, bias=False))),
        "a bias",
        "a linear layer .*512,000 parameters; expected 513,000",
    ),
    (
        check_resnet18,
        partial(own, head=(*MEAN, nn.Linear(512, 1000), nn.Softmax(1))),
        "a softmax",
        r"after a linear layer .*it should end, but an activation \(Softmax\) follows",
    ),
]


def test_no_count_gives_a_suspect_away() -> None:
    found = {cost(one, (1, 3, 64, 64)).parameters for one in suspects().values()}
    assert found == {count(V2, 1000)} == {of_the_network(V2, 1000)}
    assert list(rows()) == list(ROWS)
