"""Make blocks/experiments/data again from what scikit-learn and scikit-image ship. Authors only.

python -m venv /tmp/data && /tmp/data/bin/pip install numpy Pillow scikit-learn scikit-image
/tmp/data/bin/python tools/data.py

Nothing that the project runs needs these two packages, so they are not among its dependencies.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data
from sklearn.datasets import load_digits

FOLDER = Path(__file__).parents[1] / "course" / "kit" / "training" / "data"
SHORTER_SIDE = 256  # what the preset of torchvision's ImageNet weights resizes to


def digits() -> None:
    """Write the 1,797 digits: images (1797, 8, 8) with values 0 to 16, and labels, both uint8."""
    found = load_digits()
    images, labels = found.images.astype(np.uint8), found.target.astype(np.uint8)
    np.savez_compressed(FOLDER / "digits.npz", images=images, labels=labels)


def photograph(name: str, pixels: np.ndarray) -> None:
    """Write a photograph as torchvision's resize gives it: for a PIL image that is Pillow's bilinear."""
    image = Image.fromarray(pixels)
    factor = SHORTER_SIDE / min(image.size)
    width, height = (int(side * factor + 1e-9) for side in image.size)
    image.resize((width, height), Image.Resampling.BILINEAR).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    digits()
    photograph("cat", data.chelsea())
    photograph("espresso", data.coffee())
    photograph("camera_operator", data.camera())
