"""The budget game: its rules, what it refuses, and a card that survives whatever stands in its way."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from blocks import ConvNormAct
from course.kit.training import data
from course.networks import budget
from course.networks.budget import Score, card, final, keep, play, scores


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
    assert (first.validation, first.parameters, first.epochs) == (again.validation, again.parameters, 3)
    assert first.validation != other.validation
    assert first.validation > 0.3
    assert torch.equal(torch.get_rng_state(), state)
    assert first.parameters == sum(p.numel() for p in small().parameters())
    assert str(first).startswith("small, seed 0: ")
    assert "of the validation digits" in str(first)
    assert "test" not in str(first)
    assert "stopped" not in str(Score("a", 0, 0.5, 10, 3, 1.0))


def pixels(images: Tensor) -> list[bytes]:
    return [image.numpy().tobytes() for image in images]


def test_no_seed_draws_the_test_digits() -> None:
    everything = data.digits()[0]
    (_, (test, labels)), drawn = budget.digits(0), [budget.digits(seed)[0] for seed in range(5)]
    assert (len(test), len(labels)) == (997, 997)
    for seed, split in enumerate(drawn):
        assert (len(split.train_images), len(split.test_images)) == (300, 500)
        assert torch.equal(budget.digits(seed)[1][0], test)
        together = torch.cat((split.train_images, split.test_images, test))
        assert sorted(pixels(together)) == sorted(pixels(everything))
    assert not torch.equal(drawn[0].train_images, drawn[1].train_images)


def test_only_a_final_looks_at_the_test_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    tested: list[Tensor] = []
    accuracy = budget.loop.accuracy

    def watched(network: nn.Module, images: Tensor, labels: Tensor) -> float:
        tested.append(images)
        return accuracy(network, images, labels)

    monkeypatch.setattr(budget.loop, "accuracy", watched)
    split, (test, _) = budget.digits(3)
    played = play(small, seed=3)
    assert [torch.equal(images, split.test_images) for images in tested] == [True]
    assert played.test is None
    found = final(small, seed=3)
    assert [len(images) for images in tested] == [500, 500, 997]
    assert torch.equal(tested[-1], test)
    assert found.validation == played.validation
    assert found.test is not None
    assert f": {100 * found.test:.1f} % of the test digits, " in str(found)


@pytest.mark.parametrize(("seed", "kind"), [(-1, ValueError), (0.5, TypeError), ("0", TypeError)])
def test_a_seed_is_a_whole_number(seed: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"^play: seed must be "):
        play(small, seed=seed)


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


def score(
    name: str, validation: float, parameters: int = 100, seed: int = 0, test: float | None = None
) -> Score:
    return Score(name, seed, validation, parameters, 40, 1.0, test)


def test_the_card_keeps_the_best_first_and_one_row_for_a_game(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    assert scores(path) == ()
    assert card(scores(path)) == "no scores yet"
    for one in (score("a", 0.5), score("b", 0.9), score("a", 0.6), score("c", 0.9, 50)):
        assert keep(one, path).endswith(f"Kept in {path}.")
    assert [s.name for s in scores(path)] == ["c", "b", "a"]
    assert scores(path)[-1].validation == 0.6
    assert card(scores(path)).splitlines()[1] == "     90.0 %               50  seed 0  c"
    for number in range(30):
        keep(score(f"n{number}", 0.1 + number / 100), path)
    assert len(scores(path)) == budget.KEPT


def test_finals_stay_on_the_card_and_a_second_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    keep(score("a", 0.5), path)
    assert keep(score("a", 0.5, test=0.4), path).endswith(f"Kept in {path}.")
    for number in range(30):
        keep(score(f"n{number}", 0.6 + number / 100), path)
    keep(score("a", 0.9), path)
    assert "This is final number 2: " in keep(score("a", 0.9, test=0.95), path)
    found = scores(path)
    assert [s.test for s in found] == [*[None] * budget.KEPT, 0.4, 0.95]
    assert card(found).splitlines()[-2] == "     50.0 %   40.0 %     100  seed 0  a"


def test_a_card_of_test_scores_is_no_card(tmp_path: Path) -> None:
    """Such as the game wrote when it played on the test digits: they are not validation scores."""
    path = tmp_path / "card.json"
    row = {"name": "a", "seed": 0, "accuracy": 0.9, "parameters": 9, "epochs": 30, "seconds": 1.0}
    path.write_text(json.dumps([row]))
    assert "Not kept: scores: " in keep(score("b", 0.5), path)


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
