"""Official weights recognize real photographs, and every mistake moves the answer as far as it should.

The figures were measured on torchvision's MobileNetV2 with the same file, independently of this package.
"""

from functools import cache

import pytest
import torch
import torchvision
from torch import Tensor, nn

from blocks import networks
from course.kit.training import data
from course.kit.training.on_photos import photograph_answers
from course.networks.mistakes import MISTAKES
from course.networks.predictions import predict_mistake


def torchvisions() -> nn.Module:
    """Torchvision's network with the same weights, copied by position."""
    theirs, weights = torchvision.models.mobilenet_v2(), mobilenet().state_dict()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), weights.values(), strict=True)))
    return theirs.eval()


@cache
def mobilenet() -> nn.Module:
    return networks.load_official("mobilenet_v2")


@torch.no_grad()
def logits(network: nn.Module, photograph: str) -> Tensor:
    return network(networks.preprocess(data.photograph(photograph)))[0]


@pytest.mark.parametrize(
    ("photograph", "due"),
    [
        ("cat", {"Egyptian cat": 0.717, "tiger cat": 0.147, "tabby": 0.130}),
        ("espresso", {"espresso": 0.992, "consomme": 0.004, "cup": 0.001}),
        ("camera_operator", {"tripod": 0.978, "binoculars": 0.013, "harmonica": 0.004}),
    ],
)
def test_photographs(photograph: str, due: dict[str, float]) -> None:
    values, indices = logits(mobilenet(), photograph).softmax(0).topk(3)
    names = [networks.class_names()[index] for index in indices]
    assert dict(zip(names, values.tolist(), strict=True)) == pytest.approx(due, abs=5.5e-4)


def test_the_logits_are_torchvisions() -> None:
    """Where three wrong networks find the same three classes, only the logits tell."""
    theirs = torchvisions()
    due = {photograph: logits(theirs, photograph) for photograph in data.PHOTOGRAPHS}
    for photograph in data.PHOTOGRAPHS:
        torch.testing.assert_close(logits(mobilenet(), photograph), due[photograph], atol=1e-4, rtol=0)
    for mistake in ("ReLU instead of ReLU6", "TensorFlow's padding", "red and blue swapped"):
        for photograph in data.PHOTOGRAPHS:
            found = logits(MISTAKES[mistake](mobilenet()), photograph)
            assert found.argmax() == due[photograph].argmax()
            assert found.softmax(0).max() > 0.5
            assert (found - due[photograph]).abs().max() > 0.3


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-8), (torch.float32, 2e-5)])
@torch.no_grad()
def test_a_formula_as_input(dtype: torch.dtype, tolerance: float) -> None:
    """No picture, no file of ours: sin(0.05 i)."""
    x = torch.sin(0.05 * torch.arange(3 * 224 * 224, dtype=torch.float64)).view(1, 3, 224, 224)
    network = networks.load_official("mobilenet_v2").to(dtype)
    y = network(x.to(dtype))[0].double()
    assert y.argmax() == 905
    got = [y.max().item(), *y[:4].tolist()]
    due = [7.834582133, -0.906508378, 0.743471949, -1.655811424, -2.389906866]
    assert got == pytest.approx(due, abs=tolerance)


# What each mistake makes of the cat and the espresso, and the range of the largest changes of a logit.
EFFECTS = {
    "ReLU instead of ReLU6": (("Egyptian cat", 0.737), ("espresso", 0.993), (0.3, 1.2)),
    "TensorFlow's padding": (("Egyptian cat", 0.593), ("espresso", 0.915), (2.8, 5.9)),
    "red and blue swapped": (("Egyptian cat", 0.992), ("espresso", 0.835), (1.6, 12)),
    "no normalization": (("Egyptian cat", 0.985), ("consomme", 0.720), (4.9, 8.9)),
    "norm eps 1e-3": (("wool", 0.006), ("coil", 0.008), (12, 21)),
    "SiLU instead of ReLU6": (("English setter", 0.318), ("English setter", 0.317), (17, 31.1)),
    "ReLU6 after the projection": (("window shade", 0.023), ("window shade", 0.022), (13, 22)),
    "shortcuts removed": (("tile roof", 0.786), ("tile roof", 0.797), (14, 22)),
    # Dropout draws anew each time: without it, as here, the answer is always the same.
    "left in training mode": (("hook", 0.011), ("hook", 0.010), (14, 22)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_moves_the_answer(mistake: str) -> None:
    *answers, (low, high) = EFFECTS[mistake]
    wrong = MISTAKES[mistake](mobilenet())
    for part in wrong.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    for photograph, (name, probability) in zip(("cat", "espresso"), answers, strict=True):
        y = logits(wrong, photograph)
        value, index = y.softmax(0).max(0)
        assert networks.class_names()[int(index)] == name
        assert value == pytest.approx(probability, abs=5.5e-4)
        assert low <= (y - logits(mobilenet(), photograph)).abs().max() <= high


def test_the_prediction_counts_the_variances_that_eps_outweighs() -> None:
    norms = [part for part in mobilenet().modules() if isinstance(part, nn.BatchNorm2d)]
    variances = torch.cat([norm.get_buffer("running_var") for norm in norms])
    counted = f"in {int((variances < 1e-3).sum()):,} of the {len(variances):,} normalized channels"
    assert counted in " ".join(predict_mistake().options[0].reason.split())


def unnoticed() -> list[str]:
    """The mistakes that leave the first answer in its place on every photograph."""
    firsts = {name: photograph_answers(name)[0].name for name in data.PHOTOGRAPHS}
    return [
        mistake
        for mistake, change in MISTAKES.items()
        if all(photograph_answers(name, change)[0].name == first for name, first in firsts.items())
    ]


def test_the_prediction_names_the_mistakes_that_nobody_notices() -> None:
    asked, names = predict_mistake(), ("no", "one", "two", "three", "four", "nine")
    found = unnoticed()
    due = f"{names[len(found)].capitalize()} of the nine mistakes keep the first answer on all three photos: "
    assert len(MISTAKES) == 9
    assert due + f"{', '.join(found)}." in asked.options[asked.right].reason


def test_a_mistake_leaves_the_network_alone() -> None:
    before = {name: tensor.clone() for name, tensor in mobilenet().state_dict().items()}
    due = logits(mobilenet(), "cat")
    for spoil in MISTAKES.values():
        wrong = spoil(mobilenet())
        logits(wrong, "cat")
    assert torch.equal(logits(mobilenet(), "cat"), due)
    assert all(torch.equal(tensor, before[name]) for name, tensor in mobilenet().state_dict().items())
