"""What the network sees: held against hooks on torchvision's MobileNetV2 with the same weights."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn

from blocks.networks import class_names, copy_weights, load_official, preprocess
from course.inverted_residual._inside_a_block import inside_a_block as inside_explorer
from course.kit.drawing import style
from course.kit.drawing.feature_maps import colored
from course.kit.training import data, sights
from course.networks._what_the_network_sees import what_the_network_sees
from tests.course.test_explorers import said

PARTS = ("stem", *(f"block {n}" for n in range(1, 18)), "head")


@cache
def theirs() -> nn.Module:
    network = torchvision.models.mobilenet_v2().eval()
    copy_weights(load_official("mobilenet_v2").state_dict(), network)
    return network


@cache
def hooked(photograph: str) -> tuple[Tensor, dict[str, Tensor]]:
    """torchvision's logits, and the output of every module by its name."""
    outputs: dict[str, Tensor] = {}
    handles = [
        part.register_forward_hook(lambda _, __, out, name=name: outputs.update({name: out.clone()}))
        for name, part in theirs().named_modules()
    ]
    with torch.no_grad():
        logits = theirs()(preprocess(data.photograph(photograph)))[0]
    for handle in handles:
        handle.remove()
    return logits, outputs


@cache
def looked(photograph: str) -> sights.Look:
    return sights.look(data.photograph(photograph))


@cache
def looked_inside(photograph: str) -> tuple[dict[str, sights.Sight], ...]:
    return sights.inside(data.photograph(photograph))


def same(found: sights.Sight, due: Tensor) -> None:
    """The maps to rounding; the shares to one in ten thousand of the values, which rounding may turn over."""
    values = due[0].numpy()
    assert found.shape == values.shape
    np.testing.assert_allclose(found.maps, values[: sights.SHOWN], atol=2e-3, rtol=2e-3)
    assert found.negative == pytest.approx((values < 0).mean(), abs=1e-4 + 2 / values.size)
    assert found.zero == pytest.approx((values == 0).mean(), abs=1e-4 + 2 / values.size)
    assert found.dead == sum(not channel.any() for channel in values)


@pytest.mark.parametrize("photograph", data.PHOTOGRAPHS)
def test_parts_and_answers(photograph: str) -> None:
    logits, outputs = hooked(photograph)
    look = looked(photograph)
    assert tuple(look.sights) == PARTS
    for number, found in enumerate(look.sights.values()):
        same(found, outputs[f"features.{number}"])
    likely = logits.softmax(0).topk(5)
    assert [a.name for a in look.answers] == [class_names()[i] for i in likely.indices]
    assert [a.probability for a in look.answers] == pytest.approx(likely.values.tolist(), abs=1e-4)


@pytest.mark.parametrize("photograph", data.PHOTOGRAPHS[:2])
def test_inside(photograph: str) -> None:
    """In torchvision, block n is features.n; its conv holds [expand,] depthwise, 1x1, norm."""
    _, outputs = hooked(photograph)
    blocks = looked_inside(photograph)
    assert len(blocks) == 17
    for number, steps in enumerate(blocks, 1):
        within = f"features.{number}.conv"
        due = {"before": outputs[f"features.{number - 1}"]}
        if number > 1:
            due["expanded"] = outputs[f"{within}.0"]
        due["filtered"] = outputs[f"{within}.{int(number > 1)}"]
        due["projected"] = outputs[f"{within}.{3 if number > 1 else 2}"]
        assert list(steps) == list(due)
        for step, tensor in due.items():
            same(steps[step], tensor)


def test_another_part_is_refused() -> None:
    """The comparison can fail: the next block of the same shape is not this one."""
    _, outputs = hooked("cat")
    with pytest.raises(AssertionError):
        same(looked("cat").sights["block 8"], outputs["features.9"])


def test_memory_that_the_docstrings_say() -> None:
    look = sum(found.maps.nbytes for found in looked("cat").sights.values())
    within = sum(found.maps.nbytes for steps in looked_inside("cat") for found in steps.values())
    assert look == pytest.approx(3e6, rel=0.05)
    assert within == pytest.approx(9e6, rel=0.05)
    assert all(found.maps.base is None for found in looked("cat").sights.values()), "a view keeps it all"


@pytest.mark.parametrize("photograph", data.PHOTOGRAPHS)
def test_the_crop_is_the_pictures_middle(photograph: str) -> None:
    picture = np.asarray(data.photograph(photograph))
    top, left = ((side - 224) // 2 for side in picture.shape[:2])
    assert np.array_equal(looked(photograph).pixels, picture[top : top + 224, left : left + 224])


def test_stored_words_do_not_hang_on_rounding() -> None:
    """What a notebook stores must be the same on every machine: no share stands near a half per cent."""
    stored = [looked("cat").sights["block 13"], looked_inside("cat")[2]["expanded"]]
    for found in stored:
        for share in (found.negative, found.zero):
            assert abs((100 * share) % 1 - 0.5) > 0.02
    assert abs((100 * looked("cat").answers[0].probability) % 1 - 0.5) > 0.02


# The sentences


def test_sentence_of_the_head() -> None:
    explorer = what_the_network_sees()
    explorer.set({"picture": "espresso", "part": 18})
    logits, outputs = hooked("espresso")
    head = outputs["features.18"][0]
    dead, zero = int((head.amax((1, 2)) == 0).sum()), 100 * (head == 0).float().mean().item()
    text = said(explorer)
    assert "After the head: the first 24 of 1,280 channels, 7 x 7 each: one number for every 32 x 32" in text
    assert f"{zero:.0f} % are 0, and {dead} of the 1,280 channels are 0 everywhere" in text
    assert text.endswith(f"The network answers espresso, {100 * logits.softmax(0).max().item():.0f} %.")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"block": 3, "step": "expanded"},
            "144 x 56 x 56 numbers, 1,806 kB as float32, 6 times what came in",
        ),
        ({"block": 3, "step": "projected"}, "24 x 56 x 56 numbers, 301 kB as float32, as much as came in"),
        (
            {"block": 4, "step": "filtered"},
            "144 x 28 x 28 numbers, 452 kB as float32, 1.5 times what came in",
        ),
        (
            {"block": 1, "step": "expanded"},
            "expansion 1 and no expanding step, so this is still what came in",
        ),
    ],
)
def test_sentences_inside(settings: dict[str, Any], words: str) -> None:
    explorer = inside_explorer()
    explorer.set(settings)
    assert words in said(explorer)


# The reader's own picture


def test_own_picture(tmp_path: Path) -> None:
    """The reader's file comes first, and is answered as the cat that it is."""
    path = tmp_path / "mine.png"
    data.photograph("cat").save(path)
    explorer = what_the_network_sees(str(path))
    assert explorer.controls["picture"].value == "your picture"
    assert "Egyptian cat, 72 %" in said(explorer)
    explorer.set({"picture": "espresso"})
    assert "espresso, 99 %" in said(explorer)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "LA"])
def test_any_kind_of_picture(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.tiff"
    data.photograph("cat").convert("RGBA" if mode == "LA" else "RGB").convert(mode).save(path)
    opened = sights.opened(path)
    assert (opened.mode, opened.size) == ("RGB", (384, 256))
    assert 60 < np.asarray(opened).mean() < 190


def test_sixteen_bits_of_gray_are_not_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.arange(256 * 256, dtype=np.uint16).reshape(256, 256)).save(path)
    assert np.asarray(sights.opened(path)).mean() == pytest.approx(127.5, abs=0.6)


def test_a_telephones_picture_is_turned_upright(tmp_path: Path) -> None:
    path, cat = tmp_path / "telephone.jpg", data.photograph("cat")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    cat.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    turned = sights.opened(path)
    assert turned.size == cat.size
    assert np.abs(np.asarray(turned, dtype=float) - np.asarray(cat, dtype=float)).mean() < 6


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"the path must lead to a picture, got 'no\.png', where there is none"
    ):
        what_the_network_sees("no.png")
    (tmp_path / "words.jpg").write_text("not a picture")
    whole = tmp_path / "whole.png"
    data.photograph("cat").save(whole)
    (tmp_path / "half.png").write_bytes(whole.read_bytes()[:20_000])
    for name in ("words.jpg", "half.png", "."):
        with pytest.raises(
            ValueError, match=r"must be a picture such as JPEG or PNG, got .*Pillow cannot read"
        ):
            what_the_network_sees(tmp_path / name)


@pytest.mark.parametrize("size", [(2001, 100), (1, 30_000)])
def test_a_thread_of_pixels_is_refused(size: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", size).save(tmp_path / "thread.png")
    with pytest.raises(ValueError, match=rf"at most 20 times the shorter, got {size[0]} x {size[1]} pixels"):
        what_the_network_sees(tmp_path / "thread.png")
    Image.new("RGB", (200, 10)).save(tmp_path / "banner.png")
    assert sights.opened(tmp_path / "banner.png").size == (200, 10)


# The figure


def test_colors() -> None:
    values = np.array([[-2.0, -1.0, 0.0, 1.0, 5.0]], dtype=np.float32)
    blue, _, white, _, orange = (tuple(int(c) for c in color) for color in colored(values, 2, True)[0])
    ends = (style.COLORS[kind].fill for kind in ("depthwise", "convolution"))
    assert [f"#{bytes(color).hex().upper()}" for color in (blue, orange)] == list(ends)
    assert min(white) > 240
    gray = colored(values[:, 2:], 2, False)[0, :, 0]
    assert gray.tolist() == [0, 127, 255]
