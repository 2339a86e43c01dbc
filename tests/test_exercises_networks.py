"""The checkers of notebook 10: right answers pass, wrong ones get their diagnosis, junk never raises."""

from typing import Any

import pytest
from torch import nn

from blocks.exercises.networks import check_count, check_resnet18, check_rows, check_suspects, rows, suspects
from blocks.measure import cost
from blocks.networks import mobilenet_v2, plain18, resnet18, resnet34
from tests.checkers import Check, assert_diagnosed, assert_never_raises


def count(classes: int) -> int:
    return sum(p.numel() for p in mobilenet_v2(classes).parameters())


ROWS = {"A": "EfficientNet-B0", "B": "MobileNetV3-Large", "C": "EfficientNetV2-S", "D": "MobileNetV2"}
FAULTS = {"A": "shortcuts removed", "B": "norm eps 1e-3", "C": "ReLU6 after the projection"}
CASES: list[tuple[Check, Any, str]] = [
    (check_count, lambda _, classes: count(classes), "Right: row by row"),
    (check_count, lambda _, classes: count(classes) - classes, r"Not yet: .*bias for each class"),
    (check_count, lambda _, classes: count(classes) - 1281 * classes, r"Not yet: .*classifier is missing"),
    (check_count, lambda _, classes: count(classes) + 1088, r"Not yet: .*no expanding convolution"),
    (check_count, lambda *_: count(1000), r"Not yet: with 10 classes"),
    (check_count, lambda *_: 1.5, r"Not yet: .*whole number"),
    (check_resnet18, resnet18, "Right: every step"),
    (check_resnet18, plain18, "Not yet: "),
    (check_resnet18, resnet34, "Not yet: "),
    (check_resnet18, lambda: resnet18(10), r"Not yet: .*expected \(1, 1000\)"),
    (check_resnet18, nn.Sequential, "Not yet: "),
    (check_rows, ROWS, "Right: all four"),
    (check_rows, ROWS | {"A": "MobileNetV2"}, r"Not yet: A is not 'MobileNetV2'.*MBConv alone"),
    (check_rows, ROWS | {"D": "EfficientNet-B0"}, r"Not yet: D is not .*stops at 6"),
    (check_suspects, FAULTS, "Right: all three"),
    (check_suspects, FAULTS | {"B": "shortcuts removed"}, r"Not yet: B is not .*settings"),
    (check_suspects, FAULTS | {"C": "norm eps 1e-3"}, r"Not yet: C is not .*activations"),
]


@pytest.mark.parametrize(("check", "answer", "expected"), CASES)
def test_each_answer_gets_its_diagnosis(
    check: Check, answer: Any, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_diagnosed(check, answer, expected, capsys)


@pytest.mark.parametrize("check", [check_count, check_resnet18, check_rows, check_suspects])
def test_nothing_a_learner_types_raises(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    assert_never_raises(check, capsys)


def test_no_count_gives_a_suspect_away() -> None:
    assert {cost(one, (1, 3, 64, 64)).parameters for one in suspects().values()} == {count(1000)}
    assert list(rows()) == list(ROWS)
