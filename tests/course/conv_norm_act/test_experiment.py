"""The learning rates of notebook 01: what its prose says of the stored runs."""

from course.conv_norm_act import experiment
from course.kit.training.grids import grid
from course.kit.training.runs import accuracies


def right(has_norm: bool, rate: float) -> list[float]:
    """The accuracies of the runs, from worst to best."""
    runs = grid("conv_norm_act.rates")
    return sorted(accuracies(runs, experiment.setting(has_norm, rate)).values())


def test_the_stored_runs_show_what_the_prose_says() -> None:
    assert all(right(True, rate)[0] > 0.9 for rate in (0.03, 0.1, 0.3, 1))
    assert right(True, 3)[0] < 0.5
    assert right(True, 3)[1] > 0.9
    without = {rate: right(False, rate) for rate in experiment.RATES}
    assert max(without, key=lambda rate: sum(without[rate])) == 0.1
    assert 0.4 < without[0.1][0] < without[0.1][1] < 0.6
    assert without[0.1][2] > 0.8
    assert without[0.3][3] < 0.12
    assert without[0.3][-3] > 0.9
    assert all(without[rate][-1] < 0.15 for rate in (1, 3))
    assert right(True, 0.01)[-1] < 0.85
