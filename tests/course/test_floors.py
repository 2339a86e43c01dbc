"""What may import what: an import only ever goes down the floors of the house."""

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from course import EXPLORERS, chapters
from tests import ROOT

EVERYBODY = "blocks._arguments"
BELOW = ("blocks", "blocks.networks", "blocks.measure")
ROOMS = ("course.kit.record", "course.kit.drawing", "course.kit.training", "course.kit.checks")
# What a floor may import of the others, and the libraries; a chapter has the rules of CHAPTER.
FLOORS = {
    "blocks": ((), {"torch"}),
    "blocks.networks": (("blocks",), {"torch"}),
    "blocks.measure": ((), {"torch"}),  # it knows no block
    "course": (("course.kit.record",), set()),
    "course.kit": ((), set()),
    "course.kit.record": ((), set()),
    "course.kit.drawing": ((), {"matplotlib", "numpy", "PIL"}),  # it draws plain data
    "course.kit.training": (BELOW, {"torch", "numpy", "PIL"}),
    "course.kit.checks": (BELOW, {"torch", "numpy"}),
    "course.kit.panel": (
        (*BELOW, *ROOMS[:3]),
        {"torch", "PIL", "matplotlib", "ipywidgets", "IPython", "tqdm"},
    ),
    "CHAPTER": ((*BELOW, *ROOMS, "course.kit.panel"), {"torch", "numpy", "PIL", "matplotlib"}),
}
LATE = {"blocks.networks.imagenet": {"PIL"}}  # what a module may import inside its functions
SEVERAL = ("course.start_here", "course.networks")  # they may ask `course` for all chapters
NOWHERE = "matplotlib.pyplot"  # not safe outside the main thread, and it keeps every figure


def floor(name: str) -> str:
    """`blocks.measure._graph` -> `blocks.measure`, `course.mbconv.experiment` -> `course.mbconv`."""
    parts = name.split(".")
    if parts[0] == "course":
        known = ".".join(parts[:3]) if parts[1:2] == ["kit"] else ".".join(parts[:2])
        return known if known in FLOORS or (ROOT / known.replace(".", "/")).is_dir() else parts[0]
    known = ".".join(parts[:2])
    return known if known in FLOORS else parts[0]


def imported(module: str, source: str, *, is_package: bool) -> Iterator[tuple[str, bool]]:
    """Yield the absolute name of all that the source of `module` imports, and whether a function does it.

    What is imported for types alone is left out.
    """
    nodes = list(ast.walk(ast.parse(source)))
    tests = (n for n in nodes if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    for_types = {node for test in tests for node in ast.walk(test)}
    late = {node for n in nodes if isinstance(n, ast.FunctionDef) for node in ast.walk(n)}
    for node in set(nodes) - for_types:
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")
            keep = len(parts) - node.level + is_package
            start = [*(parts[:keep] if node.level else []), *([node.module] if node.module else [])]
            yield from ((".".join([*start, alias.name]), node in late) for alias in node.names)


def climbs(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """What the source imports from a floor that is not below, and libraries out of their place."""
    here = floor(module)
    floors, libraries = FLOORS.get(here, FLOORS["CHAPTER"])
    allowed = {here, *floors, *(("course",) if here in SEVERAL else ())}
    wrong = []
    for name, late in imported(module, source, is_package=is_package):
        library = name.partition(".")[0]
        free = libraries | sys.stdlib_module_names | (LATE.get(module, set()) if late else set())
        if library in ("blocks", "course"):
            wrong += [] if floor(name) in allowed or name.startswith(EVERYBODY) else [name]
        elif library not in free or name.startswith(NOWHERE):
            wrong.append(name)
    return wrong


FILES = sorted(path for package in ("blocks", "course") for path in (ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_go_down(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    assert climbs(module, path.read_text("utf-8"), is_package=is_package) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("blocks.mbconv", "from blocks.measure import graph"),
        ("blocks.mbconv", "from .measure._graph import graph"),
        ("blocks.mbconv", "def late():\n    import matplotlib"),
        ("blocks.mbconv", "import torchvision"),
        ("blocks.mbconv", "from course import EXPLORERS"),
        ("blocks.networks.resnet", "from ..measure import cost"),
        ("blocks.networks.resnet", "def late():\n    from PIL import Image"),
        ("blocks.networks.imagenet", "from PIL import Image"),
        ("blocks.networks.imagenet", "try:\n    from PIL import Image\nexcept ImportError:\n    pass"),
        ("blocks.measure._graph", "from blocks import MBConv"),
        ("blocks.measure._graph", "from ..mbconv import MBConv"),
        ("course.kit.record", "import torch"),
        ("course.kit.training.loop", "from matplotlib.figure import Figure"),
        ("course.kit.training.loop", "from course.kit.drawing import style"),
        ("course.kit.checks.compare", "from course.kit.panel import Explorer"),
        ("course.kit.drawing.style", "import torch.nn as nn"),
        ("course.kit.drawing.diagram", "from blocks.measure import graph"),
        ("course.kit.drawing.style", "from matplotlib import pyplot as plt"),
        ("course.kit.panel.explorer", "from course.mbconv import CHAPTER"),
        ("course.kit.panel.explorer", "from course import chapters"),
        ("course.mbconv._whole_block", "import matplotlib.pyplot as plt"),
        ("course.mbconv._whole_block", "from ..inverted_residual import experiment"),
        ("course.mbconv._whole_block", "from course import chapters"),
        ("course.start_here._course_map", "from course.mbconv import experiment"),
    ],
)
def test_an_import_that_climbs_is_found(module: str, source: str) -> None:
    assert climbs(module, source)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("blocks.mbconv", "from blocks.conv_norm_act import ConvNormAct\nfrom . import _arguments"),
        ("blocks.measure._graph", "import torch\nfrom ._cost import count\nfrom blocks import _arguments"),
        ("blocks.networks.imagenet", "def late():\n    from PIL import Image"),
        ("course.kit.drawing.diagram", "if TYPE_CHECKING:\n    from blocks.measure import Graph"),
        ("course.mbconv._whole_block", "from blocks import MBConv\nfrom .experiment import network"),
        ("course.networks.scoreboard", "from course import chapters"),
    ],
)
def test_an_import_that_goes_down_is_left_alone(module: str, source: str) -> None:
    assert climbs(module, source) == []


def shadowed(package: ModuleType) -> list[str]:
    """The public modules of a package whose name is that of a function or class of the package, too."""
    names = [found.name for found in pkgutil.iter_modules(package.__path__) if found.name[0] != "_"]
    return [name for name in names if not isinstance(getattr(package, name, package), ModuleType)]


PACKAGES = sorted({".".join(path.relative_to(ROOT).parts[:-1]) for path in FILES})


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_shadowed(package: str) -> None:
    assert shadowed(importlib.import_module(package)) == []


def test_a_shadowed_module_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    package = importlib.import_module("blocks.measure")
    monkeypatch.setattr(package, "step", lambda: None)
    assert shadowed(package) == ["step"]


def test_explorers_have_names_of_their_own() -> None:
    concepts = {chapter.concept for chapter in chapters()}
    assert not set(EXPLORERS) & (concepts | sys.stdlib_module_names)
