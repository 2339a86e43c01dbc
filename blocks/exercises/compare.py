"""How a learner's module differs from the right one: the first difference, in words that say where
to look."""

import copy
import re
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from blocks.measure import Graph, Step, graph

WORDS = {
    "convolution": "a full convolution",
    "grouped": "a grouped convolution",
    "depthwise": "a depthwise convolution",
    "pointwise": "a 1x1 convolution",
    "norm": "a norm",
    "activation": "an activation",
    "linear": "a linear layer",
    "add": "an addition",
    "multiply": "a multiplication",
}
HARMLESS = ("inplace", "momentum")  # settings that change no output in eval mode


def difference(built: nn.Module, reference: nn.Module, input_shape: Sequence[int]) -> str | None:
    """The first way in which `built` differs from `reference` for an input of `input_shape`; None
    if in none.

    Looked at in this order, from the plain to the hidden: output shape, weights of the k x k
    convolutions, order and kind of the steps, who feeds whom, settings and parameters of each step,
    whether the input is left alone, and the output itself, with the same weights, in float64.
    """
    if not isinstance(built, nn.Module):
        return f"a Module is needed, got {type(built).__name__}. Does your class derive from nn.Module?"
    try:
        mine, right = graph(built, input_shape), graph(reference, input_shape)
    except ValueError as error:
        sizes = re.search("broadcast|must match", str(error))
        hint = " Is there a shortcut where the shapes differ?" if sizes else ""
        return f"its forward fails. {error}{hint}"
    if mine.steps[-1].shape != right.steps[-1].shape:
        return f"it turns {tuple(input_shape)} into {mine.steps[-1].shape}; expected {right.steps[-1].shape}."
    if wrong := _weights(mine, right) or _steps(mine, right):
        return wrong
    return _outputs(built, reference, _setting((built, reference), (mine, right)), input_shape)


def _weights(mine: Graph, right: Graph) -> str | None:
    """Whether the k x k convolutions have the right number of weights: a lost `groups` shows here."""
    ours, theirs = (
        [s for s in g.steps if s.kind in ("convolution", "grouped", "depthwise")] for g in (right, mine)
    )
    for wanted, got in zip(ours, theirs, strict=False):
        if got.multiply_adds > wanted.multiply_adds and got.kind != wanted.kind:
            times = got.multiply_adds / wanted.multiply_adds
            return (
                f"{times:.1f} times too many weights in the {got.detail} ({got.name}): did you pass groups?"
            )
    return None


def _steps(mine: Graph, right: Graph) -> str | None:
    """The first step that is not what it should be, is missing, or is one too many."""
    for number, (got, wanted) in enumerate(zip(mine.steps, right.steps, strict=False)):
        if wrong := _step(got, wanted):
            return f"step {number} of its forward, {_words(got)}, {wrong}"
    last = min(len(mine.steps), len(right.steps))
    if last < len(right.steps):
        return f"its forward ends after {_words(mine.steps[-1])}; {_words(right.steps[last])} is missing."
    if last < len(mine.steps):
        return f"after {_words(right.steps[-1])} it should end, but {_words(mine.steps[last])} follows."
    return None


def _step(got: Step, wanted: Step) -> str | None:
    """What is wrong with one step, to be read after "step n, a norm, ..."."""
    if got.kind != wanted.kind or _family(got) != _family(wanted):
        return f"stands where {_words(wanted)} belongs."
    if sorted(got.inputs) != sorted(wanted.inputs):
        which = "which tensor must it read?" if len(wanted.inputs) == 1 else "which two tensors must it join?"
        return f"does not read what it should: {which}"
    if got.shape != wanted.shape:
        return f"gives the shape {got.shape}; expected {wanted.shape}."
    if got.parameters != wanted.parameters:
        per_channel = got.parameters - wanted.parameters == got.shape[1]
        bias = " Is there a bias before a norm, or is the norm missing?" if per_channel else ""
        return f"has {got.parameters:,} parameters; expected {wanted.parameters:,}.{bias}"
    return None


def _family(step: Step) -> str:
    """What must be the same of two steps of a kind, written as a module or as a function."""
    detail = step.detail.lower().replace("_", "").removesuffix("2d")
    if step.kind == "pool":
        return "max" if "max" in detail else "mean"
    return detail if step.kind in ("activation", "norm") else ""


def _setting(modules: tuple[nn.Module, nn.Module], graphs: tuple[Graph, Graph]) -> str | None:
    """The first setting of a layer that no shape shows and that is not as it should be."""
    layers = [dict(module.named_modules()) for module in modules]
    for steps in zip(*(each.steps for each in graphs), strict=True):
        found = [inside.get(step.name) for inside, step in zip(layers, steps, strict=True)]
        mine, right = (_settings(layer) for layer in found)
        for key in (*right, *mine) if mine and right else ():
            if mine.get(key) != right.get(key):
                value = f"is {mine[key]}" if key in mine else "has its default"
                return f"look at the {key} of {steps[0].name or 'the layer'}, which {value}."
    return None


def _settings(layer: nn.Module | None) -> dict[str, str]:
    """What a layer prints of itself, by name."""
    printed = dict(re.findall(r"(\w+)=(\([^)]*\)|[^,]+)", layer.extra_repr() if layer else ""))
    return {key: value for key, value in printed.items() if key not in HARMLESS}


def _outputs(
    built: nn.Module, reference: nn.Module, setting: str | None, input_shape: Sequence[int]
) -> str | None:
    """Whether both give the same output with the same weights, and leave the input as it was.

    Args:
        setting: where to look, should the output differ.
    """
    built, reference = (copy.deepcopy(module).double().eval() for module in (built, reference))
    generator = torch.Generator().manual_seed(0)
    state = reference.state_dict()
    if len(state) != len(built.state_dict()):
        return setting or "it has modules with weights that its forward does not use."
    if [own.shape for own in built.state_dict().values()] != [given.shape for given in state.values()]:
        return (
            "same steps, but its modules stand in another order in __init__, and weights are copied by"
            " position: define them in the order in which forward uses them."
        )
    for tensor in state.values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype) + 0.1)
    _load(built, list(state.values()))
    x = torch.randn(tuple(input_shape), generator=generator, dtype=torch.float64)
    kept = x.clone()
    with torch.no_grad():
        y = built(x)
        if not torch.equal(x, kept):
            return (
                "it changes its input in place: the caller's tensor is no longer what it was. Is there a +=?"
            )
        if not torch.allclose(y, reference(kept)):
            return "same steps, same weights, another output: " + (
                setting or "look at padding, and at the order of your modules."
            )
    return None


def _load(module: nn.Module, tensors: list[Tensor]) -> None:
    """Copy `tensors` into the module's state by position."""
    for own, given in zip(module.state_dict().values(), tensors, strict=True):
        own.copy_(given)


def _words(step: Step) -> str:
    if step.kind == "pool" and _family(step) == "mean":
        whole = step.shape[2:] in ((), (1, 1))
        return "a mean over height and width" if whole else f"an average pooling ({step.detail})"
    if step.kind not in WORDS:
        return f"{'a max pooling' if step.kind == 'pool' else step.detail} ({step.name})"
    detail = f" ({step.detail})" if step.detail and step.kind not in ("add", "multiply") else ""
    return f"{WORDS[step.kind]}{detail}"
