"""What every block owes, as small checks: each builds a block, tries it, and says what is wrong, or None.

A check takes `build`, which makes the block when it is called with the case's arguments (a class, yours
or one of `course.kit.checks.mutants`), and the `Case`, which says what the right block promises. No check
compares with the right block itself: `course.kit.checks.compare` does that.

Sub-modules must be registered in running order, a projection on the shortcut under the name `shortcut`.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.utils.flop_counter import FlopCounterMode

from blocks import measure
from course.kit.checks.case import Case

Build = Callable[..., nn.Module]
_NORMS = (nn.modules.batchnorm._BatchNorm, nn.GroupNorm)


def output_shape(build: Build, case: Case) -> str | None:
    """(N, out_channels, ceil(H / stride), ceil(W / stride))."""
    x = case.input()
    got = tuple(_built(build, case)(x).shape)
    due = (x.shape[0], case.out_channels, *case.out_size)
    return None if got == due else f"The output has the shape {got}, it should be {due}."


def gradients(build: Build, case: Case) -> str | None:
    """In training a gradient reaches the input and every parameter."""
    module, x = _built(build, case).train(), case.input().requires_grad_()
    y = module(x)
    y.backward(torch.ones_like(y))
    named = (("the input", x), *module.named_parameters())
    without = [name for name, tensor in named if tensor.grad is None]
    if not without:
        return None
    return f"No gradient reaches {', '.join(without)}: the output does not depend on it."


def input_untouched(build: Build, case: Case) -> str | None:
    """The caller's tensor is what it was before, in training and in eval mode."""
    module, x = _built(build, case), case.input()
    before = x.clone()
    with torch.no_grad():
        module.train()(x)
        module.eval()(x)
    if torch.equal(x, before):
        return None
    return "The block changes its input: an operation works in place (such as x += y, or inplace=True)."


def outputs_untouched(build: Build, case: Case) -> str | None:
    """What a part of the block gives is not changed later: a hook that keeps it sees what it gave."""
    module = _built(build, case)
    kept: list[tuple[str, Tensor, Tensor]] = []
    for name, part in module.named_modules():
        part.register_forward_hook(lambda *call, name=name: kept.append((name, call[-1], call[-1].clone())))
    with torch.no_grad():
        module(case.input())
    changed = [name for name, given, before in kept if not torch.equal(given, before)]
    return f"What {', '.join(changed)} gives is changed afterwards, in place." if changed else None


def parameters(build: Build, case: Case) -> str | None:
    """As many parameters as the docstring's formula gives."""
    got = sum(p.numel() for p in _built(build, case).parameters())
    return _compared("parameters", got, case)


def multiply_adds(build: Build, case: Case) -> str | None:
    """As many multiply-adds for one sample as the docstring's formula gives."""
    got = measure.cost(_built(build, case), (1, case.in_channels, *case.size)).multiply_adds
    return _compared("multiply-adds", got, case)


def recordable(build: Build, case: Case) -> str | None:
    """`measure.graph` follows the block to its output, and counts what torch's own counter counts."""
    module, x = _built(build, case).eval(), case.input(1)
    recorded = measure.graph(module, x.shape)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        y = module(x)
    if recorded.steps[-1].shape != tuple(y.shape):
        return (
            f"The recorded forward ends with {recorded.steps[-1].shape}, the real one with {tuple(y.shape)}."
        )
    got, due = sum(step.multiply_adds for step in recorded.steps), counter.get_total_flops() / 2
    return None if got == due else f"Recorded {got:,} multiply-adds, torch counts {due:,}."


def samples_apart(build: Build, case: Case) -> str | None:
    """In eval mode a sample's output does not depend on the other samples of the batch."""
    module, x = _built(build, case).eval(), case.input(5)
    with torch.no_grad():
        together = module(x.clone())
        alone = torch.cat([module(sample[None]) for sample in x])
    if _close(together, alone):
        return None
    return "A sample's output changes with the other samples of the batch, in eval mode."


def shortcut_alone(build: Build, case: Case) -> str | None:
    """With the branch's last layer at zero, only the shortcut is left (nothing, where there is none)."""
    module, x = _built(build, case).eval(), case.input()
    name, last = _last_layer(module)
    _scale(last, 0)
    with torch.no_grad():
        got, due = module(x.clone()), _kept(module, x, case)
        if case.shortcut == "projected" or not (case.ends_linear or case.has_identity):
            due = _act(case)(due)
        if gate := case.argument("gate"):
            due = x * gate()(torch.zeros((), dtype=x.dtype))
    if _close(got, due.expand_as(got)):
        return None
    left = "the shortcut" if case.fits else "what the shortcut gives, or zero without one"
    return f"With weight and bias of `{name}` set to zero the output should be {left}, and it is not."


def ending(build: Build, case: Case) -> str | None:
    """Linear blocks end without an activation, the others with one, or with a gate."""
    if case.argument("gate"):
        return None
    module, x = _built(build, case).eval(), case.input()
    name, last = _last_layer(module)
    kept = x if case.has_identity else torch.zeros((), dtype=x.dtype)
    with torch.no_grad():
        branch = module(x.clone()) - kept
        _scale(last, -1)
        mirrored = module(x.clone()) - kept
        lowest = _act(case)(torch.linspace(-20, 20, 4001, dtype=x.dtype)).min()
    if case.ends_linear:
        if _close(branch, -mirrored):
            return None
        return f"Negating `{name}` does not negate the branch: something that is not linear follows it."
    if min(branch.min(), mirrored.min()) >= lowest - 1e-3:
        return None
    return (
        f"The output falls below {lowest:.2g}, the least that the activation can give: it does not end there."
    )


def state_round_trip(build: Build, case: Case) -> str | None:
    """A second block, given the first one's state dict, does what the first one does."""
    first, second, x = _built(build, case, seed=1), _built(build, case, seed=2), case.input()
    missing = second.load_state_dict(first.state_dict(), strict=False)
    with torch.no_grad():
        same = _close(first.eval()(x.clone()), second.eval()(x.clone()))
    if same and not (missing.missing_keys or missing.unexpected_keys):
        return None
    return (
        "A copy that loads the state dict gives another output: something is kept outside of it, or random."
    )


def channels_last(build: Build, case: Case) -> str | None:
    """The memory format channels_last changes nothing in the result."""
    module, x = _built(build, case).eval(), case.input()
    with torch.no_grad():
        due = module(x.clone())
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        got = module(x.to(memory_format=torch.channels_last))
    return None if _close(got, due) else "In the memory format channels_last the output differs."


def bfloat16(build: Build, case: Case) -> str | None:
    """The block runs in bfloat16, and answers in it."""
    module, x = _built(build, case).eval().to(torch.bfloat16), case.input(dtype=torch.bfloat16)
    with torch.no_grad():
        y = module(x)
    if y.dtype == torch.bfloat16 and bool(y.isfinite().all()):
        return None
    return f"In bfloat16 the output is {y.dtype}, or not finite: a tensor of a fixed dtype has a part in it."


def traceable(build: Build, case: Case) -> str | None:
    """`torch.fx` follows the block, in eval and in training mode, for tools that rewrite it."""
    module, x = _built(build, case), case.input()
    for training in (False, True):
        traced = fx.symbolic_trace(module.train(training))
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            due = module(x.clone())
            torch.default_generator.manual_seed(0)
            if not _close(traced(x.clone()), due):
                return f"Traced by torch.fx in {'training' if training else 'eval'} mode it differs."
    return None


CHECKS: tuple[Callable[[Build, Case], str | None], ...] = (
    output_shape,
    gradients,
    input_untouched,
    outputs_untouched,
    parameters,
    multiply_adds,
    recordable,
    samples_apart,
    shortcut_alone,
    ending,
    state_round_trip,
    channels_last,
    bfloat16,
    traceable,
)


def diagnose(
    build: Build, case: Case, checks: tuple[Callable[[Build, Case], str | None], ...] = CHECKS
) -> dict[str, str]:
    """What is wrong with the block, by the name of the check; empty if all is well.

    An exception in the block is a diagnosis too: learners' blocks raise.

    >>> from blocks import MBConv
    >>> arguments = {"in_channels": 8, "out_channels": 8}
    >>> diagnose(MBConv, Case(MBConv, arguments, shortcut="identity", ends_linear=True))
    {}
    """
    found = {}
    for check in checks:
        try:
            wrong = check(build, case)
        except Exception as error:  # noqa: BLE001 - whatever a learner's code raises
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            found[check.__name__] = wrong
    return found


def _built(build: Build, case: Case, seed: int = 0) -> nn.Module:
    """The block in float64, its norms with random statistics, the caller's random numbers left alone."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        module = build(**case.arguments).double()
        randomize_norms(module)
    return module


def randomize_norms(module: nn.Module) -> None:
    """Norms as after some training: a fresh one is nearly the identity in eval mode and hides faults."""
    for norm in module.modules():
        if isinstance(norm, _NORMS):
            for tensor, low, high in (
                (norm.weight, 0.5, 1.5),
                (norm.bias, -0.5, 0.5),
                (getattr(norm, "running_mean", None), -0.5, 0.5),
                (getattr(norm, "running_var", None), 0.5, 2.0),
            ):
                if tensor is not None:
                    nn.init.uniform_(tensor, low, high)


def _last_layer(module: nn.Module) -> tuple[str, nn.Module]:
    """The last part with parameters of its own, in the order of registration, not on the shortcut."""
    for name, part in reversed(list(module.named_modules())):
        on_shortcut = "shortcut" in name.split(".")
        if not on_shortcut and any(True for _ in part.parameters(recurse=False)):
            return name, part
    raise ValueError("The block has no layer with parameters.")


def _scale(layer: nn.Module, factor: float) -> None:
    """Multiply weight and bias."""
    with torch.no_grad():
        for parameter in layer.parameters(recurse=False):
            parameter.mul_(factor)


def _kept(module: nn.Module, x: Tensor, case: Case) -> Tensor:
    """What the shortcut gives: x, its projection (a copy of the block's own), or zero where there is none."""
    if case.shortcut and case.fits:
        return x
    if case.shortcut == "projected":
        projection: Any = copy.deepcopy(module).eval().get_submodule("shortcut")
        return projection(x)
    return torch.zeros((), dtype=x.dtype)


def _act(case: Case) -> nn.Module:
    """The case's activation."""
    act = case.argument("act")
    return nn.Identity() if act is None else act()


def _compared(what: str, got: int, case: Case) -> str | None:
    due = case.promised(what)
    if got == due:
        return None
    times = f", {got / due:.1f} times" if got > 1.05 * due else ""
    return f"{got:,} {what} instead of {due:,}{times}. {case.block.__name__} has {case.formula(what)}."


def _close(a: Tensor, b: Tensor) -> bool:
    """Equal but for the order in which floating-point sums are made."""
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-9, atol=1e-9)
