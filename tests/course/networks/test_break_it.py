"""`break_it`: what the network gets of a photograph, found in another way, and the answers as bars."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from blocks.networks import class_names, preprocess
from blocks.networks.facts import IMAGENET_MEAN, IMAGENET_STD
from course.kit.drawing import answers as drawn
from course.kit.training import data, on_photos, sights
from course.networks import _break_it as broken_it
from course.networks._break_it import NONE, arriving, break_it, broken, draw, received, say
from course.networks.mistakes import MISTAKES
from tests.course.picture_marks import clicks, marks, to_scale

MEAN, STD = (np.array(values) for values in (IMAGENET_MEAN, IMAGENET_STD))


def expected(photo: str, mistake: str) -> np.ndarray:
    """The colors that the weights take the tensor for, from the crop's own."""
    crop = sights.cropped(data.photograph(photo)) / 255
    if mistake == "red and blue swapped":
        crop = ((crop - MEAN) / STD)[..., ::-1] * STD + MEAN
    if mistake == "no normalization":
        crop = crop * STD + MEAN
    return (255 * crop).clip(0, 255)


def check_received(photo: str) -> None:
    for mistake in (NONE, *MISTAKES):
        found = received(photo, mistake)
        assert found.shape == (224, 224, 3)
        assert np.abs(found - expected(photo, mistake)).max() < 1, mistake


@pytest.mark.parametrize("photo", data.PHOTOGRAPHS)
def test_the_photo_is_the_tensor_that_the_network_gets(photo: str) -> None:
    check_received(photo)


def test_the_cat_turns_blue() -> None:
    red, _, blue = received("cat", NONE).mean((0, 1))
    assert red > blue + 30
    red, _, blue = received("cat", "red and blue swapped").mean((0, 1))
    assert blue > red + 30


def test_a_photo_that_only_looks_swapped_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colors swapped in the picture, not in the standardized tensor: close, and not the same."""
    plain, real = received("cat", NONE), received

    def swapped(photo: str, mistake: str) -> np.ndarray:
        return plain[..., ::-1] if mistake == "red and blue swapped" else real(photo, mistake)

    monkeypatch.setitem(check_received.__globals__, "received", swapped)
    with pytest.raises(AssertionError, match="red and blue"):
        check_received("cat")


class Halved(nn.Module):
    """A network that changes its input before the stem, if it uses its stem at all."""

    def __init__(self, *, used: bool = True) -> None:
        super().__init__()
        self.stem, self.used = nn.Conv2d(3, 4, 3), used

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.stem(x / 2) if self.used else x


def test_the_tensor_is_caught_before_the_stem() -> None:
    x, network = torch.randn(1, 3, 8, 8), nn.Sequential(Halved())
    assert torch.equal(arriving(network, x), x / 2)
    assert not network[0].stem._forward_pre_hooks
    with pytest.raises(RuntimeError, match="never came"):
        arriving(nn.Sequential(Halved(used=False)), x)


@pytest.mark.parametrize("mistake", ["norm eps 1e-3", "no normalization"])
def test_the_bars_are_the_networks_probabilities(mistake: str) -> None:
    """Both lists to one scale, against the changed network asked here."""
    found = broken("espresso", mistake)
    pictures = draw(found, "words")
    asked = on_photos.mobilenet_v2(), MISTAKES[mistake](on_photos.mobilenet_v2())
    for picture, network in zip(pictures, asked, strict=True):
        with torch.no_grad():
            likely = network(preprocess(data.photograph("espresso"))).softmax(1)[0].topk(5)
        bars = marks(str(picture))
        assert [value for _, value, _ in bars] == pytest.approx(likely.values.tolist(), abs=1e-4)
        for index in likely.indices:
            assert drawn.shortened(class_names()[int(index)]) in str(picture)
    assert to_scale([bar for picture in pictures for bar in marks(str(picture))])


def test_no_answer_to_a_mistake_before_it_is_chosen() -> None:
    """The vote asks for them."""
    explorer = break_it()
    (only,), said = explorer.answer(explorer.start)
    assert "no mistake" in str(only)
    assert said.seen == "The official MobileNetV2 says Egyptian cat, 72 %. No mistake is made: switch one on."
    assert len(explorer.answer({"photo": "cat", "mistake": "shortcuts removed"})[0]) == 2


def test_every_photo_can_be_clicked() -> None:
    sets = clicks(str(break_it().picture.value))
    assert {one["photo"] for one in sets} == set(data.PHOTOGRAPHS)


@pytest.mark.parametrize("photo", data.PHOTOGRAPHS)
def test_the_words_hold_both_answers(photo: str) -> None:
    for mistake in (NONE, *MISTAKES):
        found = broken(photo, mistake)
        said = say(found)
        assert found.right[0].name in said.seen
        assert found.wrong[0].name in said.seen
        changed = not np.allclose(expected(photo, mistake), expected(photo, NONE))
        assert ("with other colors" in said.heard) == changed


def test_another_first_answer_is_said_to_be_one() -> None:
    for photo, mistake in itertools.product(data.PHOTOGRAPHS, MISTAKES):
        found = broken(photo, mistake)
        stays = found.right[0].name == found.wrong[0].name
        assert ("The first answer stays." in say(found).heard) == stays
    assert broken_it.PRESETS["cat, no mistake"] == {"photo": "cat", "mistake": NONE}
