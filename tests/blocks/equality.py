"""Equality with torchvision and timm: their block with our arguments, weights copied by position, float64."""

from functools import partial

import torch
from hypothesis import settings
from hypothesis import strategies as st
from timm.models import _efficientnet_blocks as timm_blocks
from torch import Tensor, nn
from torchvision.models import efficientnet, mobilenetv2

import blocks
from course.kit.checks.case import Case
from course.kit.checks.contract import Build, randomize_norms
from tests.blocks.claims import Reference

# The same examples in every run, so that a failure is nobody's chance.
examples = settings(max_examples=40, deadline=None, derandomize=True)
channels = st.integers(1, 24)
strides = st.sampled_from((1, 2))
kernels = st.sampled_from((1, 3, 5, 7))
sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def pairs(draw: st.DrawFn, step: int = 1) -> dict[str, int]:
    """Channels, equal ones in half of the cases, so that there is a shortcut."""
    pair = [step * draw(st.integers(1, 24 // step)) for _ in range(2)]
    return {"in_channels": pair[0], "out_channels": pair[draw(st.integers(0, 1))]}


@st.composite
def expanding(draw: st.DrawFn) -> dict[str, float]:
    """Channels and an expansion, whole or not, that gives a multiple of 8: the references round to one."""
    pair = draw(pairs())
    return {**pair, "expansion": 8 * draw(st.integers(1, 6)) / pair["in_channels"]}


# References that two chapters share; a chapter's own stand in its block.py.


def downsample(case: Case) -> nn.Module | None:
    if case.fits:
        return None
    conv = nn.Conv2d(case.in_channels, case.out_channels, 1, case.stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(case.out_channels))


def timm_depthwise_separable(case: Case) -> nn.Module:
    return timm_blocks.DepthwiseSeparableConv(
        case.in_channels,
        case.out_channels,
        dw_kernel_size=case.argument("kernel_size"),
        stride=case.stride,
        noskip=True,
        pw_act=case.block is blocks.DepthwiseSeparable,
        act_layer=case.argument("act"),
    )


def mobilenet_v2(case: Case) -> nn.Module:
    """Its expand_ratio 1 is the linear bottleneck, once its shortcut is off; it knows 3x3 only."""
    expansion = case.argument("expansion", 1)
    block = mobilenetv2.InvertedResidual(case.in_channels, case.out_channels, case.stride, expansion)
    if case.block is blocks.LinearBottleneck:
        block.use_res_connect = False
    return block


def _timm_squeeze_excitation(case: Case) -> partial[nn.Module]:
    squeezed = max(1, case.in_channels // case.argument("se_reduction"))
    return partial(timm_blocks.SqueezeExcite, rd_channels=squeezed)


def timm_inverted_residual(case: Case) -> nn.Module:
    """Expansion 1 is DepthwiseSeparableConv there. The expanded width must be a multiple of 8."""
    weigh = _timm_squeeze_excitation(case) if case.block is blocks.MBConv else None
    drop = case.argument("drop_probability", 0.0)
    if case.expanded == case.in_channels:
        return timm_blocks.DepthwiseSeparableConv(
            case.in_channels,
            case.out_channels,
            dw_kernel_size=case.argument("kernel_size"),
            stride=case.stride,
            act_layer=case.argument("act"),
            se_layer=weigh,
            drop_path_rate=drop,
        )
    return timm_blocks.InvertedResidual(
        case.in_channels,
        case.out_channels,
        dw_kernel_size=case.argument("kernel_size"),
        stride=case.stride,
        exp_ratio=case.argument("expansion"),
        act_layer=case.argument("act"),
        se_layer=weigh,
        drop_path_rate=drop,
    )


def torchvision_efficientnet(case: Case) -> nn.Module:
    """MBConv and FusedMBConv. The expanded width must be a multiple of 8, se_reduction 4."""
    fused = case.block is blocks.FusedMBConv
    settings = efficientnet.FusedMBConvConfig if fused else efficientnet.MBConvConfig
    kernel = case.argument("kernel_size")
    config = settings(case.argument("expansion"), kernel, case.stride, case.in_channels, case.out_channels, 1)
    # It rounds the channels to multiples of 8; ours are as given.
    config.input_channels, config.out_channels = case.in_channels, case.out_channels
    block = efficientnet.FusedMBConv if fused else efficientnet.MBConv
    return block(config, case.argument("drop_probability"), nn.BatchNorm2d)


def assert_equal(case: Case, *references: Reference) -> None:
    for reference in references:
        assert equals_reference(case.block, case, reference) is None, reference.__name__


def equals_reference(build: Build, case: Case, reference: Reference) -> str | None:
    """What differs between ours and the reference in eval or training mode, with the same weights."""
    torch.default_generator.manual_seed(0)
    ours, theirs = build(**case.arguments).double(), reference(case).double()
    randomize_norms(theirs)
    misfit = copy_by_position(theirs, ours)
    if misfit:
        return misfit
    try:
        return _differs(ours.eval(), theirs.eval(), case) or _differs(ours.train(), theirs.train(), case)
    except RuntimeError as error:  # a wrong block: no backward after an operation in place
        return str(error)


def copy_by_position(source: nn.Module, target: nn.Module) -> str | None:
    """Copy parameters and buffers in their order; say what does not fit."""
    given, wanted = source.state_dict(), target.state_dict()
    shapes = [[tuple(tensor.shape) for tensor in state.values()] for state in (given, wanted)]
    if shapes[0] != shapes[1]:
        return f"{list(wanted)} with {shapes[1]} instead of {list(given)} with {shapes[0]}"
    target.load_state_dict(dict(zip(wanted, given.values(), strict=True)))
    return None


def _differs(ours: nn.Module, theirs: nn.Module, case: Case) -> str | None:
    """Outputs, gradients and, after a step in training, running statistics; the same random draws."""
    mode = "training" if ours.training else "eval"
    results = []
    for module in (ours, theirs):
        module.zero_grad()
        x = case.input(4).requires_grad_()
        torch.default_generator.manual_seed(1)
        y = module(x * 1)  # torchvision and timm work in place: not on the leaf itself
        (y * torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view_as(y)).sum().backward()
        gradients = [x.grad, *(parameter.grad for parameter in module.parameters())]
        results.append({"output": [y], "gradients": gradients, "buffers": list(module.buffers())})
    for what, got in results[0].items():
        if not all(map(_close, got, results[1][what])):
            return f"{what} differ in {mode} mode"
    return None


def _close(a: Tensor | None, b: Tensor | None) -> bool:
    if a is None or b is None:
        return a is b
    return a.shape == b.shape and torch.allclose(a.double(), b.double(), rtol=1e-9, atol=1e-9)
