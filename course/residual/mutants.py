"""Broken versions of BasicBlock, one fault each. Readers look for it: no docstring tells."""

from torch import Tensor

from blocks import BasicBlock, ConvNormAct
from course.kit.checks.mutants import broken


class AddsInPlace(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        x = self.shortcut(x)
        x += y
        return self.act(x)


class ShortcutDropped(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        return self.act(y)


class ActBeforeAddition(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(y)
        return self.act(y) + self.shortcut(x)


class FirstLayerDead(BasicBlock):
    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x)
        y = self.second(x if x.shape == y.shape else y)
        return self.act(y + self.shortcut(x))


def always_projected(block: BasicBlock) -> None:
    conv = block.first.conv
    block.shortcut = ConvNormAct(
        conv.in_channels, conv.out_channels, kernel_size=1, stride=conv.stride[0], act=None
    )


MUTANTS = broken(
    BasicBlock,
    ("adds in place", AddsInPlace, "x += y changes the caller's tensor where the shortcut is the identity."),
    ("shortcut dropped", ShortcutDropped, "Nothing is added: a plain network."),
    (
        "activation before the addition",
        ActBeforeAddition,
        "The branch can only add, and nothing follows the sum.",
    ),
    (
        "first layer dead",
        FirstLayerDead,
        (
            "The second convolution reads x and not the first one's output (an official solution of "
            "lectures-labs)."
        ),
    ),
    (
        "always projected",
        always_projected,
        "A 1x1 projection stands where the identity fits: the paper's option C, not B.",
    ),
)
