"""Every block keeps its contract, over a wide grid, and goes on to where people take it."""

import copy
import io
import pickle
import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.ao.quantization import (
    get_default_qat_qconfig_mapping,
    get_default_qconfig_mapping,
    quantize_fx,
)
from torchvision.models import feature_extraction

from blocks import Bottleneck, ConvNormAct, FusedMBConv, InvertedResidual, Residual
from course.kit.checks import contract
from course.kit.checks.case import Case
from tests.blocks.claims import SAME, claimed, claims

CASES = [each.case(*setting) for each in claimed() for setting in each.contract]


def name(case: Case) -> str:
    values = (getattr(value, "__name__", value) for value in case.arguments.values())
    return f"{case.block.__name__}-{'-'.join(map(str, values))}-{case.size[0]}x{case.size[1]}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_contract(case: Case) -> None:
    assert contract.diagnose(case.block, case) == {}


# --- what people do with a block next: up to a second each, so not in the whole grid

FURTHER = [each.case(arguments) for each in claimed() for arguments in each.further]
Go = Callable[[nn.Module, Tensor], object]


def same(got: Tensor, due: Tensor, within: float = 1e-5) -> None:
    torch.testing.assert_close(got, due, rtol=within, atol=within)


def seeded(module: Go, x: Tensor) -> Tensor:
    torch.default_generator.manual_seed(0)
    return module(x)


def copied(module: nn.Module, x: Tensor) -> None:
    copies = copy.deepcopy(module), pickle.loads(pickle.dumps(module))  # noqa: S301 - made here
    for training in (False, True):
        due = seeded(module.train(training), x)
        for other in copies:
            same(seeded(other.train(training), x), due)


def scripted(module: nn.Module, x: Tensor) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        script = torch.jit.script(module.train())
        same(seeded(script, x), seeded(module, x))
        script(x).sum().backward()
        file = io.BytesIO()
        torch.jit.save(script.eval(), file)
        file.seek(0)
        loaded = torch.jit.load(file)
    same(loaded(x), module.eval()(x))


def traced(module: nn.Module, x: Tensor) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        trace = torch.jit.trace(module.eval(), x)
    larger = torch.cat((x, x))
    same(trace(larger), module(larger))


def features_extracted(module: nn.Module, x: Tensor) -> None:
    _, names = feature_extraction.get_graph_node_names(module)
    extractor = feature_extraction.create_feature_extractor(module.eval(), {names[-1]: "y"})
    same(extractor(x)["y"], module(x))


def fused(module: nn.Module, x: Tensor) -> None:
    found = quantize_fx.fuse_fx(copy.deepcopy(module.eval()))
    assert not any(isinstance(part, nn.BatchNorm2d) for part in found.modules())
    same(found(x), module(x), within=1e-4)


def quantized(module: nn.Module, x: Tensor) -> None:
    mapping = get_default_qconfig_mapping()
    prepared = quantize_fx.prepare_fx(copy.deepcopy(module.eval()), mapping, (x,))
    prepared(x)
    found, due = quantize_fx.convert_fx(prepared)(x), module(x)
    assert (found - due).abs().max() < 0.1 * due.abs().max()  # of 8 bits, through a few layers


def trained_for_quantization(module: nn.Module, x: Tensor) -> None:
    mapping = get_default_qat_qconfig_mapping()
    prepared = quantize_fx.prepare_qat_fx(copy.deepcopy(module.train()), mapping, (x,))
    prepared(x).sum().backward()
    assert quantize_fx.convert_fx(prepared.eval())(x).shape == module(x).shape


def exported(module: nn.Module, x: Tensor) -> None:
    batch = ({0: torch.export.Dim("n")},)
    found = torch.export.export(module.eval(), (x,), dynamic_shapes=batch).module()
    same(found(torch.cat((x, x))), module(torch.cat((x, x))))


def compiled(module: nn.Module, x: Tensor) -> None:
    found = torch.compile(module.train(), backend="aot_eager", fullgraph=True)
    same(seeded(found, x), seeded(module, x))


def hooked(module: nn.Module, x: Tensor) -> None:
    """Full backward hooks refuse a sub-module whose output is written over."""
    for part in module.modules():
        part.register_full_backward_hook(lambda *_: None)
    module.train()(x.requires_grad_()).sum().backward()


GOING_ON: tuple[Go, ...] = (
    *(copied, scripted, traced, features_extracted, fused, quantized, trained_for_quantization),
    *(exported, compiled, hooked),
)


# torch.ao and torch.jit are announced to go; as long as people use them, the blocks work with them. In eval
# mode stochastic depth is no step of the graph, and torchvision tells.
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",
    "ignore::UserWarning:torch.ao",
    "ignore:NOTE. The nodes obtained:UserWarning",
)
@pytest.mark.parametrize("go", GOING_ON, ids=lambda go: go.__name__)
@pytest.mark.parametrize("case", FURTHER, ids=name)
def test_going_on(case: Case, go: Go) -> None:
    torch.default_generator.manual_seed(0)
    go(case.block(**case.arguments), case.input(4, torch.float32))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning:torch.ao")
@pytest.mark.parametrize("go", GOING_ON, ids=lambda go: go.__name__)
def test_going_on_with_any_body(go: Go) -> None:
    torch.default_generator.manual_seed(0)
    go(Residual(ConvNormAct(8, 8)), FURTHER[-1].input(4, torch.float32))


@pytest.mark.parametrize("cases", [CASES, FURTHER], ids=["contract", "further"])
def test_no_block_is_left_out(cases: list[Case]) -> None:
    assert {case.block for case in cases} == {each.block for each in claimed()}


class Asks(InvertedResidual):
    """Decides by the shape of a tensor."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if x.shape == y.shape else y


class Lists(FusedMBConv):
    """A shape of as many ones as a tensor has dimensions."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.fused(x))
        return x + y + x.new_zeros(x.shape[0], *[1] * (x.ndim - 1))


class AddsToItsBranch(Bottleneck):
    """Right numbers; but who kept what `expand` gave, now holds the sum."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.expand(self.spatial(self.reduce(x)))
        y += self.shortcut(x)
        return self.act(y)


@pytest.mark.parametrize(
    ("wrong", "check"),
    [(Asks, "traceable"), (Lists, "traceable"), (AddsToItsBranch, "outputs_untouched")],
)
def test_wrong_only_further_on(wrong: type[nn.Module], check: str) -> None:
    """Nothing else in the contract sees these."""
    case = claims()[wrong.__mro__[1]].case(SAME)
    assert set(contract.diagnose(wrong, case)) == {check}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning:torch.ao")
@pytest.mark.parametrize(
    ("wrong", "go"),
    [
        *((Asks, go) for go in (features_extracted, fused, quantized, trained_for_quantization)),
        *((Lists, go) for go in (scripted, features_extracted, fused, quantized)),
        (AddsToItsBranch, hooked),
    ],
)
def test_the_wrong_ones_do_not_go_on(wrong: type[nn.Module], go: Go) -> None:
    case = claims()[wrong.__mro__[1]].case(SAME)
    refusal = r"symbolically traced|cannot be iterated|size of a list|view and is being modified"
    with pytest.raises(Exception, match=refusal):
        go(wrong(8, 8), case.input(4, torch.float32))
