"""How a learner's module differs from the right one: the first difference, in words that say where
to look."""

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from blocks.measure import Graph, Step, graph
from course.kit.checks.checking import close, described
from course.kit.checks.errors import in_words
from course.kit.checks.matching import Watched, fill, give, pairings, watched
from course.kit.checks.running import CHANGED, Slip, build, no_tensor, within_time

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
IN_TRAINING = "it is right in eval mode, but in training its output is another. What differs there?"
BY_CHANCE = "in eval mode its output changes from call to call. What in it is drawn at random?"
HARMLESS = ("inplace", "momentum")  # settings that change no output in eval mode


def misbuilt(
    answer: Any,
    reference: Callable[..., nn.Module],
    names: Sequence[str],
    settings: Sequence[Sequence[Any]],
    size: int = 9,
) -> str | None:
    """What is wrong with a learner's class, tried in every setting; None if it builds what `reference` does.

    The channels are given by position, everything else by name.

    Args:
        names: of the arguments, ("in_channels", "out_channels", "stride").
        settings: their values, [(8, 12, 2), ...].
        size: height and width of the input, odd, so that a forgotten padding shows at stride 2, too.

    Raises:
        Slip: nothing can be built.
    """
    for values in settings:
        setting = described(names, values)
        arguments = dict(zip(names, values, strict=True))
        channels = [arguments.pop(name) for name in _BY_POSITION if name in arguments]
        built = build(answer, *channels, setting=setting, **arguments)
        wrong = difference(built, reference(*channels, **arguments), (2, channels[0], size, size))
        if wrong is not None:
            return f"{setting}: {wrong}"
    return None


_BY_POSITION = ("in_channels", "channels", "out_channels")


def difference(built: nn.Module, reference: nn.Module, input_shape: Sequence[int]) -> str | None:
    """The first way in which `built` differs from `reference` for an input of `input_shape`; None
    if in none.

    What counts is the output with the same weights, in float64, in eval mode and in training, the number of
    parameters, and that the input is left alone; how the block is written does not. Only where something
    differs are the steps of the two compared, to say what.
    """
    if not isinstance(built, nn.Module):
        return "a Module is needed. Does your class derive from nn.Module?"
    if "_modules" not in vars(built):
        return "its `__init__` must call `super().__init__()` first."
    try:
        return _difference(built, reference, tuple(input_shape))
    except Slip as slip:
        return _no_brackets(built) or str(slip)


def _no_brackets(built: nn.Module) -> str | None:
    """Whether a class stands where a layer belongs, as in `self.act = nn.ReLU`."""
    for part in built.modules():
        for name, value in vars(part).items():
            if isinstance(value, type) and issubclass(value, nn.Module):
                return f"`self.{name}` is the class {value.__name__}, not a layer. Are its brackets missing?"
    return None


def wake(built: nn.Module, x: Tensor) -> None:
    """Let lazy layers find out their sizes.

    Raises:
        Slip: the forward fails, or does not use one of them.
    """
    if _lazy(built):
        training = built.training
        ran(built.eval(), x.clone())
        built.train(training)
        if _lazy(built):
            raise Slip("its forward does not use all its layers.")


def _lazy(built: nn.Module) -> bool:
    return any(map(is_lazy, (*built.parameters(), *built.buffers())))


def _difference(built: nn.Module, reference: nn.Module, input_shape: tuple[int, ...]) -> str | None:
    source, shape = torch.Generator().manual_seed(0), (max(2, input_shape[0]), *input_shape[1:])
    means = torch.randn(*shape[:2], *[1] * len(shape[2:]), generator=source)  # else gates would see nothing
    x = 2 * means + torch.randn(shape, generator=source)
    wake(built, x)
    other = copy.deepcopy(reference).double()
    fill(other)
    with torch.no_grad():
        right = watched(other.eval(), x.double())
    mine = _tried(built, x)
    if mine.output.shape != right.output.shape:
        shape = tuple(mine.output.shape)
        return f"it turns {tuple(x.shape)} into {shape}; expected {tuple(right.output.shape)}."
    own = _paired(built, mine, other, right, x)
    if own is None and _changes(built, x):
        return BY_CHANCE
    wrong = _in_training(built, own, other, x) if own is not None else _OTHER
    if own is not None and wrong in (None, _RANDOM):
        wrong = wrong or _counted(built, reference) or _alone(own, right.output, x)
        return wrong or _untrainable(built, own, other, x)
    return _by_steps(built, reference, input_shape) or wrong


_OTHER = "with the same weights its output is another. Look at the padding and at the order of its steps."
_RANDOM = "it is right in eval mode, but in training its output changes by chance. Is there a dropout?"


def _tried(built: nn.Module, x: Tensor) -> Watched:
    """A learner's forward, watched, in eval mode.

    Raises:
        Slip: it raises, does not end, gives no tensor, changes its input, or has layers of its own making.
    """
    twin, own = _twin(built), x.clone()
    seen = ran(twin, own)
    if seen.foreign:
        again = {id(tensor) for tensor in ran(twin, x.clone()).foreign}
        if any(id(tensor) in again for tensor in seen.foreign):
            raise Slip(
                "PyTorch does not see all its layers: a plain list or dict hides them. Make them attributes"
                " in __init__, or use nn.Sequential or nn.ModuleList."
            )
        raise Slip("its forward makes new layers in every call. Make them in __init__, as attributes.")
    if wrong := no_tensor(seen.output):
        raise Slip(f"its forward {wrong}")
    if not torch.equal(own, x):
        raise Slip(f"it {CHANGED}")
    return seen


def _twin(built: nn.Module) -> nn.Module:
    """A copy in eval mode with parameters that are numbers, whatever `torch.empty` has found in memory."""
    twin = copy.deepcopy(built).eval()
    fill(nn.ParameterList(twin.parameters()))
    return twin


def _changes(built: nn.Module, x: Tensor) -> bool:
    """Whether in eval mode two calls give different outputs."""
    twin = _twin(built)
    with torch.random.fork_rng(devices=[]):
        return not torch.equal(*(ran(twin, x.clone()).output for _ in range(2)))


def ran(module: nn.Module, x: Tensor, how: Callable[[nn.Module, Tensor], Watched] = watched) -> Watched:
    """A forward, watched; what it raises is put in words."""
    try:
        return within_time(lambda: how(module, x))
    except Slip:
        raise
    except (Exception, SystemExit) as error:
        raise Slip(f"its forward fails: {in_words(error)}") from error


def _paired(built: nn.Module, mine: Watched, other: nn.Module, right: Watched, x: Tensor) -> nn.Module | None:
    """A copy of `built` with the weights of `other`, so paired that both give the same in eval mode; None if
    no pairing does that."""
    for pairing in pairings(built, mine, other, right):
        own = copy.deepcopy(built).double()
        with torch.no_grad():
            give(own, other, pairing)
        if close(_output(copy.deepcopy(own), x, train=False), right.output):
            return own
    return None


def _output(module: nn.Module, x: Tensor, *, train: bool, seed: int = 0) -> Tensor:
    """What a module gives for `x` in float64, with the chance of a seed.

    A learner's forward that does not take float64, as one with an `x.float()`, runs in float32.
    """
    given = x.double()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also writes down who calls: 5 ms
        try:
            got = ran(module.train(train), given).output
        except Slip:
            given = x.clone()
            torch.default_generator.manual_seed(seed)
            got = ran(module.float(), given).output
    if not torch.equal(given.double(), x.double()):
        raise Slip(f"in training it {CHANGED}")
    return got


def _in_training(built: nn.Module, own: nn.Module, other: nn.Module, x: Tensor) -> str | None:
    """What is wrong in training with a block that is right in eval mode."""
    first, second = (
        (_output(copy.deepcopy(own), x, train=True, seed=seed), _output(other, x, train=True, seed=seed))
        for seed in (0, 1)
    )
    if close(*first) and close(*second):
        return _normed_twice(built, x)
    if not torch.equal(first[0], second[0]):
        return _RANDOM
    return IN_TRAINING


def _normed_twice(built: nn.Module, x: Tensor) -> str | None:
    """Whether one forward moves the running mean and variance of a norm more than once."""
    twin = copy.deepcopy(built).train()
    ran(twin, x.clone())
    for name, calls in twin.named_buffers():
        if "num_batches" in name and calls - built.get_buffer(name) > 1:
            norm = name.rpartition(".")[0]
            return f"in training its forward calls {norm} twice, and so moves the running mean twice."
    return None


def _alone(own: nn.Module, right: Tensor, x: Tensor) -> str | None:
    """What is wrong with one sample, where two are right."""
    try:
        if close(_output(copy.deepcopy(own), x[:1], train=False), right[:1]):
            return None
    except Slip as slip:
        return f"with one sample {slip}"
    return "with one sample its output is another. Does its forward count on two, or squeeze a size of 1?"


def _untrainable(built: nn.Module, own: nn.Module, other: nn.Module, x: Tensor) -> str | None:
    """What is wrong with the gradients, in training, where all numbers are right."""
    twin = copy.deepcopy(built)  # with the dtypes that the learner has chosen
    twin.load_state_dict(own.state_dict())
    mine, due = (ran(each, x, _backward).output for each in (twin, other.float()))
    if any(parameter.grad is None for parameter in twin.parameters()):
        return "its parameters get no gradient: is there a detach or no_grad?"
    # A sign near 0 may be another in float32: what is detached changes much more.
    if mine is None or (mine - due).norm() > 0.1 * due.norm():
        return "its input does not get the right gradient: is there a detach or no_grad?"
    return None


def _backward(module: nn.Module, x: Tensor) -> Watched:
    """One backward in training; its output is the gradient of the input, the parameters keep theirs."""
    given = x.clone().requires_grad_()
    with torch.enable_grad():
        y = module.train()(given)
        if y.requires_grad:
            y.pow(3).sum().backward()  # of squares a norm at the end would leave no gradient
    return Watched(given.grad)


def _counted(built: nn.Module, reference: nn.Module) -> str | None:
    """What is wrong with the number of parameters."""
    got, due = (sum(p.numel() for p in module.parameters()) for module in (built, reference))
    if got > due:
        return (
            f"it has {got:,} parameters; expected {due:,}. Are there modules that its forward does not use?"
        )
    if got < due:
        return f"it has {got:,} parameters; expected {due:,}. Is a weight no parameter, or one used twice?"
    return None


def _by_steps(built: nn.Module, reference: nn.Module, input_shape: Sequence[int]) -> str | None:
    """The first step, or the first setting of a layer, that is another; None if the steps do not tell."""
    right = graph(reference, input_shape)
    try:
        mine = _aligned(_plain(within_time(lambda: graph(built, input_shape))), right)
    except Exception:  # noqa: BLE001 - a forward that looks at its numbers cannot be recorded without them
        return None
    if wrong := _weights(mine, right) or _steps(mine, right):
        return wrong
    setting = _setting((built, reference), (mine, right))
    if not setting and any(step.detail == "clamp" for step in mine.steps):
        setting = "look at the bounds of its clamp, and at the settings of its other functions."
    return f"same steps, same weights, another output: {setting}" if setting else None


# Functions that change no number.
_COPIES = ("clone", "contiguous", "detach", "to", "double", "float", "alias", "type_as")
_CLAMPS = ("clamp", "clamp_min", "clamp_max", "maximum", "clip")


def _plain(mine: Graph) -> Graph:
    """The graph in the reference's words: no copies, y * sigmoid(y) as a SiLU, a clamp as an activation."""
    steps: list[Step] = []
    number: dict[int, int] = {}
    for index, recorded in enumerate(mine.steps):
        label = recorded.name.rpartition(".")[2]
        inputs = tuple(number[i] for i in recorded.inputs)
        if label in _COPIES:
            number[index] = inputs[0]
            continue
        step = replace(recorded, inputs=inputs)
        if label in _CLAMPS:
            step = replace(step, kind="activation", detail="clamp")
        if step.kind == "multiply" and _gates_itself(steps, inputs):
            step = replace(step, kind="activation", detail="silu", inputs=(min(inputs),))
            steps.pop()
        number[index] = len(steps)
        steps.append(step)
    return Graph(tuple(steps))


def _gates_itself(steps: list[Step], inputs: tuple[int, ...]) -> bool:
    """Whether the two factors of a product are a step and its sigmoid, the last of the steps."""
    last = len(steps) - 1
    return last in inputs and steps[last].detail.lower() == "sigmoid" and steps[last].inputs == (min(inputs),)


def _aligned(mine: Graph, right: Graph) -> Graph:
    """The graph with its steps in the reference's order, as far as what they read allows it."""
    order, left = [0], list(range(1, len(mine.steps)))
    for wanted in right.steps[1:]:
        ready = [i for i in left if set(mine.steps[i].inputs) <= set(order)]
        alike = [i for i in ready if _step(_renumbered(mine.steps[i], order), wanted) is None]
        if not ready:
            break
        order.append((alike or ready)[0])
        left.remove(order[-1])
    order += left
    return Graph(tuple(_renumbered(mine.steps[i], order) for i in order))


def _renumbered(step: Step, order: list[int]) -> Step:
    return replace(step, inputs=tuple(order.index(i) for i in step.inputs))


def _weights(mine: Graph, right: Graph) -> str | None:
    """Whether the k x k convolutions have the right number of weights: a lost `groups` shows here."""
    ours, theirs = (
        [s for s in g.steps if s.kind in ("convolution", "grouped", "depthwise")] for g in (right, mine)
    )
    for wanted, got in zip(ours, theirs, strict=True) if len(ours) == len(theirs) else ():
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
            again = got.name in (step.name for step in mine.steps[:number])
            if again and got.parameters < wanted.parameters:
                wrong = f"is {got.name} once more. Is one layer used twice?"
            return f"step {number} of its forward, {_words(got)}, {wrong}"
    last = min(len(mine.steps), len(right.steps))
    if last == 1:
        return "it gives its input back unchanged."
    if last < len(right.steps):
        return f"its forward ends after {_words(mine.steps[-1])}; {_words(right.steps[last])} is missing."
    if last < len(mine.steps):
        return f"after {_words(right.steps[-1])} it should end, but {_words(mine.steps[last])} follows."
    return None


def _step(got: Step, wanted: Step) -> str | None:
    """What is wrong with one step, to be read after "step n, a norm, ..."."""
    if got.kind != wanted.kind or not _alike(got, wanted):
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


def _alike(got: Step, wanted: Step) -> bool:
    """Whether two steps of a kind are of one family; a clamp is a ReLU or a ReLU6, by its bounds."""
    clamped = got.detail == "clamp" and _family(wanted) in ("relu", "relu6")
    return clamped or _family(got) == _family(wanted)


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
        for key in ("dilation", *right, *mine) if mine and right else ():  # a padding may follow from it
            if mine.get(key) != right.get(key):
                value = mine.get(key, "its default")
                return f"look at the {key} of {steps[0].name or 'the layer'}, which is {value}."
    return None


def _settings(layer: nn.Module | None) -> dict[str, str]:
    """What a layer prints of itself, by name."""
    printed = dict(re.findall(r"(\w+)=(\([^)]*\)|[^,]+)", layer.extra_repr() if layer else ""))
    if getattr(layer, "transposed", False):  # a convolution whose steps are those of a plain one
        printed["type"] = type(layer).__name__
    return {key: value for key, value in printed.items() if key not in HARMLESS}


def _words(step: Step) -> str:
    if step.kind == "pool" and _family(step) == "mean":
        whole = step.shape[2:] in ((), (1, 1))
        return "a mean over height and width" if whole else f"an average pooling ({step.detail})"
    if step.kind not in WORDS:
        return f"{'a max pooling' if step.kind == 'pool' else step.detail} ({step.name})"
    detail = f" ({step.detail})" if step.detail and step.kind not in ("add", "multiply") else ""
    return f"{WORDS[step.kind]}{detail}"
