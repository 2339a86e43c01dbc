"""The colors are legible, and told apart by people who see colors differently."""

import itertools
import re

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.textpath import TextToPath

from course.kit.drawing import letters, style

# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0: linear RGB as seen without one cone.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def linear(color):
    values = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one, two):
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, two))
    return (high + 0.05) / (low + 0.05)


def seen(color, sight):
    return TO_OKLAB @ np.cbrt(TO_CONES @ np.clip(SIGHTS[sight] @ linear(color), 0, 1)) * 100


def distance(one, two, sight):
    return float(np.linalg.norm(seen(one, sight) - seen(two, sight)))


@pytest.mark.parametrize("kind", style.COLORS)
def test_text_is_legible(kind):
    color = style.COLORS[kind]
    assert contrast(color.fill, color.ink) >= 4.5
    for ground in (style.CARD, "#FFFFFF"):
        assert contrast(color.text, ground) >= 4.5


@pytest.mark.parametrize("ground", [style.CARD, style.TENSOR, style.PANEL, "#FFFFFF"])
def test_ink_is_legible_on_every_ground(ground):
    assert contrast(style.INK, ground) >= 7
    assert contrast(style.QUIET, ground) >= 4.5


def test_contrast_refuses_gray_on_white():
    assert contrast("#999999", "#FFFFFF") < 4.5


@pytest.mark.parametrize("sight", SIGHTS)
def test_kinds_are_told_apart(sight):
    # The product belongs to the gate and has its color on purpose; a tensor is a box, not a chip.
    fills = {k: c.fill for k, c in style.COLORS.items() if k not in ("multiply", "input")}
    for (one, a), (two, b) in itertools.combinations(fills.items(), 2):
        least = 7 if "other" in (one, two) else 10
        assert distance(a, b, sight) >= least, (one, two)


def test_simulation_refuses_red_beside_green():
    assert distance("#C04000", "#507000", "normal") > 10 > distance("#C04000", "#507000", "protanopia")


def test_every_kind_of_step_has_a_color_of_its_name():
    kinds = "input convolution grouped depthwise pointwise linear norm activation pool add multiply other"
    assert {*kinds.split(), "squeeze_excitation"} == set(style.COLORS)
    assert all(re.fullmatch(r"#[0-9A-F]{6}", c.fill) for c in style.COLORS.values())


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "BatchNorm2d",
        "full convolution",
        "20,480 channels",
        "3x3, stride 2",
        "illicit",
        "fjord: j,j.j",
        "WMWM",
        "a_b",
    ],
)
def test_letter_widths_are_those_of_the_widest_font_and_hardly_more(text, bold):
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=100)
    assert findfont(font).endswith("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    real = TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]
    assert real * 0.995 <= letters.text_width(text, 100, bold=bold) <= real * 1.3
