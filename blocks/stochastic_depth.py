"""Stochastic depth: in training, residual branches are left out at random.

Huang, Sun, Liu, Sedra and Weinberger 2016, "Deep Networks with Stochastic Depth", arXiv 1603.09382.
EfficientNet's code calls it drop connect, timm drop path.
"""

from torch import Tensor, nn

from blocks import _arguments


class StochasticDepth(nn.Module):
    """In training, whole samples of a branch are zeroed at random, and the others scaled up.

    A sample is zeroed with the given probability, otherwise divided by the probability of being kept, so
    that the expected value stays the same. In eval mode the input itself is returned. This is
    EfficientNet's kind, one draw for each sample; the paper drops a branch for the whole batch.

    Shapes: (N, C, H, W) to the same.

    Args:
        drop_probability: from 0 to below 1.

    Raises:
        TypeError, ValueError: drop_probability is not such a number.
    """

    def __init__(self, drop_probability: float) -> None:
        super().__init__()
        self.drop_probability = _arguments.probability(
            type(self).__name__, "drop_probability", drop_probability
        )

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.drop_probability == 0:
            return x
        survival = 1 - self.drop_probability
        kept = x.new_empty(x.shape[0], 1, 1, 1).bernoulli_(survival)
        return x * kept / survival

    def extra_repr(self) -> str:
        return f"drop_probability={self.drop_probability}"
