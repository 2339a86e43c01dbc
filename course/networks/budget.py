"""The budget game: the best digits network under 5,000 parameters, in at most 20 seconds of training.

Same rules for all: 300 digits to train on, the other 1,497 to test on, one thread, the one training loop of
the experiments. Scores are kept in a small file in the working directory, so that they are there tomorrow.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from course.kit.training import data, loop
from course.kit.training.experiments import RATE, parameters
from course.kit.training.loop import Progress

PARAMETERS, SECONDS, EPOCHS = 5_000, 20.0, 30
CARD = Path("budget_scores.json")
KEPT = 20  # scores in the file, the best
_WHERE = "build must give a Module that turns images (N, 1, 8, 8) into scores (N, 10)"


@dataclass(frozen=True)
class Score:
    """One game: accuracy from 0 to 1, and how many of EPOCHS epochs fitted into the time."""

    name: str
    seed: int
    accuracy: float
    parameters: int
    epochs: int
    seconds: float

    def __str__(self) -> str:
        stopped = "" if self.epochs == EPOCHS else f", stopped after {self.epochs} of {EPOCHS} epochs"
        return (
            f"{self.name}, seed {self.seed}: {100 * self.accuracy:.1f} % of the test digits,"
            f" {self.parameters:,} parameters, {self.seconds:.1f} s{stopped}"
        )


class _TimeUp(Exception):  # noqa: N818 - no error: the whistle
    """The time is over."""


def play(build: Callable[[], nn.Module], *, seed: int = 0, progress: Progress | None = None) -> Score:
    """Train a new network of `build` for EPOCHS epochs or SECONDS, whichever is over first; test it.

    The seed decides the split, the network's start and the order of the images. A network that is too
    slow is stopped where it stands, before the learning rate has fallen: a smaller one would do better.

    Raises:
        TypeError: build is no function, or gives no Module.
        ValueError: the network is over the budget, has nothing to train, gives another shape, or raises.
    """
    if isinstance(build, nn.Module) or not callable(build):
        raise TypeError(
            f"play: build must be a function that makes a network, got {type(build).__name__}."
            " Each game starts from a new one: hand the function in, without calling it."
        )
    split = data.split(seed)
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
    return Score(name, seed, round(right, 4), parameters(network), done, round(seconds, 1))


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

    A card that cannot be read is not overwritten, and where nothing can be written nothing is lost but
    the keeping: both are said, not raised.
    """
    try:
        others = [s for s in scores(path) if (s.name, s.seed) != (score.name, score.seed)]
    except ValueError as unreadable:
        return f"{score}. Not kept: {unreadable}"
    best = sorted((*others, score), key=lambda one: (-one.accuracy, one.parameters))[:KEPT]
    try:
        path.write_text(json.dumps([asdict(one) for one in best], indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        return f"{score}. Not kept: {path} cannot be written here ({error.strerror})."
    return f"{score}. Kept in {path}."


def scores(path: Path = CARD) -> tuple[Score, ...]:
    """What is on the card, the best first; nothing where there is no card yet.

    Raises:
        ValueError: the file is not a card.
    """
    if not path.exists():
        return ()
    try:
        found = tuple(Score(**row) for row in json.loads(path.read_text(encoding="utf-8")))
        return tuple(sorted(found, key=lambda one: (-one.accuracy, one.parameters)))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"scores: {path} must be a card that this game wrote, got something else. Move it away: the"
            " next game begins a new one."
        ) from error


def card(rows: Sequence[Score]) -> str:
    """The scores as lines of text, the best first."""
    lines = [f"{100 * s.accuracy:5.1f} %  {s.parameters:>5,}  seed {s.seed}  {s.name}" for s in rows]
    return "\n".join(["  test   params", *lines]) if lines else "no scores yet"
