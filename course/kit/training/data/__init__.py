"""Real images that the package brings along: handwritten digits and three photographs. No network needed.

Sources, licenses, checksums and the way to make the files again: README.md in this folder.
"""

import functools
from dataclasses import dataclass
from importlib import resources

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from blocks import _arguments

PHOTOGRAPHS = ("cat", "espresso", "camera_operator")
MEAN, STD = 4.884165, 6.016787  # of all pixels of all 1,797 digits, on their own scale of 0 to 16


@dataclass(frozen=True)
class Split:
    """Digits to train on and digits to test on, without overlap: images (N, 1, 8, 8) and labels (N,)."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


def digits() -> tuple[Tensor, Tensor]:
    """All 1,797 digits: images (1797, 1, 8, 8), float32, and labels (1797,), int64, 0 to 9.

    The images are standardized: (pixel - MEAN) / STD, one mean and one deviation for the whole set,
    so `images * STD + MEAN` gives back the whole numbers 0 (paper) to 16 (ink). Each call returns
    tensors of its own: changing them changes nothing here.
    """
    pixels, labels = _stored_digits()
    images = (torch.from_numpy(pixels).float() - MEAN) / STD
    return images.unsqueeze(1), torch.from_numpy(labels).long()


def split(seed: int, train: int = 300) -> Split:
    """`train` digits to train on and all the others to test on, drawn at random by `seed`.

    The draw is plain, not stratified: classes come about as often as in the whole set. The same seed
    gives the same split, and a larger `train` only moves test digits over; runs of one seed are paired.

    Raises:
        TypeError, ValueError: seed is not a whole number from 0, or train not one from 1 to 1796.
    """
    _arguments.whole("split", "seed", seed, least=0)
    _arguments.whole("split", "train", train, most=1796)
    images, labels = digits()
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    first, rest = order[:train], order[train:]
    return Split(images[first], labels[first], images[rest], labels[rest])


def photograph(name: str) -> Image.Image:
    """One of PHOTOGRAPHS as an RGB picture, its shorter side 256 pixels.

    The size is the one that the published ImageNet weights of torchvision resize to; what is left
    to do for those is the center crop and the standardization.

    Raises:
        ValueError: there is no such photograph.
    """
    if name not in PHOTOGRAPHS:
        names = ", ".join(PHOTOGRAPHS)
        raise ValueError(
            f"photograph: name must be one of {names}, got {name!r}. The package brings no others."
        )
    with resources.files(__name__).joinpath(f"{name}.png").open("rb") as file:
        return Image.open(file).convert("RGB")


@functools.cache
def _stored_digits() -> tuple[np.ndarray, np.ndarray]:
    """Pixels (1797, 8, 8) and labels (1797,), both uint8, as the file has them."""
    with resources.files(__name__).joinpath("digits.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        return stored["images"], stored["labels"]
