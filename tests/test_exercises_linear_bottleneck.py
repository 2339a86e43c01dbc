"""The checkers of notebook 05 refuse known wrong answers with the right diagnosis, and accept right ones."""

import re
from typing import Any

import pytest

from blocks import DepthwiseSeparable, LinearBottleneck
from blocks.exercises.linear_bottleneck import check_block, check_share


def separable(i: int, o: int, *, stride: int) -> DepthwiseSeparable:
    return DepthwiseSeparable(i, o, stride=stride)


@pytest.mark.parametrize(
    ("check", "answer", "words"),
    [
        (check_share, lambda n: (n + 1) / 2**n, "Right"),
        (check_share, lambda n: n / 2**n, "Not yet: .*Both cases"),
        (check_share, lambda n: 1 / 2**n, "Not yet: .*Both cases"),
        (check_share, lambda _: 0.5, "Not yet: .*patterns"),
        (check_share, lambda _: "half", "Not yet: .*a number is needed"),
        (check_share, lambda n: n / 0, "Not yet: your answer raised ZeroDivisionError"),
        (check_share, None, "To do"),
        (check_block, LinearBottleneck, "Right"),
        (check_block, separable, "Not yet: .*step"),
        (check_block, lambda i, o, *, stride: LinearBottleneck(i, o, stride=1), "Not yet: .*stride 2"),  # noqa: ARG005
        (check_block, lambda i, o, *, stride: LinearBottleneck(i, i, stride=stride), "Not yet"),  # noqa: ARG005
        (check_block, 3, "Not yet: your answer raised TypeError"),
    ],
)
def test_answers(check: Any, answer: Any, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(answer)
    said = capsys.readouterr().out
    assert re.match(words, said), said
