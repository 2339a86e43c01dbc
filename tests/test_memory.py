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


def test_refusals_are_the_graphs() -> None:
    with pytest.raises(TypeError, match=r"^graph: module must be a Module"):
        memory("block", (1, 2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="refuses the input shape"):
        memory(InvertedResidual(24, 24), (1, 23, 5, 5))
