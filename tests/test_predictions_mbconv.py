"""The numbers that notebook 08's predictions state are those of the modules and of the stored runs."""

from torch import nn

from blocks import MBConv, SqueezeExcitation
from blocks.experiments import grids, mbconv
from blocks.experiments.on_digits import parameters
from blocks.experiments.runs import accuracies, verdict
from blocks.explorers.predictions.mbconv import predict_accuracy, predict_drop, predict_squeeze
from blocks.networks.mobilenet import v3_squeeze_excitation


def squeezed(block: MBConv) -> int:
    assert isinstance(block.squeeze_excitation, SqueezeExcitation)
    return block.squeeze_excitation.reduce.out_channels


def test_the_squeezed_widths() -> None:
    asked = predict_squeeze()
    block = MBConv(24, 24)
    wide = MBConv(24, 24, squeeze_excitation=lambda h: SqueezeExcitation(h, reduction=4, act=nn.SiLU))
    senet = MBConv(24, 24, squeeze_excitation=SqueezeExcitation)
    v3 = MBConv(24, 24, squeeze_excitation=v3_squeeze_excitation)
    starts = [int(option.answer.split(":")[0]) for option in asked.options]
    assert starts == [squeezed(wide), squeezed(senet), squeezed(block), squeezed(v3)]
    assert starts[asked.right] == squeezed(block) == 144 // 24
    assert f"{parameters(wide):,} parameters, where it has {parameters(block):,}" in asked.options[0].reason
    assert f"{parameters(block.squeeze_excitation):,} parameters" in asked.options[2].reason


def test_the_expected_number_of_pictures() -> None:
    asked = predict_drop()
    assert asked.right == 2
    assert f"{8 * 0.2:.1f} are expected" in asked.options[2].reason


def test_what_the_stored_runs_say() -> None:
    asked, runs = predict_accuracy(), grids.grid("mbconv.squeeze_excitation")
    counts = [parameters(mbconv.network(setting)) for setting in mbconv.SETTINGS]
    assert f"saves {100 * (1 - counts[1] / counts[0]):.0f} %" in asked.question
    assert asked.right == 1
    with_it, without = (accuracies(runs, name) for name in ("with SE", "without SE"))
    assert all(with_it[seed] > without[seed] for seed in with_it)
    assert verdict(runs, "with SE", "without SE").larger
    assert not verdict(runs, "with SE", "without SE, t=4.7").larger
    assert abs(counts[2] - counts[0]) < 0.01 * counts[0]
