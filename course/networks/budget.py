"""The budget game: the best digits network under 5,000 parameters, in at most 20 seconds of training.

Same rules for all: 300 digits to train on, 500 to validate on, one thread, the one training loop of the
experiments. You choose by the validation digits. The other 997 are the test digits. They are the same with
every seed, and only `final` looks at them. Scores are kept in a small file in the working directory.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from blocks import _arguments
from course.kit.training import data, loop
from course.kit.training.experiments import RATE, parameters
from course.kit.training.loop import Progress

PARAMETERS, SECONDS, EPOCHS = 5_000, 20.0, 30
TRAIN, VALIDATION = 300, 500
CARD = Path("budget_scores.json")
KEPT = 20  # scores in the file, the best, and all finals
_WHERE = "build must give a Module that turns images (N, 1, 8, 8) into scores (N, 10)"


@dataclass(frozen=True)
class Score:
    """One game.

    Attributes:
        name, seed: what was played.
        validation: the accuracy on the validation digits, 0 to 1.
        parameters: how many trained numbers the network has.
        epochs: how many of EPOCHS fitted into the time.
        seconds: of training.
        test: the accuracy on the test digits, 0 to 1, of a final; None of any other game.
    """

    name: str
    seed: int
    validation: float
    parameters: int
    epochs: int
    seconds: float
    test: float | None = None

    def __str__(self) -> str:
        stopped = "" if self.epochs == EPOCHS else f", stopped after {self.epochs} of {EPOCHS} epochs"
        tested = "" if self.test is None else f"{100 * self.test:.1f} % of the test digits, "
        return (
            f"{self.name}, seed {self.seed}: {tested}{100 * self.validation:.1f} % of the validation digits,"
            f" {self.parameters:,} parameters, {self.seconds:.1f} s{stopped}"
        )


class _TimeUp(Exception):  # noqa: N818 - no error: the whistle
    """The time is over."""


def play(build: Callable[[], nn.Module], *, seed: int = 0, progress: Progress | None = None) -> Score:
    """Train a new network of `build` for EPOCHS epochs or SECONDS, whichever is over first; validate it.

    The seed decides which digits are for training and which for validation, the network's start and the
    order of the images. A network that is too slow is stopped where it stands, before the learning rate has
    fallen: a smaller one would do better.

    Raises:
        TypeError: build is no function or gives no Module, or seed is no whole number.
        ValueError: seed is negative, or the network is over the budget, has nothing to train, gives another
            shape, or raises.
    """
    return _played(build, seed, progress)[0]


def final(build: Callable[[], nn.Module], *, seed: int = 0, progress: Progress | None = None) -> Score:
    """Train as `play` does, and then look at the test digits. Once, when you have chosen.

    Raises:
        TypeError, ValueError: as `play`.
    """
    score, network = _played(build, seed, progress)
    _, test = digits(seed)
    return replace(score, test=round(loop.accuracy(network, *test), 4))


def digits(seed: int) -> tuple[data.Split, tuple[Tensor, Tensor]]:
    """Training and validation digits, drawn by `seed`; and the test digits, the same with every seed."""
    _arguments.whole("play", "seed", seed, least=0)
    fixed = data.split(0, TRAIN + VALIDATION)
    order = torch.randperm(TRAIN + VALIDATION, generator=torch.Generator().manual_seed(seed))
    first, rest = order[:TRAIN], order[TRAIN:]
    images, labels = fixed.train_images, fixed.train_labels
    drawn = data.Split(images[first], labels[first], images[rest], labels[rest])
    return drawn, (fixed.test_images, fixed.test_labels)


def _played(build: Callable[[], nn.Module], seed: int, progress: Progress | None) -> tuple[Score, nn.Module]:
    if isinstance(build, nn.Module) or not callable(build):
        raise TypeError(
            f"play: build must be a function that makes a network, got {type(build).__name__}."
            " Each game starts from a new one: hand the function in, without calling it."
        )
    split, _ = digits(seed)
    with loop.seeded(seed), loop.one_thread():
        network = _built(build, split.train_images[:2])
    begin = time.perf_counter()
    done = 0

    def count(epoch: int, total: int) -> None:
        nonlocal done
        done = epoch
        if progress is not None:
            progress(epoch, total)

    def whistle(*_: object) -> None:
        if time.perf_counter() - begin > SECONDS:
            raise _TimeUp

    watch = network.register_forward_pre_hook(whistle)
    try:
        loop.train(
            network,
            split.train_images,
            split.train_labels,
            epochs=EPOCHS,
            rate=RATE,
            seed=seed,
            progress=count,
        )
    except _TimeUp:
        if progress is not None:
            progress(EPOCHS, EPOCHS)  # the bar closes
    except Exception as error:  # whatever a reader's network raises
        raise ValueError(
            f"play: the network must train, got {type(error).__name__} in training: {error}"
        ) from error
    finally:
        watch.remove()
    seconds = time.perf_counter() - begin
    right = loop.accuracy(network, split.test_images, split.test_labels)
    name = getattr(build, "__name__", type(build).__name__)
    return Score(name, seed, round(right, 4), parameters(network), done, round(seconds, 1)), network


def _built(build: Callable[[], nn.Module], images: Tensor) -> nn.Module:
    """A network that keeps the rules."""
    try:
        network = build()
    except Exception as error:  # whatever a reader's function raises
        raise ValueError(f"play: build must make a network, got {type(error).__name__}: {error}") from error
    if not isinstance(network, nn.Module):
        raise TypeError(f"play: {_WHERE}, got {type(network).__name__}. Is a return missing?")
    try:
        with torch.no_grad():
            scores = network.eval()(images)
    except Exception as error:  # whatever a reader's forward raises
        raise ValueError(f"play: {_WHERE}, got {type(error).__name__} for two images: {error}") from error
    if not isinstance(scores, Tensor) or scores.shape != (2, 10):
        got = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
        raise ValueError(f"play: {_WHERE}, got {got} for two images.")
    if (count := parameters(network)) > PARAMETERS:
        raise ValueError(
            f"play: the network must have at most {PARAMETERS:,} parameters, got {count:,}:"
            f" {count - PARAMETERS:,} too many."
        )
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise ValueError(f"play: the network must have parameters to train, got {count:,}, none that learns.")
    return network


def keep(score: Score, path: Path = CARD) -> str:
    """Write `score` on the card and say in words how that went; one row for a name and seed, the last.

    A final has a row of its own and stays. A card that cannot be read is not overwritten, and where nothing
    can be written nothing is lost but the keeping: both are said, not raised.
    """
    try:
        before = scores(path)
    except ValueError as unreadable:
        return f"{score}. Not kept: {unreadable}"
    finals = [one for one in before if one.test is not None]
    games = [one for one in before if one.test is None]
    if score.test is None:
        games = [one for one in games if (one.name, one.seed) != (score.name, score.seed)]
        games = sorted((*games, score), key=_best_first)[:KEPT]
    try:
        rows = [*games, *finals, *([] if score.test is None else [score])]
        path.write_text(json.dumps([asdict(one) for one in rows], indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        return f"{score}. Not kept: {path} cannot be written here ({error.strerror})."
    again = (
        f" This is final number {len(finals) + 1}: test digits that are looked at twice no longer test."
        if finals and score.test is not None
        else ""
    )
    return f"{score}. Kept in {path}.{again}"


def scores(path: Path = CARD) -> tuple[Score, ...]:
    """What is on the card: games, the best first, then finals in their order; nothing without a card.

    Raises:
        ValueError: the file is not a card.
    """
    if not path.exists():
        return ()
    try:
        found = [Score(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
        games = sorted((one for one in found if one.test is None), key=_best_first)
        return (*games, *(one for one in found if one.test is not None))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"scores: {path} must be a card that this game wrote, got something else. Move it away: the"
            " next game begins a new one."
        ) from error


def _best_first(one: Score) -> tuple[float, int]:
    return -one.validation, one.parameters


def card(rows: Sequence[Score]) -> str:
    """The scores as lines of text, in their order."""
    tests = ("" if s.test is None else f"{100 * s.test:.1f} %" for s in rows)
    lines = [
        f"    {100 * s.validation:5.1f} %  {test:>7}  {s.parameters:>6,}  seed {s.seed}  {s.name}"
        for s, test in zip(rows, tests, strict=True)
    ]
    return "\n".join([" validation     test  params", *lines]) if lines else "no scores yet"
