"""The gates that squeeze-and-excitation gives the channels, and whether a trained network uses them.

A mixing desk: a fader for each channel, and one large digit, the network's answer with the gates that the
faders show. Each kind of gates is answered only once it has been chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from course.kit.drawing.bitmap import gray
from course.kit.drawing.glyphs import digit
from course.kit.drawing.style import CARD, COLORS, HERE, INK, LARGE, QUIET, RULE, TENSOR, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, group, image, number, path, rect, text
from course.kit.panel import Choice, Explorer, Number, Picture, Said, with_name
from course.kit.training import data as digits_data
from course.squeeze_excitation.experiment import stored_cue_task, stored_plain_digits
from course.squeeze_excitation.gates import GATES, GateStudy

TASKS = ("two digits and a cue", "plain digits")
_ON_PAGE = (0, 3, 5, 9, 14, 22, 37, 58, 101, 150, 222, 301)
PRESETS = {
    "the other cue's gates": {"task": TASKS[0], "sample": 22, "stage": 1, "gates": "swapped"},
    "its own gates": {"task": TASKS[0], "sample": 22, "stage": 1, "gates": "own"},
    "all gates 1": {"task": TASKS[0], "sample": 22, "stage": 1, "gates": "all 1"},
    "plain digits": {"task": TASKS[1], "sample": 3, "stage": 3, "gates": "own"},
}
Pixels = NDArray[np.uint8]
"""A channel of an image, (H, W): the ink, white where there is none."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The gates of one image in one stage, and what the network answers with each kind of gates.

    Attributes:
        channels: the image, channel by channel.
        others: by their numbers the images that a click gives, each in one piece.
        label, wanted: what the image says, and the channel that says it.
        group: the cue in words; empty on plain digits.
        used, lent: the gates that are used, and those of the other cue (on plain digits, of a wrong class).
        answers, right, other: for each of GATES the answer, the share of all test images answered right, and
            the share answered with the other digit, of those whose two differ.
        without: the share right of the same network without squeeze-and-excitation.
        samples: how many test images there are.
    """

    task: str
    sample: int
    stage: int
    stages: int
    gates: str
    channels: tuple[Pixels, ...]
    others: dict[int, Pixels]
    label: int
    wanted: int
    group: str
    used: tuple[float, ...]
    lent: tuple[float, ...]
    answers: dict[str, int]
    right: dict[str, float]
    other: dict[str, float]
    without: float
    samples: int

    @property
    def has_cue(self) -> bool:
        """Whether this is the task with two digits and a cue."""
        return self.task == TASKS[0]


def weights(study: GateStudy, task: str, sample: int, stage: int, gates: str) -> Weights:
    """Look one image up in a study of gates; stages count from 1.

    Raises:
        ValueError: there is no such sample, stage or kind of gates.
    """
    if not 0 <= sample < len(study.labels):
        raise ValueError(f"channel_weights: sample must be from 0 to {len(study.labels) - 1}, got {sample}.")
    if not 1 <= stage <= study.stages:
        raise ValueError(
            f"channel_weights: stage must be from 1 to {study.stages}, got {stage}."
            f" The network for {task} has {study.stages} squeeze-and-excitation blocks."
        )
    group = int(study.groups[sample])
    return Weights(
        task,
        sample,
        stage,
        study.stages,
        gates,
        ink(study.images[sample]),
        {other: _joined(ink(study.images[other])) for other in _ON_PAGE if other < len(study.labels)},
        int(study.labels[sample]),
        group if task == TASKS[0] else 0,
        f" ({study.group_names[group]})" if task == TASKS[0] else "",
        tuple(study.gates[gates][stage - 1][sample].tolist()),
        tuple(study.gates["swapped"][stage - 1][sample].tolist()),
        {name: int(study.answers[name][sample]) for name in GATES},
        {name: study.accuracy(name) for name in GATES},
        {name: study.reads_other(name) for name in GATES},
        study.accuracy_without,
        len(study.labels),
    )


def ink(image: Tensor) -> tuple[Pixels, ...]:
    """The channels of an image as gray values, white where there is no ink."""
    values = image.numpy().astype(float)
    if len(values) == 1:
        values = (values * digits_data.STD + digits_data.MEAN) / 16
    return tuple((255 * (1 - np.clip(channel, 0, 1))).round().astype(np.uint8) for channel in values)


def _joined(channels: Sequence[Pixels]) -> Pixels:
    """Side by side, white between them."""
    gap = np.full((channels[0].shape[0], 2), 255, np.uint8)
    return np.hstack([part for channel in channels for part in (channel, gap)][:-1])


def named(data: Weights, gates: str) -> str:
    """What a kind of gates is called on this task."""
    lender = "the other cue's" if data.has_cue else "a wrong class's"
    return {"own": "its own", "shuffled": "another image's", "swapped": lender}.get(gates, gates)


def shown(data: Weights) -> tuple[str, ...]:
    """The kinds of gates whose answers are told: an image's own, and those that were chosen.

    The others would tell what the notebook asks before anybody has chosen them.
    """
    return tuple(dict.fromkeys(("own", data.gates)))


def say(data: Weights) -> Said:
    """The words of the explorer, with the measured numbers."""
    read = ", ".join(f"{data.answers[name]} with {named(data, name)}" for name in shown(data))
    right = ", ".join(f"{100 * data.right[name]:.0f} % with {named(data, name)}" for name in shown(data))
    swapped = f" {_swapped(data)}" if data.gates == "swapped" else ""
    return Said(
        _seen(data),
        f"Test image {data.sample} says {data.label}{data.group}. In stage {data.stage} of"
        f" {data.stages} the gates ({named(data, data.gates)}) of {len(data.used)} channels go from"
        f" {min(data.used):.2f} to {max(data.used):.2f}."
        f" The network answers {read} gates. Of {data.samples} test images it gets right: {right}; without"
        f" squeeze-and-excitation {100 * data.without:.0f} %.{swapped}",
    )


def _seen(data: Weights) -> str:
    answer, is_right = data.answers[data.gates], data.answers[data.gates] == data.label
    verdict = "right" if is_right else f"wrong, the image says {data.label}"
    gates = "all gates at 1" if data.gates == "all 1" else f"{named(data, data.gates)} gates"
    return f"With {gates} the network answers {answer}: {verdict}"


def _swapped(data: Weights) -> str:
    """How often the swapped gates decide what is answered."""
    lender, share = named(data, "swapped"), f"{100 * data.other['swapped']:.0f} %"
    if data.has_cue:
        return f"Of those whose two digits differ it answers the other digit in {share}, with {lender}."
    return f"It answers the class that lends the gates in {share}, with {lender}."


def say_stored(data: Weights) -> Said:
    """The same with whole tens, for the shares may differ a little between machines."""
    read = ", ".join(f"{data.answers[name]} with {named(data, name)}" for name in shown(data))
    right = ", ".join(f"{_tens(data.right[name])} with {named(data, name)}" for name in shown(data))
    return Said(
        _seen(data),
        f"Test image {data.sample} says {data.label}{data.group}. The network answers {read} gates."
        f" Of {data.samples} test images it gets right: {right}; without squeeze-and-excitation"
        f" {_tens(data.without)}.",
    )


def _tens(share: float) -> str:
    tens = 10 * int(10 * share)
    return f"over {tens} %" if tens else "under 10 %"


_FADER = COLORS["squeeze_excitation"]
_WIDTH, _NARROW, _HEIGHT = 400, 232, 366  # of a card; of the answer's; of all three
_TOP = 44  # the image's, the faders' and the digit's upper edge
_LONG = 176  # how far a fader slides from 0 to 1
_DESK = (46, 382)  # where the faders begin and end
_DIGIT = 138  # how high the answer is
_BAR = _NARROW - 40  # how long the bar of a share of 1 is


def draw(data: Weights, heard: str) -> Picture:
    """What goes in, the desk, and what comes out."""
    return _image_card(data, heard), _desk_card(data), _answer_card(data)


def _image_card(data: Weights, label: str) -> str:
    bar = "bar" if data.wanted else "no bar"
    names = ("first digit", "second digit", bar) if data.has_cue else ("digit",)
    side = 14 if data.has_cue else 21  # of a pixel
    body = text(20, 28, f"Test image {data.sample}", INK, bold=True, size=LARGE)
    for n, (pixels, name) in enumerate(zip(data.channels, names, strict=True)):
        height, width = (side * size for size in pixels.shape)
        left = 20 + 124 * n if data.has_cue else (_WIDTH - width) / 2
        body += rect(left - 1, _TOP - 1, width + 2, height + 2, RULE)
        body += image(left, _TOP, width, height, gray(pixels))
        is_wanted = n == data.wanted
        if is_wanted and data.has_cue:
            body += rect(
                left - 4,
                _TOP + 52,
                120,
                120,
                "none",
                Mark("wanted"),
                stroke=INK,
                rx=4,
                more='stroke-width="3"',
            )
        body += text(
            left + width / 2, _TOP + 190, name, INK if is_wanted else QUIET, bold=is_wanted, anchor="middle"
        )
    if data.has_cue:
        cue = ("No bar: the first digit counts", "Bar: the second digit counts")[data.wanted]
        body += text(20, _TOP + 218, cue, INK, bold=True, size=LARGE)
    return card(body + _thumbs(data), _WIDTH, _HEIGHT, label)


def _thumbs(data: Weights) -> str:
    """Other images to choose: a click on one shows it."""
    body = ""
    side = 2 if data.has_cue else 3  # of a pixel
    height, width = (side * size for size in next(iter(data.others.values())).shape)
    for n, (sample, pixels) in enumerate(data.others.items()):
        x, y = 20 + 61.5 * (n % 6), 284 + 32 * (n // 6)
        drawn = rect(x - 1, y - 1, width + 2, height + 2, RULE) + image(x, y, width, height, gray(pixels))
        body += group(drawn, Mark(sets={"sample": sample}, title=f"Test image {sample}"))
        if sample == data.sample:
            edge = 'stroke-width="2.5"'
            body += rect(
                x - 2, y - 2, width + 4, height + 4, "none", Mark("here"), stroke=HERE, rx=2, more=edge
            )
    return body


def _desk_card(data: Weights) -> str:
    (left, right), count = _DESK, len(data.used)
    pitch = (right - left) / count
    title = named(data, data.gates)
    gates = "All gates at 1" if data.gates == "all 1" else f"{title[0].upper()}{title[1:]} gates"
    body = text(20, 28, gates, _FADER.text, bold=True, size=LARGE)
    body += text(right, 28, f"{count} channels, stage {data.stage} of {data.stages}", QUIET, anchor="end")
    for share, name in ((1, "1"), (0.5, "0.5"), (0, "0")):
        y = _height(share)
        body += path(f"M{left - 6} {number(y)}H{right}", "none", stroke=RULE, width=1)
        body += text(left - 12, y + 4.5, name, QUIET, anchor="end")
    slots, lent = "", ""
    for n, gate in enumerate(data.lent):
        middle = left + (n + 0.5) * pitch
        slots += f"M{number(middle)} {_TOP + 8}v{_LONG}"
        lent += f"M{number(middle - 0.46 * pitch)} {number(_height(gate))}h{number(0.92 * pitch)}"
    body += path(slots, "none", stroke=TENSOR, width=4)
    body += "".join(_fader(n, gate, left + (n + 0.5) * pitch, pitch) for n, gate in enumerate(data.used))
    body += path(lent, "none", stroke=TENSOR_EDGE, width=2)
    y = _TOP + 8 + _LONG + 28
    body += path(f"M{left} {y}h14", "none", stroke=TENSOR_EDGE, width=2)
    body += text(left + 22, y + 5, f"where {named(data, 'swapped')} gates stand", QUIET)
    return card(body + _button(data), _WIDTH, _HEIGHT, f"{gates}: {count} faders from 0 to 1")


def _fader(n: int, gate: float, middle: float, pitch: float) -> str:
    """One channel's gate: how far it is pushed up, and the knob."""
    y, title = _height(gate), f"Channel {n + 1}: gate {gate:.2f}"
    level = Mark(f"level-{n}", value=gate, scale="height", unit="gate", title=title)
    body = rect(middle - 2, y, 4, _height(0) - y, _FADER.fill, level)
    wide = min(0.86 * pitch, 16)
    return body + rect(
        middle - wide / 2, y - 5, wide, 10, _FADER.fill, Mark(f"knob-{n}", title=title), rx=2.5
    )


def _height(gate: float) -> float:
    """Where a fader of this gate stands."""
    return _TOP + 8 + _LONG * (1 - gate)


def _button(data: Weights) -> str:
    """Lend other gates, or give the image's own back: what a click on it sets."""
    is_own = data.gates == "own"
    words = f"Lend it {named(data, 'swapped')} gates" if is_own else "Give it its own gates back"
    body = rect(92, _HEIGHT - 58, 216, 38, CARD, stroke=_FADER.fill, rx=19, more='stroke-width="2"')
    body += text(200, _HEIGHT - 34, words, INK, bold=True, anchor="middle")
    return group(body, Mark(sets={"gates": "swapped" if is_own else "own"}, title=words))


def _answer_card(data: Weights) -> str:
    answer = data.answers[data.gates]
    is_right, middle = answer == data.label, _NARROW / 2
    body = text(20, 28, "The network answers", INK, bold=True, size=LARGE)
    shape = digit(answer, middle, _TOP + 10 + _DIGIT, _DIGIT)
    body += path(shape, INK, Mark(f"answer-{answer}", title=f"The network answers {answer}"))
    verdict = "right" if is_right else f"wrong, the image says {data.label}"
    body += text(middle, _TOP + 190, verdict, INK, bold=True, size=LARGE, anchor="middle")
    body += text(20, _TOP + 218, f"Of {data.samples} test images", QUIET)
    body += _share(0, "right", data.right[data.gates])
    body += _share(1, "the other digit" if data.has_cue else "the lender's class", data.other[data.gates])
    if data.has_cue:
        body += text(20, 354, "where the two differ", QUIET)
    return card(body, _NARROW, _HEIGHT, f"The network answers {answer}, {verdict}")


def _share(row: int, name: str, share: float) -> str:
    """A share of all test images, as a bar."""
    y, percent = 272 + 36 * row, 100 * share
    body = text(20, y + 12, name, INK) + text(
        _NARROW - 20, y + 12, f"{percent:.0f} %", INK, bold=True, anchor="end"
    )
    body += rect(20, y + 18, _BAR, 8, TENSOR)
    mark = Mark(
        f"share-{row}", value=percent, scale="width", unit="percent", title=f"{name}: {percent:.1f} %"
    )
    return body + rect(20, y + 18, _BAR * share, 8, QUIET, mark)


@with_name
def channel_weights(cue: GateStudy | None = None, digits: GateStudy | None = None) -> Explorer[Weights]:
    """Image, stage and gates to choose, on the cue task and on plain digits.

    Args:
        cue, digits: studies to look into; the stored ones, which need no training, if left out.
    """
    studies = dict(zip(TASKS, (cue or stored_cue_task(), digits or stored_plain_digits()), strict=True))
    last = min(len(study.labels) for study in studies.values()) - 1
    on_page = tuple(sample for sample in _ON_PAGE if sample <= last)
    return Explorer(
        {
            "gates": Choice("Gates", "own", GATES),
            "task": Choice("Task", TASKS[0], TASKS),
            "sample": Number("Test image", 22, 0, last, page=on_page),
            "stage": Choice("Stage", 1, (1, 2, 3)),
        },
        # The network for the cue has a stage less: its last one then, and the sentence says which.
        compute=lambda task, sample, stage, gates: weights(
            studies[task], task, sample, min(stage, studies[task].stages), gates
        ),
        draw=draw,
        say=say,
        presets=PRESETS,
        stills=({"gates": "own"}, {"gates": "swapped"}),
        stored=say_stored,
        variant="a training of your own" if cue or digits else None,
    )
