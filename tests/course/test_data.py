"""The images that the package brings: right bytes, right pixels, right draws, no network."""

import hashlib
import re
import subprocess
import sys
from importlib import resources

import numpy as np
import pytest
import torch

from course.kit.training import data

FOLDER = resources.files(data)
PER_CLASS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # UCI's own description of the test set
SIZES = {"cat": (384, 256), "espresso": (384, 256), "camera_operator": (256, 256)}


def stated_checksums() -> dict[str, str]:
    text = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([\w.]+)` \|.* bytes \| `([0-9a-f]{64})` \|$", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["digits.npz", "cat.png", "espresso.png", "camera_operator.png"])
def test_files_are_the_ones_that_the_readme_describes(name: str) -> None:
    content = FOLDER.joinpath(name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == stated_checksums()[name]
    assert f"{len(content):,} bytes" in FOLDER.joinpath("README.md").read_text(encoding="utf-8")


def test_digits_have_their_shapes_and_classes() -> None:
    images, labels = data.digits()
    assert (images.shape, images.dtype) == ((1797, 1, 8, 8), torch.float32)
    assert (labels.shape, labels.dtype) == ((1797,), torch.int64)
    assert labels.bincount().tolist() == PER_CLASS


def test_digits_are_standardized_whole_numbers_from_0_to_16() -> None:
    images, _ = data.digits()
    assert images.mean().item() == pytest.approx(0, abs=1e-5)
    assert images.std(correction=0).item() == pytest.approx(1, abs=1e-5)
    pixels = images * data.STD + data.MEAN
    torch.testing.assert_close(pixels, pixels.round(), atol=1e-5, rtol=0)
    assert (pixels.round().min().item(), pixels.round().max().item()) == (0, 16)


def test_the_first_digit_is_the_known_zero() -> None:
    images, labels = data.digits()
    first = (images[0, 0] * data.STD + data.MEAN).round().int()
    assert labels[:10].tolist() == list(range(10))
    assert first[0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert first.sum().item() == 294


def test_changing_the_digits_changes_no_later_ones() -> None:
    images, labels = data.digits()
    images.zero_()
    labels.zero_()
    fresh, names = data.digits()
    assert fresh.abs().sum() > 0
    assert names.sum() > 0


@pytest.mark.parametrize("train", [1, 300, 1400, 1796])
def test_split_uses_every_digit_once(train: int) -> None:
    split = data.split(7, train)
    assert len(split.train_images) == len(split.train_labels) == train
    together = torch.cat([split.train_images, split.test_images]).flatten(1)
    labels = torch.cat([split.train_labels, split.test_labels])
    images, truth = data.digits()

    def rows(pixels: torch.Tensor, names: torch.Tensor) -> list[bytes]:
        return sorted(
            np.array([*image.tolist(), name]).tobytes() for image, name in zip(pixels, names, strict=True)
        )

    assert rows(together, labels) == rows(images.flatten(1), truth)


def test_split_is_drawn_by_its_seed_alone() -> None:
    state = torch.random.get_rng_state()
    first, same, other = data.split(3), data.split(3), data.split(4)
    assert torch.equal(first.train_images, same.train_images)
    assert torch.equal(first.test_labels, same.test_labels)
    assert not torch.equal(first.train_labels, other.train_labels)
    assert torch.equal(state, torch.random.get_rng_state())


def test_a_larger_split_only_moves_test_digits_over() -> None:
    small, large = data.split(3, 300), data.split(3, 1400)
    assert torch.equal(small.train_images, large.train_images[:300])


@pytest.mark.parametrize("name", data.PHOTOGRAPHS)
def test_photographs_are_rgb_with_a_shorter_side_of_256(name: str) -> None:
    picture = data.photograph(name)
    assert (picture.mode, picture.size) == ("RGB", SIZES[name])


def test_photographs_show_what_their_names_say() -> None:
    """Mean colors: a ginger cat, red and brown wood round the cup, and gray sky above darker grass."""
    cat, espresso, camera = (np.asarray(data.photograph(name), float) for name in data.PHOTOGRAPHS)
    assert [round(value) for value in cat.mean((0, 1))] == [148, 111, 87]
    assert [round(value) for value in espresso.mean((0, 1))] == [159, 86, 51]
    assert np.ptp(camera, axis=2).max() == 0
    assert camera[:64].mean() > camera[-64:].mean() + 30


def test_resizing_is_torchvisions() -> None:
    """The tool that wrote the photographs calls Pillow; the weights' preset calls torchvision's resize."""
    from PIL import Image  # noqa: PLC0415
    from torchvision.transforms.functional import resize  # noqa: PLC0415

    noise = np.random.default_rng(0).integers(0, 256, (300, 451, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    ours = picture.resize((384, 256), Image.Resampling.BILINEAR)
    assert np.array_equal(np.asarray(resize(picture, 256, antialias=True)), np.asarray(ours))


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (
            lambda: data.photograph("dog"),
            ValueError,
            "^photograph: name must be one of cat, espresso, .* got 'dog'",
        ),
        (lambda: data.split(-1), ValueError, "^split: seed must be a whole number from 0 .* got -1"),
        (lambda: data.split(0, 0), ValueError, "^split: train must be a whole number from 1 to 1796, got 0"),
        (
            lambda: data.split(0, 1797),
            ValueError,
            "^split: train must be a whole number from 1 to 1796, got 1797",
        ),
        (lambda: data.split(0.5), TypeError, "^split: seed must be a whole number"),
    ],
)
def test_bad_arguments_are_refused_in_words(call, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call()


def test_nothing_opens_a_connection_or_changes_files() -> None:
    program = """
import sys
def refuse(event, arguments):
    if event.startswith("socket.") or event in ("os.remove", "os.rename", "os.mkdir"):
        raise SystemExit(f"{event} {arguments}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise SystemExit(f"{event} {arguments}")
import torch, numpy, PIL.Image, PIL.PngImagePlugin
sys.dont_write_bytecode = True
sys.addaudithook(refuse)
from course.kit.training import data
data.split(0)
for name in data.PHOTOGRAPHS:
    data.photograph(name)
if len(sys.argv) > 1:
    import socket
    socket.socket()
"""
    quiet = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    caught = subprocess.run([sys.executable, "-c", program, "x"], check=False, capture_output=True, text=True)
    assert "socket" in caught.stderr
