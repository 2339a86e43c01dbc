"""What a learner's code has raised, in a learner's words: which line, and what to look at."""

import linecache
import re
import sysconfig
from pathlib import Path
from types import TracebackType

import torch
from torch import nn

import blocks

# The name of a layer of PyTorch or of this package.
_LAYER = f"(?:{'|'.join(name for name in (*vars(nn), *vars(blocks)) if name[0].isupper())})"

# Whose lines are not the learner's.
_OTHERS = tuple(
    str(folder)
    for folder in (
        Path(torch.__file__).parents[1],  # PyTorch's, and of all that is installed beside it
        Path(blocks.__file__).parent,
        Path(__file__).parents[2],  # the course
        sysconfig.get_path("stdlib"),
        "<frozen",
    )
)

# What an exception's text means, by a pattern that it begins with; {0}, {1} are the pattern's groups.
_MEANINGS = {
    rf"({_LAYER}: .*)": "{0}",  # this package's own are words already
    r"'(\w+)'$": "nothing has the name '{0}'. Is there a typo?",
    r"name '(\w+)' is not defined": "`{0}` is not known. Is there a typo, or is it not imported?",
    r"cannot access (?:local|free) variable '(\w+)'": "`{0}` is used before it has a value.",
    r"(\S+)\(\) got an unexpected keyword argument '(\w+)'": "`{0}` does not take an argument `{1}`."
    " Is there a typo? Compare the names of the arguments.",
    r"(\S+)\(\) missing \d+ required .*argument[s]?: (.+)": "`{0}` is called without its argument {1}.",
    rf"({_LAYER})\.__init__\(\) takes 1 positional argument but 2 were": "the class {0} stands where"
    " a function belongs. Are its brackets missing?",
    r"(\S+)\(\) takes (.+) but (\d+) (?:positional .*)?(?:were|was) given": "`{0}` takes {1}, and gets {2}.",
    r"(?:mean|sum|amax|amin|std|var|max|min)\(\): argument 'keepdim'": "the dimensions are one argument:"
    " put them in brackets.",
    r"(mean|sum|amax|amin|std|var)\(\) received .* got \((?:Tensor, )?int, int": "the dimensions of `{0}` are"
    " one argument: put them in brackets.",
    rf"'{_LAYER}' object has no attribute '(?:dim|shape|size|mean)'|unsupported operand .*'{_LAYER}'"
    rf"|\w+\(\) received .* got \({_LAYER}\b|\w+\(\): argument 'input' .*not {_LAYER}\b": "a layer itself is"
    " handed on where its output belongs: is `(x)` missing?",
    r"(conv\w+)\(\) received an invalid combination(?s:.*)\bfloat\b": "`{0}` gets a float where a whole"
    " number belongs. Does // belong in place of /?",
    r"(\w+)\(\) received an invalid combination of arguments - got \((.*)\),? but": "`{0}` cannot take"
    " arguments of these kinds: {1}. Which of them is not what it should be?",
    r"(\w+)\(\): argument '(\w+)' .*must be (.+), not (\w+)": "`{0}` gets {3} as its {1}, which must be {2}.",
    r"unsupported operand type\(s\) for \^": "a power is written `**`, not `^`.",
    r"can only concatenate tuple|unsupported operand .*'tuple'": "a tuple stands where a number belongs."
    " Is there a comma at the end of a line?",
    r"'(\S+)' not supported between .*(?:method|function)'": "`{0}` compares a method: are its brackets"
    " missing?",
    r"'(\S+)' not supported between instances of '([\w.]+)' and '([\w.]+)'": "`{0}` compares {1} with {2}."
    " Is one of them not what you think?",
    r"unsupported operand type\(s\) for (\S+): '([\w.]+)' and '([\w.]+)'": "`{0}` stands between {1} and {2}."
    " Is one of them not what you think?",
    r"'(\w+)' object is not (callable|subscriptable|iterable)": "a value of type {0} is not {1}."
    " Is it not what you think?",
    r"module '([\w.]+)' has no attribute '(\w+)'": "`{0}` has no `{1}`. Is there a typo, or a wrong capital?",
    r"cannot assign .* before Module.__init__\(\) call": "`__init__` must call `super().__init__()` first.",
    r"'(\w+)' object has no attribute '_(?:modules|parameters|buffers|\w+_hooks)'": "`__init__` of {0} must"
    " call `super().__init__()` first.",
    r"'(\w+)' object has no attribute '(\w+)'": "{0} has no `.{1}`. Is there a typo, or was it never set?",
    r"\S*(?:\.[a-z_]\w*|<lambda>) is not a Module subclass": "a function stands where a layer belongs.",
    r"\S+\.(\w+) is not a Module subclass": "the class {0} stands where a layer belongs. Are its brackets"
    " missing?",
    r"([\w.]+) is not a Module subclass": "a {0} stands where a layer belongs. Is a `*` missing"
    " before a list of layers?",
    r"Module \[(\w+)\] is missing the required": "your class has no `forward`. Is there a typo in its name,"
    " or is it indented wrongly?",
    r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) .*dimension (\d+)": "two"
    " tensors of different sizes meet, {0} and {1} in dimension {2}. Print the shapes of both.",
    r"Sizes of tensors must match .*Expected size (\d+) but got size (\d+)": "the tensors that are put"
    " together have different sizes, {0} and {1}.",
    r"Given groups=(\d+), weight .*\], expected (input).* to have (\d+) channels, but got (\d+)": "a"
    " convolution made for {2} channels, groups={0}, gets {3}. Are its channels and groups right?",
    r"Given groups=(\d+), expected weight .*at dimension 0, but got weight of size \[+(\d+)": "a convolution"
    " to {1} channels cannot have groups={0}. How many groups should it have?",
    r"(?:in|out)_channels must be divisible by groups": "the channels of a convolution cannot be split into"
    " so many groups. How many groups should it have?",
    r"Calculated padded input size per channel: \((.+)\). Kernel size: \(([\d x]+)\)": "a kernel of {1} does"
    " not fit into a map of {0}, padding included. Look at the padding and at the strides before.",
    r"Given input size: \(\d+x([\dx]+)\)\. Calculated output .* too small": "a pooling does not fit into a"
    " map of {0}. Look at its kernel, and at the strides before.",
    r"Expected 3D \(unbatched\) or 4D \(batched\) input to (\w+), .*size: (\[.*\])": "`{0}` gets"
    " a tensor of shape {1}, and needs four dimensions: samples, channels, height, width.",
    r"Expected 2D \(unbatched\) or 3D \(batched\) input to (\w+)": "`{0}` is made for sequences."
    " Which layer is made for maps, with a height and a width?",
    r"Given weight of size \[(\d+).*expected bias .*size \[(.*)\]": "a convolution to {0} channels has a bias"
    " of {1} numbers.",
    r"running_mean should contain (\d+) elements not (\d+)": "a norm for {1} channels gets {0}.",
    r"expected (?:2D or 3D|5D) input \(got 4D|Given normalized_shape": "this norm is not made for maps."
    " Which one is made for samples, channels, height, width?",
    r"expected 4D input \(got (\d)D": "a norm gets a tensor of {0} dimensions, and needs four.",
    r"Expected more than 1 value per channel": "a norm cannot be trained on one number per channel.",
    r"mat1 and mat2 shapes cannot be multiplied \((\S+) and (\S+)\)": "matrices of {0} and {1} cannot be"
    " multiplied. How many numbers in, how many out?",
    r"(?:Subtraction|Negative), the `-` operator": "`-` does not work with True and False.",
    r"mat[12] must be a matrix": "a matrix is needed, with rows and columns.",
    r"(?:size mismatch|inconsistent tensor size|Expected size for)": "the sizes of what is multiplied"
    " do not fit. Print the shapes of both.",
    r"Boolean value of Tensor": "a condition asks whether a whole tensor is true, which has no answer."
    " What do you want to know of it?",
    r"padding='same' is not supported": '`padding="same"` works at stride 1 alone. Give a number of pixels.',
    r"tensors used as indices must be": "what stands in the brackets must say of each place True or False.",
    r"object of type '(\w+)' has no len": "a value of type {0} has no length. Is it what you think?",
    r"dim (\d+) appears multiple times": "dimension {0} is named twice.",
    r"'torch.Size' object is not callable": "a shape is asked with square brackets, not called.",
    r"non-positive stride": "a stride is at least 1.",
    r"can only concatenate": "text and something else are joined by `+`. Does one of them stand in quotes?",
    r"linalg\.(\w+): A must be .*square.* (\d+ by \d+) ": "`{0}` needs a square matrix, and gets one of {1}.",
    r"linalg\.(\w+).*(?:at least 2|2 or more) dimensions": "`{0}` needs a matrix, with rows and columns.",
    r"linalg\.(\w+): .*singular": "`{0}` gets equations that do not fix one solution.",
    r"The shape of the mask (\[.*?\]) .*indexed tensor (\[.*?\])": "a mask of shape {0} cannot pick from"
    " a tensor of shape {1}.",
    r"shape '(\[.*\])' is invalid for input of size (\d+)": "{1} numbers cannot take the shape {0}.",
    r"Dimension out of range .*got (-?\d+)": "there is no dimension {0}: they are counted from 0.",
    r"index (-?\d+) is out of bounds for dimension \d+ with size (\d+)": "there is no index {0} among {1}.",
    r"(?:tuple|list) index out of range": "there is no item with this index: they are counted from 0.",
    r"too many indices for tensor of dimension (\d+)": "a tensor of {0} dimensions has no more indices.",
    r"(?:Input type|expected m1 and m2|expected scalar|mat1 and mat2 must have)": "numbers"
    " of two types meet, such as float32 and float64. Give new tensors the dtype of the input.",
    r"a Tensor with (\d+) elements cannot be converted": "{0} numbers cannot become one number.",
    r"only (?:one element|integer) tensors .*converted": "a tensor of several numbers stands where"
    " one number belongs.",
    r"Torch not compiled with CUDA|Found no NVIDIA|Expected all tensors to be on|Tensor on device": "all"
    " tensors must be on the device of the input. Leave out `.cuda()`, `.to(...)` and `device=`.",
    r"one of the variables needed for gradient": "no gradient can be computed. Is"
    " there a `+=`, a name with `_` at its end, or `inplace=True`?",
    r"cannot convert float infinity|.*too large (?:to convert to|for a) float|.*Numerical result out of": "a"
    " number gets too large. Is there a `**` that should be a `*`?",
    r"too many values to unpack": "there are more values on the right of `=` than names on its left.",
    r"not enough values to unpack": "there are fewer values on the right of `=` than names on its left.",
    r"'float' object cannot be interpreted as an integer": "a float stands where a whole number belongs:"
    " // instead of /.",
    r"empty\(\): argument 'size' .*(?:got|of type) float": "a layer gets a float for a number of channels or"
    " a kernel size: // instead of /.",
    r"(?:integer )?(?:division|modulo|float)?.*by zero": "something is divided by zero.",
    r"maximum recursion depth exceeded": "a function calls itself without an end.",
}


def in_words(error: BaseException) -> str:
    """What an exception in a learner's code means, after the line in which it came up.

    A text that is not known is told as it is, first line only.
    """
    text = re.sub(r"<function (\S+) at 0x\w+>", r"`\1`", str(error).replace("<lambda>.<locals>.", ""))
    said = text.partition("\n")[0]
    words = next(
        (
            re.sub(r"\{(\d)\}", lambda group, found=found: _plain(found[int(group[1]) + 1]), words)  # type: ignore[misc]
            for pattern, words in _MEANINGS.items()
            if (found := re.match(pattern, text))
        ),
        f"it raised {type(error).__name__}: {said}" if said else f"it raised {type(error).__name__}.",
    )
    return f"{_line(error.__traceback__)}{words}".replace("`<lambda>`", "your function")


def _plain(text: str) -> str:
    """Kinds of values as a learner calls them."""
    return text.replace("NoneType", "None").replace("torch.Size", "shape").split(".<locals>.")[-1]


def _line(traceback: TracebackType | None) -> str:
    """The last line of the learner's own code that was running: its number and its text."""
    place = ""
    while traceback is not None:
        name, number = traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        if not name.startswith(_OTHERS):
            text = linecache.getline(name, number).strip()
            place = f"line {number} of your code{f', `{text}`' if text else ''}: "
        traceback = traceback.tb_next
    return place
