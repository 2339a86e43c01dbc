"""The budget game: its rules, what it refuses, and a card that survives whatever stands in its way."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from blocks import ConvNormAct
from course.networks import budget
from course.networks.budget import Score, card, keep, play, scores


def small() -> nn.Module:
    return nn.Sequential(
        ConvNormAct(1, 6, stride=2, act=nn.ReLU), nn.Flatten(), nn.Dropout(0.1), nn.Linear(96, 10)
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "EPOCHS", 3)


def test_a_game_is_decided_by_its_seed_and_leaves_random_numbers_alone() -> None:
    state = torch.get_rng_state()
    first, again, other = play(small), play(small), play(small, seed=1)
    assert (first.accuracy, first.parameters, first.epochs) == (again.accuracy, again.parameters, 3)
    assert first.accuracy != other.accuracy
    assert first.accuracy > 0.3
    assert torch.equal(torch.get_rng_state(), state)
    assert first.parameters == sum(p.numel() for p in small().parameters())
    assert str(first).startswith("small, seed 0: ")
    assert "stopped" not in str(Score("a", 0, 0.5, 10, 3, 1.0))


def test_the_whistle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "SECONDS", -1.0)
    seen: list[tuple[int, int]] = []
    score = play(small, progress=lambda *moved: seen.append(moved))
    assert score.epochs == 0
    assert "stopped after 0 of 3 epochs" in str(score)
    assert seen == [(3, 3)]


class Raises(nn.Module):
    def __init__(self, when: str) -> None:
        super().__init__()
        self.when, self.layer = when, nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        if self.when == "always" or self.training:
            raise KeyError("lost")
        return self.layer(x.flatten(1))


def frozen() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10)).requires_grad_(False)


@pytest.mark.parametrize(
    ("build", "kind", "message"),
    [
        (small(), TypeError, r"^play: build must be a function .* got Sequential\."),
        (3, TypeError, r"^play: build must be a function .* got int\."),
        (lambda: None, TypeError, r"got NoneType\. Is a return missing\?"),
        (lambda: 1 / 0, ValueError, r"^play: build must make a network, got ZeroDivisionError"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 9)), ValueError, r"got \(2, 9\) for two images"),
        (lambda: nn.Conv2d(3, 4, 1), ValueError, r"got RuntimeError for two images"),
        (lambda: Raises("always"), ValueError, r"got KeyError for two images: 'lost'"),
        (lambda: Raises("training"), ValueError, r"^play: the network must train, got KeyError in training"),
        (
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 80), nn.Linear(80, 10)),
            ValueError,
            r"at most 5,000 parameters, got 6,010: 1,010 too many",
        ),
        (frozen, ValueError, r"^play: the network must have parameters to train, got 650"),
        (lambda: nn.LSTM(8, 10), ValueError, r"^play: build must give a Module .* got "),
    ],
)
def test_what_breaks_the_rules_is_refused_in_words(
    build: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        play(build)


def test_exactly_at_the_budget_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "PARAMETERS", sum(p.numel() for p in small().parameters()))
    assert play(small).parameters == budget.PARAMETERS


def score(name: str, accuracy: float, parameters: int = 100, seed: int = 0) -> Score:
    return Score(name, seed, accuracy, parameters, 40, 1.0)


def test_the_card_keeps_the_best_first_and_one_row_for_a_game(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    assert scores(path) == ()
    assert card(scores(path)) == "no scores yet"
    for one in (score("a", 0.5), score("b", 0.9), score("a", 0.6), score("c", 0.9, 50)):
        assert keep(one, path).endswith(f"Kept in {path}.")
    assert [s.name for s in scores(path)] == ["c", "b", "a"]
    assert scores(path)[-1].accuracy == 0.6
    assert card(scores(path)).splitlines()[1] == " 90.0 %     50  seed 0  c"
    for number in range(30):
        keep(score(f"n{number}", 0.1 + number / 100), path)
    assert len(scores(path)) == budget.KEPT


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"name": 1}]', "null", '{"a": 1}', "\x00"])
def test_a_foreign_file_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "card.json"
    path.write_text(content)
    said = keep(score("a", 0.5), path)
    assert "50.0 %" in said
    assert "Not kept: scores: " in said
    assert path.read_text() == content
    with pytest.raises(ValueError, match=r"^scores: .* must be a card"):
        scores(path)


def test_where_nothing_can_be_written_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = keep(score("a", 0.5), tmp_path / "missing" / "card.json")
    assert "50.0 %" in said
    assert "Not kept: " in said
    assert "cannot be written here (No such file or directory)" in said

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    assert "cannot be written here (Permission denied)" in keep(score("a", 0.5), tmp_path / "card.json")


def test_the_card_is_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    keep(score("a", 0.5), path)
    assert json.loads(path.read_text())[0]["name"] == "a"
