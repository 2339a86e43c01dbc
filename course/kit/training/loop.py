"""The one training loop of all experiments: small, seeded, on one thread."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from blocks import _arguments

Progress = Callable[[int, int], None]
"""Called as progress(done, total) when another `done` of `total` equal steps are over: a bar, or nothing."""

THREADS = 1  # sums then always add in the same order; `make grids-arithmetic` tries two
AT_ONCE = 250  # images in one forward of a test: all 1,497 digits at once take 100 MB more


@contextmanager
def one_thread() -> Iterator[None]:
    """One torch thread inside (THREADS), and after it as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Torch's global random numbers from `seed` inside, and as if nothing had happened after it."""
    _arguments.whole("seeded", "seed", seed, least=0)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def own_generator(seed: int) -> Iterator[None]:
    """Random numbers from `seed` inside, those that `seeded` gives, and torch's global ones are not touched.

    A training on another thread may be drawing them: to put them back afterwards would be too late. It
    reaches what the networks here draw: initialization, dropout and stochastic depth.
    """
    with _OwnGenerator(torch.Generator().manual_seed(seed)):
        yield


class _OwnGenerator(TorchFunctionMode):  # a TorchDispatchMode would reach all, and load the compiler: 75 MB
    """Hands the generator to what draws on this thread."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self._generator = generator

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is F.dropout:
            return self._dropout(*args, **kwargs)
        if "generator" in kwargs or func in _DRAWING:
            kwargs["generator"] = self._generator
        return func(*args, **kwargs)

    def _dropout(self, x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        """As torch computes it, which takes no generator."""
        if not training:
            return x
        noise = torch.empty_like(x).bernoulli_(1 - p, generator=self._generator).div_(1 - p)
        return x.mul_(noise) if inplace else x * noise


_DRAWING = (Tensor.bernoulli_, Tensor.normal_, Tensor.uniform_)


def part(progress: Progress | None, index: int, count: int) -> Progress | None:
    """A progress for part `index` of `count` equal parts, which reports to `progress` on the whole."""
    if progress is None:
        return None
    whole = progress
    return lambda done, total: whole(index * total + done, count * total)


def train(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epochs: int,
    rate: float,
    seed: int,
    batch: int = 32,
    progress: Progress | None = None,
) -> None:
    """Train `network` in place on images (N, C, H, W) and labels (N,): cross-entropy, SGD, one-cycle rate.

    Momentum 0.9 (Nesterov), no weight decay; the rate climbs to `rate` and falls to nearly nothing
    (Smith and Topin 2017, arXiv 1708.07120). `seed` sets the order of the images and whatever the
    network draws (drop path); the caller's random numbers are neither read nor moved. The network is
    in eval mode afterwards.

    Args:
        rate: the highest learning rate, reached after 30 % of the steps.
        batch: images a step; the images left over at an epoch's end wait for the next shuffle.
        progress: called after each epoch with the epochs done and `epochs`.

    Raises:
        TypeError, ValueError: epochs, batch or seed is not a whole number in its range, or there are
            fewer images than one batch.
    """
    _arguments.whole("train", "epochs", epochs)
    _arguments.whole("train", "batch", batch)
    if len(images) < batch:
        raise ValueError(f"train: there must be at least {batch} images, one batch, got {len(images)}.")
    steps = len(images) // batch
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=epochs * steps)
    network.train()
    shuffle = torch.Generator().manual_seed(seed)
    with one_thread(), seeded(seed):
        for epoch in range(epochs):
            order = torch.randperm(len(images), generator=shuffle)
            for step in range(steps):
                chosen = order[step * batch : (step + 1) * batch]
                loss: Tensor = F.cross_entropy(network(images[chosen]), labels[chosen])
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
                schedule.step()
            if progress is not None:
                progress(epoch + 1, epochs)
    network.eval()


def answers(network: nn.Module, images: Tensor, *, at_once: int = AT_ONCE) -> Tensor:
    """The class that `network` finds likeliest for each image, in eval mode: (N, C, H, W) to (N,).

    Args:
        at_once: images in one forward.
    """
    was_training = network.training
    network.eval()
    with torch.no_grad(), one_thread():
        found = torch.cat(
            [network(images[n : n + at_once]).argmax(1) for n in range(0, len(images), at_once)]
        )
    network.train(was_training)
    return found


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images for which the network's answer is the label, 0 to 1."""
    return (answers(network, images) == labels).float().mean().item()
