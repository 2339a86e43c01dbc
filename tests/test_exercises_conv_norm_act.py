"""The checkers of notebook 01: right answers pass, wrong ones get their diagnosis, junk never raises."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from blocks import ConvNormAct
from blocks.exercises.conv_norm_act import check_fold, check_out_size, check_suspects, check_unit, suspects
from blocks.exercises.mutants import MUTANTS
from tests.checkers import Check


def size(n: int, k: int, s: int, p: int, d: int) -> int:
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def fold(fault: str = "") -> Callable[[nn.Conv2d, nn.BatchNorm2d], Any]:
    """The folded weight and bias with one fault to choose."""

    def answer(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> Any:
        state = norm.state_dict()
        mean, variance, scale, shift = (state[n] for n in ("running_mean", "running_var", "weight", "bias"))
        eps = 0.0 if fault == "no eps" else norm.eps
        factor = (1 if fault == "no scale" else scale) / torch.sqrt(variance + eps)
        if fault == "no root":
            factor = scale / (variance + eps)
        if fault == "eps outside":
            factor = scale / (variance.sqrt() + eps)
        if fault == "no factor":
            factor = torch.ones_like(scale)
        if fault == "twice":
            factor = 2 * factor
        biases: dict[str, Tensor] = {
            "no mean": shift,
            "no shift": -mean * factor,
            "plain mean": shift - mean,
            "mean added": shift + mean * factor,
            "no bias": torch.zeros_like(shift),
            "strange bias": shift + 7,
        }
        weight = conv.weight * factor.view(-1, 1, 1, 1)
        if fault == "wrong axis":
            return weight[:, :, 0], shift
        if fault == "in place":
            conv.weight.data.mul_(factor.view(-1, 1, 1, 1))
            return conv.weight, shift - mean * factor
        return weight, biases.get(fault, shift - mean * factor)

    return answer


class Unit(nn.Module):
    """The right unit, with one fault to choose."""

    fault = ""

    def __init__(self, i: int, o: int, *, kernel_size: int, stride: int, groups: int) -> None:
        super().__init__()
        padding = {"no padding": 0, "fixed padding": 1}.get(self.fault, kernel_size // 2)
        self.conv = nn.Conv2d(
            i,
            o,
            kernel_size,
            1 if self.fault == "no stride" else stride,
            padding,
            groups=1 if self.fault == "no groups" else groups,
            bias=self.fault == "bias",
        )
        self.norm = nn.BatchNorm2d(o)
        self.act = nn.ReLU() if self.fault == "ReLU" else nn.SiLU()

    def forward(self, x: Tensor) -> Tensor:
        if self.fault == "no norm":
            return self.act(self.conv(x))
        return self.norm(self.conv(x)) if self.fault == "no act" else self.act(self.norm(self.conv(x)))


def unit(fault: str) -> type[nn.Module]:
    return type("Unit", (Unit,), {"fault": fault})


def mutant(name: str) -> Callable[..., nn.Module]:
    return next(m.build for m in MUTANTS if m.imitates is ConvNormAct and m.name == name)


FAULTS = {"A": "norm after the activation", "B": "bias before the norm", "C": "norm forgotten"}
CASES: list[tuple[Check, Any, str]] = [
    (check_out_size, size, r"Right: your size"),
    (check_out_size, lambda n, k, s, p, _: (n + 2 * p - k) // s + 1, r"Not yet: .*how far does the window"),
    (check_out_size, lambda n, k, _, p, d: size(n, k, 1, p, d), r"Not yet: .*it moves by 2"),
    (
        check_out_size,
        lambda n, k, s, p, d: -((d * (k - 1) + 1 - n - 2 * p) // s) + 1,
        r"Not yet: .*round down",
    ),
    (check_out_size, lambda n, k, s, p, d: size(n - p, k, s, p, d), r"Not yet: .*on both sides"),
    (check_out_size, lambda n, *_: n, r"Not yet: .*this is the input's size"),
    (check_out_size, lambda *a: size(*a) + 30, r"Not yet: .*how many places"),
    (
        check_out_size,
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
        r"Not yet: .*a whole number",
    ),
    (check_fold, fold(), r"Right: one convolution"),
    (check_fold, fold("no eps"), r"Not yet: the weight leaves out eps"),
    (check_fold, fold("no scale"), r"Not yet: the weight leaves out the norm's own weight"),
    (check_fold, fold("no root"), r"Not yet: the weight is divided by the variance"),
    (check_fold, fold("eps outside"), r"Not yet: eps belongs under the root"),
    (check_fold, fold("no factor"), r"Not yet: the weight is the convolution's own"),
    (check_fold, fold("twice"), r"Not yet: the weight is not right"),
    (check_fold, fold("no mean"), r"Not yet: the weight is right; the bias leaves out the mean"),
    (check_fold, fold("no shift"), r"Not yet: the weight is right; the bias leaves out the norm's own bias"),
    (check_fold, fold("plain mean"), r"Not yet: the weight is right; the mean is taken off before"),
    (check_fold, fold("mean added"), r"Not yet: the weight is right; the mean is taken off, not added"),
    (check_fold, fold("no bias"), r"Not yet: the weight is right; a bias is missing"),
    (check_fold, fold("strange bias"), r"Not yet: the weight is right, the bias is not"),
    (check_fold, fold("wrong axis"), r"Not yet: the weight has the shape"),
    (check_fold, fold("in place"), r"Not yet: your function changes the modules"),
    (check_fold, lambda conv, _: conv.weight, r"Not yet: two tensors are needed"),
    (check_fold, lambda conv, _: (conv.weight, 0), r"Not yet: the bias must be a Tensor, got int"),
    (check_unit, Unit, r"Right: steps"),
    (check_unit, unit("bias"), r"Not yet: .*a bias before a norm"),
    (check_unit, unit("no norm"), r"Not yet: .*stands where a norm"),
    (check_unit, unit("no act"), r"Not yet: .*an activation .*is missing"),
    (check_unit, unit("ReLU"), r"Not yet: .*an activation \(ReLU\), stands where"),
    (check_unit, unit("no groups"), r"Not yet: .*8\.0 times too many weights"),
    (check_unit, unit("no stride"), r"Not yet: .*stride 2.*expected \(1, 12, 5, 5\)"),
    (check_unit, unit("no padding"), r"Not yet: .*it turns .* expected"),
    (check_unit, unit("fixed padding"), r"Not yet: .*a 5x5 kernel.*it turns"),
    (check_unit, mutant("norm after the activation"), r"Not yet: .*stands where a norm"),
    (check_unit, lambda *_, **__: "a unit", r"Not yet: .*a Module is needed, got str"),
    (check_suspects, FAULTS, r"Right: all three"),
    (check_suspects, FAULTS | {"A": "norm forgotten"}, r"Not yet: A is not .*order of its steps"),
    (check_suspects, FAULTS | {"B": "norm forgotten"}, r"Not yet: B is not .*count the parameters"),
    (check_suspects, FAULTS | {"C": "bias before the norm"}, r"Not yet: C is not .*which is missing"),
    (check_suspects, ["norm forgotten"], r"Not yet: a dict such as"),
]
CHECKS = [check_out_size, check_fold, check_unit, check_suspects]


def test_checking_moves_no_random_numbers() -> None:
    state = torch.get_rng_state()
    check_fold(fold())
    assert torch.equal(state, torch.get_rng_state())


def test_suspects_are_three_wrong_units() -> None:
    assert list(suspects()) == ["A", "B", "C"]
