"""How far the logits of our MobileNetV2 are from torchvision's: as it should be, and with each mistake.

Both have the official weights and get the same three photographs. Where torchvision cannot be imported, the
differences are the stored ones, with the versions that gave them (tools/logits.py).
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import torch
from torch import Tensor, nn

from blocks.networks import preprocess
from course.kit.training import data, on_photos
from course.kit.training.loop import one_thread, own_generator
from course.networks.mistakes import MISTAKES

NONE = "no mistake"


@dataclass(frozen=True)
class Differences:
    """The largest difference of a logit, over all classes and photographs.

    Attributes:
        largest: NONE first, then each of MISTAKES.
        torchvision, torch: the versions.
        is_live: whether it was computed here and now, not read.
    """

    largest: Mapping[str, float]
    torchvision: str
    torch: str
    is_live: bool

    def __str__(self) -> str:
        how = "computed now" if self.is_live else "stored"
        lines = [f"{name:28}{value:10.2g}" for name, value in self.largest.items()]
        title = f"largest difference from torchvision {self.torchvision}, torch {self.torch} ({how})"
        return "\n".join([title, *lines])


def logit_differences() -> Differences:
    """Computed where torchvision can be imported and the weights are on the machine, else as stored.

    Raises:
        ValueError: as `blocks.networks.load_official`.
    """
    try:
        importlib.import_module("torchvision")
        on_photos.mobilenet_v2()
    except (
        ImportError,
        RuntimeError,
        OSError,
    ):  # torchvision raises a RuntimeError where it does not fit torch
        return stored()
    return computed()


def computed() -> Differences:
    """Both networks on the three photographs.

    Raises:
        ImportError, RuntimeError: torchvision cannot be imported.
        OSError, ValueError: as `blocks.networks.load_official`.
    """
    torchvision = importlib.import_module("torchvision")
    ours = on_photos.mobilenet_v2()
    with torch.device("meta"):  # its random start would be thrown away
        theirs = torchvision.models.mobilenet_v2()
    weights = dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True))
    theirs.load_state_dict(weights, assign=True)
    due = _logits(theirs.eval())
    networks = {NONE: ours} | {name: change(ours) for name, change in MISTAKES.items()}
    largest = {name: (_logits(network) - due).abs().max().item() for name, network in networks.items()}
    return Differences(largest, _plain(torchvision.__version__), _plain(torch.__version__), is_live=True)


def stored() -> Differences:
    """What tools/logits.py wrote."""
    file = resources.files(__package__).joinpath("data", "logits.json")
    return Differences(**json.loads(file.read_text(encoding="utf-8")), is_live=False)


def _logits(network: nn.Module) -> Tensor:
    """(photographs, classes); what a network in training mode draws is fixed."""
    pictures = [preprocess(data.photograph(name)) for name in data.PHOTOGRAPHS]
    with torch.no_grad(), one_thread(), own_generator(0):
        return torch.cat([network(picture) for picture in pictures])


def _plain(version: str) -> str:
    """Without the build: "2.13.0" of "2.13.0+cpu"."""
    return version.partition("+")[0]
