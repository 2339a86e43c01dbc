"""The experiments: seeded, apart from the caller's random numbers, and true where notebooks rely on them."""

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from importlib import resources

import pytest
import torch
from torch import Tensor, nn

from blocks import ConvNormAct, SqueezeExcitation
from blocks.networks.initialization import initialize
from blocks.stochastic_depth import StochasticDepth
from course import chapters
from course.depthwise_separable import experiment as depthwise_separable
from course.inverted_residual import experiment as inverted_residual
from course.kit.training import data, grids, loop, samples
from course.kit.training.experiments import Experiment, fingerprint, parameters
from course.kit.training.runs import Run, Verdict, accuracies, student, verdict
from course.networks import scoreboard
from course.squeeze_excitation import experiment as squeeze_excitation
from course.squeeze_excitation import gates

# --- training --------------------------------------------------------------------------------------------


def small() -> nn.Module:
    with loop.seeded(0):
        return nn.Sequential(
            ConvNormAct(1, 8, stride=2),
            nn.Dropout(0.1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 10),
        )


def trained(seed: int = 0, **options: int) -> nn.Module:
    network, split = small(), data.split(0, 200)
    settings = {"epochs": 2, "seed": seed, "batch": 20} | options
    loop.train(network, split.train_images, split.train_labels, rate=0.1, **settings)
    return network


def same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_training_is_decided_by_its_seed() -> None:
    assert same(trained(3), trained(3))
    assert not same(trained(3), trained(4))


def test_training_leaves_random_numbers_and_threads_alone() -> None:
    torch.manual_seed(5)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    trained()
    assert torch.equal(state, torch.get_rng_state())
    assert torch.get_num_threads() == threads
    torch.manual_seed(6)
    assert same(trained(3), trained(3)), "the caller's own seed must not matter"


def test_threads_come_back_after_an_error() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(ZeroDivisionError), loop.one_thread():
            1 / (torch.get_num_threads() - 1)  # one thread: an error, on the way out of the block
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_training_learns_and_ends_in_eval_mode() -> None:
    split = data.split(0, 300)
    images, labels = split.test_images, split.test_labels
    network = scoreboard.network("plain")
    before = loop.accuracy(network, images, labels)
    loop.train(network, split.train_images, split.train_labels, epochs=5, rate=0.1, seed=0)
    assert before < 0.3
    assert loop.accuracy(network, images, labels) > 0.7
    assert not network.training


def test_accuracy_is_measured_in_eval_mode_and_changes_nothing() -> None:
    network, split = small().train(), data.split(0)
    state = {name: value.clone() for name, value in network.state_dict().items()}
    first = loop.accuracy(network, split.test_images, split.test_labels)
    assert first == loop.accuracy(network, split.test_images, split.test_labels)
    assert network.training
    assert all(torch.equal(state[name], value) for name, value in network.state_dict().items())


def drawn() -> Tensor:
    """What initialization, dropout and stochastic depth draw, one after the other."""
    layer = nn.Conv2d(2, 3, 3)
    initialize(layer)
    tensors = [*layer.parameters(), *nn.BatchNorm2d(2).parameters(), *nn.Linear(4, 3).parameters()]
    branch = StochasticDepth(0.4).train()(torch.ones(9, 2))
    return torch.cat([t.flatten() for t in (*tensors, branch, nn.Dropout(0.3)(torch.ones(50)))])


def test_a_generator_of_its_own_gives_the_same_numbers() -> None:
    with loop.seeded(3):
        due = drawn()
    state = torch.get_rng_state()
    with loop.own_generator(3):
        assert torch.equal(drawn(), due)
    assert torch.equal(torch.get_rng_state(), state)
    with loop.own_generator(4):
        assert not torch.equal(drawn(), due)


def test_progress_counts_up_to_the_whole_over_all_parts() -> None:
    seen: list[tuple[int, int]] = []
    scoreboard.scoreboard(
        0,
        settings=("plain", "residual"),
        train=32,
        epochs=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert loop.part(None, 0, 2) is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "^train: epochs must be a whole number from 1"),
        ({"batch": 0}, "^train: batch must be a whole number from 1"),
        ({"batch": 201}, "^train: there must be at least 201 images, one batch, got 200"),
        ({"seed": -1}, "^seeded: seed must be a whole number from 0"),
    ],
)
def test_bad_training_is_refused_in_words(options: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        trained(**options)


# --- verdicts --------------------------------------------------------------------------------------------


def rows(setting: str, *found: float) -> list[Run]:
    return [Run(setting, seed, accuracy, 1) for seed, accuracy in enumerate(found)]


NOISE = (0.01, -0.02, 0.02, -0.01, 0.015, -0.015, 0.005, -0.005, 0.02, -0.02)


def against(*differences: float) -> Verdict:
    """The verdict on "a" against "b", which differ so in the runs."""
    chance = [0.5 + 0.1 * n for n in range(len(differences))]
    firsts = (right + difference for right, difference in zip(chance, differences, strict=True))
    return verdict(rows("a", *firsts) + rows("b", *chance), "a", "b")


@pytest.mark.parametrize(
    ("differences", "clear"),
    [
        ([0.03 + each for each in NOISE], True),
        ([-0.03 + each for each in NOISE], True),  # the second one is better
        ([0.03 + each for each in NOISE[:9]] + [-0.01], True),  # 9 of 10
        ([0.03 + each for each in NOISE[:8]] + [-0.01, -0.01], False),  # 8 of 10, an interval without zero
        ([0.001] * 9 + [-0.5], False),  # 9 of 10 up by a little, one down by much: zero lies in the interval
        ([0.01] * 9 + [0.9], False),  # 10 of 10, and zero lies in the interval
        (NOISE, False),
        ([0.0] * 10, False),
        ([0.03, 0.031, 0.029], True),
        ([0.03, 0.031, -0.029], False),
    ],
)
def test_clear_is_nine_of_ten_and_an_interval_without_zero(differences: list[float], clear: bool) -> None:
    assert against(*differences).clear is clear


def test_pairing_matters_to_the_verdict() -> None:
    """The same accuracies, paired otherwise: an unpaired rule would say the same of both."""
    first = rows("a", 0.9, 0.8, 0.7)
    assert verdict(first + rows("b", 0.85, 0.7501, 0.65), "a", "b").clear
    assert not verdict(first + rows("b", 0.65, 0.7501, 0.85), "a", "b").clear


def test_a_verdict_says_its_numbers() -> None:
    better = against(0.10, 0.09, 0.11)
    assert str(better) == "a is better than b in 3 of 3 runs, by 10.0 points on average."
    assert better.in_numbers() == "a minus b: 95 % interval +7.5 to +12.5 points."
    assert str(against(-0.10, -0.09, 0.11)) == (
        "a is worse than b in 2 of 3 runs, by 2.7 points on average: not clear."
    )
    assert str(against(0.0, 0.0)) == "a and b: equal in 2 of 2 runs."
    assert str(against(0.0025, -0.0025)) == "a and b: equal on average over 2 runs."
    assert str(against(0.0002, 0.0)).endswith("in 1 of 2 runs, by 0.01 points on average: not clear.")


@pytest.mark.parametrize("freedom", range(1, 13))
def test_the_interval_leaves_a_twentieth_of_students_density_outside(freedom: int) -> None:
    """Twelve values; the area under the density up to the found t is summed in small steps."""
    t, steps = student(0.05, freedom), 20_000
    scale = math.gamma((freedom + 1) / 2) / math.gamma(freedom / 2) / math.sqrt(freedom * math.pi)
    middles = (t * (n + 0.5) / steps for n in range(steps))
    inside = sum(2 * t / steps * scale * (1 + x * x / freedom) ** (-(freedom + 1) / 2) for x in middles)
    assert inside == pytest.approx(0.95, abs=1e-4)


def test_the_interval_holds_the_true_difference_in_nineteen_of_twenty_trials() -> None:
    generator = torch.Generator().manual_seed(0)
    trials = (0.3 + torch.randn(2_000, 10, generator=generator, dtype=torch.float64)).tolist()
    found = [Verdict("a", "b", tuple(each)).interval for each in trials]
    assert sum(low < 0.3 < high for low, high in found) / len(found) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (rows("a", 0.9, 0.8), "^accuracies: setting must be one of 'a', got 'b'"),
        (rows("a", 0.9, 0.8) + rows("b", 0.9), "^verdict: both settings need the same seeds, got .* pair"),
        (rows("a", 0.9) + rows("b", 0.8), "^verdict: there must be at least two seeds, got 1"),
        (rows("a", 0.9, 0.8) + 2 * rows("b", 0.9), "^accuracies: each seed may come once, got 2 runs for 1"),
        ([], r"^accuracies: setting must be one of none \(there are no runs\)"),
    ],
)
def test_a_verdict_without_pairs_is_refused(found: list[Run], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        verdict(found, "a", "b")


# --- depthwise separable: the rank dial ------------------------------------------------------------------


def test_nine_filters_are_the_full_convolution_and_fewer_are_nearest_to_it() -> None:
    conv = nn.Conv2d(5, 12, 3, padding=1, bias=False).double()
    images = torch.randn(2, 5, 8, 8, dtype=torch.float64)
    kernels = conv.weight.detach().transpose(0, 1).flatten(2)
    values = torch.linalg.svdvals(kernels)
    for filters in range(1, 10):
        depthwise, pointwise = depthwise_separable.cut(conv, filters).double()
        assert (depthwise.groups, depthwise.out_channels) == (5, 5 * filters)
        found = torch.einsum(
            "oif,ifk->iok", pointwise.weight.view(12, 5, filters), depthwise.weight.view(5, filters, 9)
        )
        lost = (kernels - found).norm().item()
        assert lost == pytest.approx(values[:, filters:].norm().item(), abs=1e-5)
    assert lost < 1e-5
    torch.testing.assert_close(pointwise(depthwise(images)), conv(images), atol=1e-5, rtol=0)


def test_a_cut_with_few_outputs_keeps_the_stride() -> None:
    conv = nn.Conv2d(3, 2, 3, stride=2, padding=1, bias=False)
    images = torch.randn(1, 3, 7, 7)
    torch.testing.assert_close(depthwise_separable.cut(conv, 9)(images), conv(images), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("conv", "filters", "words"),
    [
        (nn.Conv2d(4, 4, 3, padding=1, bias=False), 0, "^cut: filters must be 1 to 9, got 0"),
        (nn.Conv2d(4, 4, 3, padding=1, bias=False), 10, "^cut: filters must be 1 to 9, got 10"),
        (nn.Conv2d(4, 4, 3, padding=1), 1, "^cut: conv must be full, without bias"),
        (nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False), 1, "^cut: conv must be full"),
        (nn.Conv2d(4, 4, 3, bias=False), 1, "^cut: conv must be full"),
    ],
)
def test_what_cannot_be_cut_is_refused(conv: nn.Conv2d, filters: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        depthwise_separable.cut(conv, filters)


def test_the_rank_dial_ends_at_the_full_network() -> None:
    found = {run.setting: run for run in depthwise_separable.rank_dial(0, train=200, epochs=4)}
    assert list(found) == ["full", *(f"k={filters}" for filters in range(1, 10))]
    assert found["k=9"].accuracy == pytest.approx(found["full"].accuracy, abs=0.002)
    assert found["k=1"].accuracy < found["full"].accuracy - 0.2


# --- experiments in small, and their stored rows ---------------------------------------------------------

EXPERIMENTS: dict[str, Experiment] = {
    f"{chapter.concept}.{name}": chapter.resolve(reference)
    for chapter in chapters()
    for name, reference in chapter.runs.items()
}
FEW = {"train": 32, "epochs": 1}


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_stored_grid_has_every_setting_with_ten_seeds_and_the_real_parameter_counts(name: str) -> None:
    real = {run.setting: run.parameters for run in EXPERIMENTS[name](0, **FEW)}
    stored = grids.grid(name)
    assert sorted((run.setting, run.seed) for run in stored) == sorted(
        (s, seed) for s in real for seed in range(10)
    )
    assert {run.setting: run.parameters for run in stored} == real
    assert all(0 <= run.accuracy <= 1 for run in stored)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_row_says_what_was_trained_and_one_network_has_one_hash(name: str) -> None:
    found = grids.stored(name)
    rows = [dict(zip(grids.COLUMNS, row, strict=True)) for row in found["rows"]]
    assert {row["trained"] for row in rows} <= set(EXPERIMENTS[name].settings)
    of_network: dict[tuple[str, int, int], set[str]] = {}
    for row in rows:
        of_network.setdefault((row["trained"], row["seed"], row["made"]), set()).add(row["weights"])
    assert all(len(hashes) == 1 for hashes in of_network.values())
    own = [row["weights"] for row in rows if row["setting"] == row["trained"] and not row["error"]]
    assert len(set(own)) > 1


def test_an_experiment_is_a_setting_after_the_other_and_refuses_others() -> None:
    experiment = depthwise_separable.comparison
    names = ("full, width 8", "separable, width 16")
    found = experiment(0, settings=names, **FEW)
    assert tuple(run.setting for run in found) == names
    assert found[0] == experiment(0, settings=names[:1], **FEW)[0]
    with pytest.raises(ValueError, match=r"^experiment: settings must be among 'full, width 16', .* got 'w'"):
        experiment(0, settings=["w"], **FEW)


def test_a_hash_is_of_all_that_a_network_has_learned() -> None:
    network, other = small(), small()
    assert fingerprint(network) == fingerprint(other)
    with torch.no_grad():
        next(other.buffers()).add_(1e-7)
    assert fingerprint(network) != fingerprint(other)


def test_an_experiment_is_decided_by_its_seed() -> None:
    def run(seed: int) -> tuple[Run, ...]:
        return depthwise_separable.comparison(seed, train=64, epochs=1)

    assert run(1) == run(1)
    assert [row.accuracy for row in run(1)] != [row.accuracy for row in run(2)]


def test_the_scoreboard_has_the_known_parameter_counts() -> None:
    """Counted by hand from the formulas in the blocks' docstrings."""
    counts = {name: parameters(scoreboard.network(name)) for name in scoreboard.names()}
    assert list(counts.values()) == [97_786, 100_538, 14_394, 18_506, 18_506, 35_930, 41_458, 113_626]


def test_the_equal_parameter_controls_are_nearly_equal() -> None:
    expanded = [parameters(inverted_residual.network(*pair)) for pair in inverted_residual.EQUAL_PARAMETERS]
    assert expanded == [3_834, 4_226, 3_798]
    narrow, separable, wide = (
        parameters(depthwise_separable.network(setting))
        for setting in ("full, width 7", "separable, width 16", "full, width 8")
    )
    assert narrow < separable < wide < 1.2 * separable


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_grids_say_how_they_were_made(name: str) -> None:
    for made in grids.made(name):
        assert set(made) == {
            "command", "date", "python", "torch", "machine", "arithmetic", "threads", "environment"
        }  # fmt: skip
        assert name in made["command"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: grids.grid("scores"), "^grid: name must be a chapter and .*, got 'scores'"),
        (lambda: scoreboard.network("dense"), "^scoreboard: the block must be one of plain, .* got 'dense'"),
        (
            lambda: depthwise_separable.network("full"),
            "^depthwise_separable: the setting must be one of 'full, w",
        ),
    ],
)
def test_unknown_names_are_refused_in_words(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


# --- squeeze-and-excitation ------------------------------------------------------------------------------


def test_pictures_of_the_cue_task_say_what_their_cue_says() -> None:
    images, labels = data.digits()
    found = samples.compose(images, labels, seed=1)
    ink = [image.numpy().tobytes() for image in ((images * data.STD + data.MEAN) / 16)]
    names = dict(zip(ink, labels.tolist(), strict=True))
    said = [[names[picture[c, 4:].numpy().tobytes()] for picture in found.images] for c in (0, 1)]
    bar = found.images[:, 2, 0].amax(1) > 0
    assert found.images.shape == (1797, 3, 12, 8)
    assert torch.equal(bar, found.groups == 1)
    assert 0.4 < bar.float().mean() < 0.6
    assert found.labels.tolist() == [said[int(b)][n] for n, b in enumerate(bar)]
    assert found.others.tolist() == [said[1 - int(b)][n] for n, b in enumerate(bar)]
    changed = found.counterparts - found.images
    assert torch.equal(changed[:, 2, 0].abs(), torch.full((1797, 8), samples.BAR))
    assert changed.abs().sum().item() == 1797 * 8 * samples.BAR
    assert found.images[:, :2, :4].abs().sum() == 0


def test_counterparts_of_plain_digits_are_of_a_wrong_class() -> None:
    images, labels = data.digits()
    found = samples.with_wrong_class(images, labels, seed=1)
    assert not (found.labels == found.others).any()
    assert len(found.counterparts.flatten(1).unique(dim=0)) > 1000


def stored(name: str) -> gates.GateStudy:
    return {
        "cue_task": squeeze_excitation.stored_cue_task,
        "plain_digits": squeeze_excitation.stored_plain_digits,
    }[name]()


@pytest.mark.parametrize("name", ["cue_task", "plain_digits"])
def test_own_gates_put_back_change_nothing_and_recorded_ones_are_the_modules(name: str) -> None:
    study = stored(name)
    assert torch.equal(study.answers["own"], loop.answers(study.network, study.images))
    seen = []
    first = next(module for module in study.network if isinstance(module, SqueezeExcitation))
    hook = first.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    loop.answers(study.network, study.images, at_once=len(study.images))
    hook.remove()
    (before, after), weights = seen[0], study.gates["own"][0]
    torch.testing.assert_close(before * weights[:, :, None, None], after)
    assert not any(module._forward_hooks for module in study.network.modules())


@pytest.mark.parametrize("name", ["cue_task", "plain_digits"])
def test_replaced_gates_are_what_they_are_called(name: str) -> None:
    study = stored(name)
    for stage in range(study.stages):
        own = study.gates["own"][stage]
        torch.testing.assert_close(study.gates["averaged"][stage][7], own.mean(0))
        assert (study.gates["all 1"][stage] == 1).all()
        assert torch.equal(study.gates["shuffled"][stage].sort(0).values, own.sort(0).values)
        assert not torch.equal(study.gates["shuffled"][stage], own)
        torch.testing.assert_close(
            study.gates["swapped"][stage], gates.record(study.network, study.counterparts)[stage]
        )
        for group in (0, 1):
            torch.testing.assert_close(study.group_means(stage)[group], own[study.groups == group].mean(0))


def cue_is_used(study: gates.GateStudy) -> bool:
    """What the notebook states of the cue task: margins that hold on every machine."""
    return (
        study.accuracy("own") >= 0.93 and study.accuracy_without < 0.80 and study.reads_other("swapped") > 0.6
    )


@pytest.mark.slow
def test_the_cue_task_trained_here_uses_its_gates() -> None:
    seen: list[tuple[int, int]] = []
    study = squeeze_excitation.cue_task(progress=lambda done, total: seen.append((done, total)))
    assert cue_is_used(study)
    assert seen == [(done, 20) for done in range(1, 21)]
    assert squeeze_excitation.cue_task() is study


def test_the_stored_cue_task_uses_its_gates_and_each_wrong_version_is_caught() -> None:
    study = stored("cue_task")
    assert cue_is_used(study)
    own = study.answers["own"]
    identity = loop.answers(squeeze_excitation.cue_network(False).eval(), study.images)
    assert not cue_is_used(replace(study, answers=study.answers | {"swapped": own}))
    assert not cue_is_used(replace(study, answers=study.answers | {"swapped": study.answers["shuffled"]}))
    assert not cue_is_used(replace(study, answers=study.answers | {"own": study.answers["all 1"]}))
    assert not cue_is_used(replace(study, answers=study.answers | {"own": identity}))
    assert not cue_is_used(replace(study, accuracy_without=study.accuracy("own")))


def test_every_seed_of_the_stored_grid_uses_the_cue_and_none_the_plain_digits_gates() -> None:
    cue, plain = grids.grid("squeeze_excitation.cue_task"), grids.grid("squeeze_excitation.plain_digits")
    assert min(accuracies(cue, "own").values()) >= 0.93
    for plain_network in ("without", "without, 34 wide"):
        assert max(accuracies(cue, plain_network).values()) < 0.80
    assert max(accuracies(cue, "without, digits lower").values()) < 0.65
    assert min(accuracies(cue, "swapped, reads the other").values()) > 0.6
    own = accuracies(plain, "own")
    for setting in ("averaged", "shuffled", "swapped"):
        assert all(abs(right - own[seed]) <= 0.01 for seed, right in accuracies(plain, setting).items())


@pytest.mark.parametrize("name", ["cue_task", "plain_digits"])
def test_a_stored_study_is_the_first_seed_of_its_grid_and_trains_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    squeeze_excitation._loaded.cache_clear()
    monkeypatch.setattr(loop, "train", None)
    state = torch.get_rng_state()
    study = stored(name)
    assert torch.equal(state, torch.get_rng_state())
    kept = {
        run.setting: run
        for run in grids.grid(f"squeeze_excitation.{name}")
        if run.seed == squeeze_excitation.SEED
    }
    assert fingerprint(study.network) == kept["own"].weights
    assert study.accuracy("own") == pytest.approx(kept["own"].accuracy, abs=0.01)
    for run in gates.rows(study, kept["own"]):
        assert run.accuracy == pytest.approx(kept[run.setting].accuracy, abs=0.01), run.setting
    assert (
        len(resources.files("course.squeeze_excitation").joinpath("runs", f"{name}.pt").read_bytes())
        < 200_000
    )


def test_two_threads_share_one_training(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    train = loop.train
    monkeypatch.setattr(loop, "train", lambda *a, **k: (calls.append(1), train(*a, **k)))
    found: list[gates.GateStudy] = []
    threads = [
        threading.Thread(target=lambda: found.append(squeeze_excitation.cue_task(9, train=64, epochs=1)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] is found[1]
    assert len(calls) == 2, "once with the block and once without"


def test_unknown_gates_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"^GateStudy: gates must be one of 'own', .* got 'mine'"):
        stored("cue_task").accuracy("mine")
    study = stored("cue_task")
    with pytest.raises(ValueError, match=r"^answer: there must be gates for each of 2 stages, got 1"):
        gates.answer(study.network, study.images, study.gates["own"][:1])
