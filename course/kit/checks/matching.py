"""Gives two modules the same weights, however each of them names, orders, turns and writes its layers.

One real forward of each is watched: which tensors of its state every function reads, and what was made
before by which of them. A norm so belongs to the convolution that it reads, wherever it stands in `__init__`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Names = tuple[str, ...]
Shape = tuple[int, ...]
# By the name of a tensor, that of the reference's, and whether a square matrix is the other one turned.
Pairing = dict[str, tuple[str, bool]]


@dataclass
class Watched:
    """One forward.

    Attributes:
        output: whatever the forward gave.
        uses: in the order in which they ran: the names of the tensors of the module's state that a function
            read, and the uses, by number, whose outputs it read; -1 is the module's input.
        foreign: the parameters that it read which are not the module's.
    """

    output: Any = None
    uses: list[tuple[Names, frozenset[int]]] = field(default_factory=list)
    foreign: list[Tensor] = field(default_factory=list)


def watched(module: nn.Module, x: Tensor) -> Watched:
    """Run `module(x)` and tell how it went. Whatever the forward raises is raised."""
    recorder = _Watch(module, x)
    with recorder:
        recorder.seen.output = module(x)
    return recorder.seen


class _Watch(TorchFunctionMode):
    """Sees the functions of a forward that runs under it, in this thread only."""

    def __init__(self, module: nn.Module, x: Tensor) -> None:
        super().__init__()
        self.seen = Watched()
        state = (*module.named_parameters(), *module.named_buffers())
        self.names: dict[int, Names] = {id(tensor): (name,) for name, tensor in state}
        self.sources: dict[int, frozenset[int]] = {id(x): frozenset({-1})}
        self.kept = [x]  # a freed tensor's id could be given to the next one

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        given = _tensors((*args, *(kwargs or {}).values()))
        self.seen.foreign += [x for x in given if isinstance(x, nn.Parameter) and id(x) not in self.names]
        names: Names = sum((self.names.get(id(x), ()) for x in given), ())
        sources = frozenset().union(*(self.sources.get(id(x), ()) for x in given))
        if names and sources and _tensors((output,)):
            self.seen.uses.append((names, sources))
            names, sources = (), frozenset({len(self.seen.uses) - 1})
        for made in _tensors((output,)):
            self.kept.append(made)
            if sources:
                self.sources[id(made)] = sources
            elif names:  # made of weights alone, as `self.weight.view(...)` is
                self.names[id(made)] = names
        return output


def _tensors(values: Sequence[Any]) -> list[Tensor]:
    """The tensors among the values, those in a list or a tuple included."""
    flat = (x for value in values for x in (value if isinstance(value, list | tuple) else (value,)))
    return [x for x in flat if isinstance(x, Tensor)]


@torch.no_grad()
def fill(module: nn.Module) -> None:
    """Give a module random weights, running means and variances, the same in every call."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in _state(module).items():
        random = torch.randn(tensor.shape, generator=generator)  # in float64 four times as slow
        random = random.square() + 0.5 if "var" in name else random
        tensor.copy_(random / prod(tensor.shape[1:]) ** 0.5)  # numbers of one size in every layer


def pairings(built: nn.Module, mine: Watched, reference: nn.Module, right: Watched) -> Iterator[Pairing]:
    """Which tensor of `reference` each of `built` is, by name; the likeliest pairing first.

    Paired are uses that read tensors of the same shapes and come after the same uses; where these are not the
    same, as of a convolution in two halves, tensors of the same shape in the order in which they are used.
    Last come those in which a square matrix is the other one turned, as in `x @ weight`.
    """
    modules, runs = (built, reference), (mine, right)
    shapes = [{name: _shape(tensor) for name, tensor in _state(module).items()} for module in modules]
    numbers: dict[Any, int] = {}
    by_place = [_by_place(run, own, numbers) for run, own in zip(runs, shapes, strict=True)]
    in_order = [
        _by_shape((name for names, _ in run.uses for name in names), own)
        for run, own in zip(runs, shapes, strict=True)
    ]
    square = any(tensor.ndim == 2 and len(set(tensor.shape)) == 1 for tensor in _state(built).values())
    given: list[Pairing] = []
    for turned in (False, True)[: 1 + square]:
        for ours, theirs in (by_place, in_order):
            if {key: len(names) for key, names in ours.items()} == {key: len(n) for key, n in theirs.items()}:
                pairing = {
                    own: (other, turned)
                    for key, names in ours.items()
                    for own, other in zip(names, theirs[key], strict=True)
                }
                if pairing not in given:
                    given.append(pairing)
                    yield pairing


def _state(module: nn.Module) -> dict[str, Tensor]:
    """What a module learns or keeps, by name, one name for each tensor; counters apart."""
    found = (*module.named_parameters(), *module.named_buffers())
    return {name: tensor for name, tensor in found if tensor.is_floating_point()}


def _shape(tensor: Tensor) -> Shape:
    """The sizes of a tensor in order, without ones: a linear layer is a 1x1 convolution, perhaps turned."""
    return tuple(sorted(size for size in tensor.shape if size > 1))


def _by_place(run: Watched, shapes: dict[str, Shape], numbers: dict[Any, int]) -> dict[Any, list[str]]:
    """The names of a state by where they are used: by the shapes used there, and by what comes before."""
    found: dict[Any, list[str]] = defaultdict(list)
    places: list[int] = []
    for names, sources in run.uses:
        key = (
            tuple(shapes.get(name, ()) for name in names),
            tuple(sorted(places[i] if i >= 0 else -1 for i in sources)),
        )
        places.append(numbers.setdefault(key, len(numbers)))
        for index, name in enumerate(names):
            found[places[-1], index].append(name)
    return found


def _by_shape(names: Any, shapes: dict[str, Shape]) -> dict[Any, list[str]]:
    """Names by shape, each once, in the order given."""
    found: dict[Any, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        if name in shapes:
            found[shapes[name], "var" in name].append(name)
    return found


@torch.no_grad()
def give(built: nn.Module, reference: nn.Module, pairing: Pairing) -> None:
    """Copy the weights of `reference` into `built`."""
    own, other = _state(built), _state(reference)
    for name, (source, turned) in pairing.items():
        if name in own:
            tensor, given = own[name], other[source].squeeze()
            if tensor.ndim == given.ndim == 2 and (turned or tensor.shape != given.shape):
                given = given.T
            tensor.copy_(given.reshape(tensor.shape))
