"""The counted memory is what a real forward has alive, storage by storage, when its norms are folded."""

import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from blocks import Bottleneck, ConvNormAct, InvertedResidual
from blocks.measure import memory
from blocks.networks import blocks_of, fold_norms, mobilenet_v2

RELU6 = partial(nn.ReLU6, inplace=True)
RELU = partial(nn.ReLU, inplace=True)


class Living(TorchDispatchMode):
    """Bytes of the storages that operations made and that are not yet freed."""

    def __init__(self, x: Tensor) -> None:
        super().__init__()
        self.now = self.peak = x.untyped_storage().nbytes()
        self.known = {x.untyped_storage().data_ptr()}

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in out if isinstance(out, tuple) else (out,):
            storage = tensor.untyped_storage()
            place, size = storage.data_ptr(), storage.nbytes()
            if size and place not in self.known:
                self.known.add(place)
                self.now += size
                self.peak = max(self.peak, self.now)
                weakref.finalize(storage, self._free, place, size)
        return out

    def _free(self, place: int, size: int) -> None:
        self.known.discard(place)
        self.now -= size


def alive(module: nn.Module, shape: tuple[int, ...]) -> int:
    x, folded = torch.randn(shape), fold_norms(module)
    with torch.no_grad(), Living(x) as living:
        folded(x)
    return living.peak


def test_every_block_of_mobilenet_v2() -> None:
    shape: tuple[int, ...] = (1, 32, 112, 112)
    for block in blocks_of(mobilenet_v2()):
        counted = memory(block, shape)
        assert counted.peak == alive(block, shape)
        assert counted.at == ("project" if isinstance(block.expand, nn.Identity) else "depthwise")
        shape = counted.tensors[-1].shape
    assert shape == (1, 320, 7, 7)


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (ConvNormAct(3, 16, stride=2, act=RELU), (2, 3, 9, 9)),
        (Bottleneck(64, 64, act=RELU), (1, 64, 14, 14)),
        (Bottleneck(64, 128, stride=2, act=RELU), (1, 64, 14, 14)),
        (InvertedResidual(8, 8, expansion=1, act=RELU6), (3, 8, 5, 5)),
    ],
)
def test_other_modules(module: nn.Module, shape: tuple[int, ...]) -> None:
    assert memory(module, shape).peak == alive(module, shape)


def test_by_hand() -> None:
    """24 channels of 56 x 56 are 301,056 bytes, 144 are 1,806,336."""
    counted = memory(InvertedResidual(24, 24), (1, 24, 56, 56))
    assert [(tensor.name, tensor.bytes) for tensor in counted.tensors] == [
        ("input", 301_056),
        ("expand", 1_806_336),
        ("depthwise", 1_806_336),
        ("project", 301_056),
        ("add", 301_056),
    ]
    assert (counted.peak, counted.at) == (301_056 + 2 * 1_806_336, "depthwise")


def test_an_activation_does_not_write_over_what_others_need() -> None:
    """The input is the caller's, and what a shortcut still reads must stay."""

    class Before(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.act = nn.Conv2d(4, 4, 1), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            y = self.first(x)
            return y + self.act(y)

    one = 4 * 4 * 6 * 6
    assert memory(nn.ReLU(), (1, 4, 6, 6)).peak == 2 * one
    counted = memory(Before(), (1, 4, 6, 6))
    assert [tensor.name for tensor in counted.tensors] == ["input", "first", "act", "add"]
    assert counted.peak == 4 * one


class Runs(nn.Module):
    """A forward given as a function of the module and the input, with its layers."""

    def __init__(self, run: Callable[..., Any], **layers: nn.Module) -> None:
        super().__init__()
        self.run = run
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x: Tensor) -> Any:
        return self.run(self, x)


def both_halves(m: Any, x: Tensor) -> Tensor:
    out = torch.empty(1, 8, 8, 8)
    out[:, :4] = m.a(x)
    out[:, 4:] = m.b(x)
    return out


def added_after_it_was_read(m: Any, x: Tensor) -> Tensor:
    y = m.wide(x)
    z = m.next(y)
    y += z
    return y


def product_of_halves(m: Any, x: Tensor) -> Tensor:
    first, second = m.wide(x).chunk(2, 1)
    return first * second


def read_twice(y: Tensor) -> Tensor:
    z = y.flatten(1).relu()
    return y.flatten(1) + z


POINT = partial(nn.Conv2d, kernel_size=1)


@pytest.mark.parametrize(
    ("module", "maps"),
    [
        # Both outputs stay: 3 of the input, 64, and two of 8. With the last one alone it would be 75.
        (
            Runs(
                lambda m, x: {"large": m.a(x), "small": [m.c(m.b(x))]},
                a=POINT(3, 64),
                b=POINT(3, 8),
                c=POINT(8, 8),
            ),
            3 + 64 + 8 + 8,
        ),
        # Views: a flattened map or a half of one is no tensor of its own.
        (nn.Sequential(POINT(3, 8), nn.Flatten()), 3 + 8),
        (Runs(product_of_halves, wide=POINT(3, 8)), 3 + 8 + 4),
        # Values and indices are two tensors.
        (Runs(lambda m, x: m.a(x).max(1, keepdim=True)[0], a=POINT(3, 8)), 3 + 8 + 2),
        # What is written into is one tensor, and is there from the first write on.
        (Runs(both_halves, a=POINT(3, 4), b=POINT(3, 4)), 3 + 8 + 4),
        (Runs(added_after_it_was_read, wide=POINT(3, 8), next=POINT(8, 8)), 3 + 8 + 8),
        # An activation does not write over an output, over a view of the input, or over what is read later.
        (Runs(lambda m, x: (y := m.a(x), y.relu()), a=POINT(3, 8)), 3 + 8 + 8),
        (Runs(lambda m, x: (y := m.a(x), y.flatten(1).relu()), a=POINT(3, 8)), 3 + 8 + 8),
        (Runs(lambda _, x: x.flatten(1).relu()), 3 + 3),
        (Runs(lambda m, x: read_twice(m.a(x)), a=POINT(3, 8)), 3 + 8 + 8 + 8),
        # Where it alone reads a map, it does, through a view too.
        (Runs(lambda m, x: m.a(x).flatten(1).relu(), a=POINT(3, 8)), 3 + 8),
    ],
)
def test_several_outputs_views_and_writes(module: nn.Module, maps: int) -> None:
    assert memory(module, (1, 3, 8, 8)).peak == 4 * 64 * maps


def test_weights_made_by_a_function_are_weights() -> None:
    plain, normed = nn.Conv2d(3, 8, 3), torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 8, 3))
    assert memory(normed, (1, 3, 8, 8)).peak == memory(plain, (1, 3, 8, 8)).peak


def test_refusals_are_the_graphs() -> None:
    with pytest.raises(TypeError, match=r"^graph: module must be a Module"):
        memory("block", (1, 2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="refuses the input shape"):
        memory(InvertedResidual(24, 24), (1, 23, 5, 5))
