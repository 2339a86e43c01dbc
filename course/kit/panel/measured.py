"""Measured times with their machine: as JSON beside a stored picture, and read from there again."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from blocks.measure import Latency, machine

Setting = str | int | tuple[str | int, ...]


@dataclass(frozen=True)
class Measured:
    """Measured times by setting, and the machine that they are of.

    An explorer that is made with them leaves them, as JSON, in the metadata of its output. A page without a
    kernel makes it again from there, on any machine, and it names the machine that measured:

        EXPLORERS[name](Measured.from_json(output.metadata["cnn"]["measured"]))

    Attributes:
        times: by setting the latency of each module that was timed there.
        machine: as `blocks.measure.machine` names it.
    """

    times: Mapping[Setting, tuple[Latency, ...]]
    machine: str

    @classmethod
    def of(cls, times: "Mapping[Any, Latency | Sequence[Latency]] | Measured | None") -> "Measured | None":
        """Times as they are read from a stored output; others as of this machine; None for no times.

        Seconds are rounded to four figures: nobody measures more, and a stored output stays small.
        """
        if isinstance(times, Measured):
            return times
        if not times:
            return None
        found = {
            setting: tuple(map(_rounded, (each,) if isinstance(each, Latency) else each))
            for setting, each in times.items()
        }
        return cls(found, machine())

    def to_json(self) -> dict[str, str]:
        """For `json.dumps`; `from_json` gives an equal object of it. The times are one line of JSON again."""
        times = [
            [list(setting) if isinstance(setting, tuple) else setting, [_row(each) for each in found]]
            for setting, found in self.times.items()
        ]
        return {"machine": self.machine, "times": json.dumps(times, separators=(",", ":"))}

    @classmethod
    def from_json(cls, stored: Any) -> "Measured":
        """What `to_json` gave, after `json.loads`.

        Raises:
            ValueError: it is something else.
        """
        try:
            times = {
                tuple(setting) if isinstance(setting, list) else setting: tuple(
                    _latency(*row) for row in found
                )
                for setting, found in json.loads(stored["times"])
            }
            read = cls(times, stored["machine"])
            is_sound = read._is_sound() and read.to_json() == stored
        except (KeyError, TypeError, ValueError):
            is_sound = False
        if not is_sound:
            raise ValueError(
                "Measured: stored times must be a machine's name and a list of settings, each with its"
                f" latencies, as to_json gives them, got {_short(stored)}."
            )
        return read

    def _is_sound(self) -> bool:
        latencies = [each for found in self.times.values() for each in found]
        is_named = isinstance(self.machine, str) and self.machine != ""
        return is_named and latencies != [] and all(map(_is_latency, latencies))


def _rounded(one: Latency) -> Latency:
    median, iqr, *turns = (float(f"{seconds:.4g}") for seconds in (one.median, one.iqr, *one.turns))
    return replace(one, median=median, iqr=iqr, turns=tuple(turns))


def _row(one: Latency) -> list[Any]:
    *fields, turns = astuple(one)
    return [*fields, *turns]


def _latency(median: float, iqr: float, runs: int, threads: int, device: str, *turns: float) -> Latency:
    return Latency(median, iqr, runs, threads, device, turns)


def _is_latency(one: Latency) -> bool:
    seconds = all(math.isfinite(each) and each > 0 for each in (one.median, *one.turns))
    seconds = seconds and math.isfinite(one.iqr) and one.iqr >= 0
    counts = all(isinstance(count, int) and count >= 1 for count in (one.runs, one.threads))
    return seconds and counts and isinstance(one.device, str)


def _short(stored: Any) -> str:
    text = repr(stored)
    return text if len(text) <= 200 else f"{text[:197]}..."
