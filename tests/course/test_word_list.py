"""The word list of notebook 00: every term is bold, so that a page can make it the target of a link.

The rule for whoever builds pages: in the table below the heading "Words" each bold text is a term, and its
anchor is `word-` and the term in small letters, with a hyphen for whatever is no letter and no digit.
"""

import re
from collections.abc import Iterator

import nbformat
import pytest
import torch

from course.kit.training.runs import Verdict
from tests import ROOT


def table() -> str:
    """The rows of the word list, without its heading."""
    cells = nbformat.read(ROOT / "notebooks" / "00_start_here.ipynb", as_version=4).cells
    (cell,) = (cell for cell in cells if "\n## Words" in cell.source)
    return re.findall(r"(?:^\|.*\n?)+", cell.source.partition("\n## Words")[2], re.MULTILINE)[0]


def terms(rows: str) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", rows)


def anchor(term: str) -> str:
    return "word-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def faults(rows: str) -> Iterator[str]:
    for row in rows.splitlines()[2:]:
        if not row.startswith("| **"):
            yield f"a row begins with its term in bold, got {row[:40]!r}"
        if re.search(r"(?<!\*)\*(?!\*)", row.replace("**", "")):
            yield f"a term is bold, nothing is in italics, got {row[:40]!r}"
    anchors = [anchor(term) for term in terms(rows)]
    yield from (f"two terms have the anchor {one}" for one in set(anchors) if anchors.count(one) > 1)


def test_every_term_has_an_anchor_of_its_own() -> None:
    assert list(faults(table())) == []
    assert len(terms(table())) == 30
    found = {anchor(term) for term in terms(table())}
    assert {"word-channels", "word-top-1-error", "word-multiply-adds", "word-clear", "word-iqr"} <= found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("| **gate** |", "| gate |", "a row begins with its term in bold, got '| gate |"),
        ("**depthwise**", "*depthwise*", "a term is bold, nothing is in italics, got '| **groups**"),
        ("**seed**", "**Clear**", "two terms have the anchor word-clear"),
    ],
)
def test_another_form_is_found(old: str, new: str, says: str) -> None:
    (found,) = faults(table().replace(old, new))
    assert found.startswith(says)


def test_two_equal_settings_come_out_as_clear_as_often_as_the_list_says() -> None:
    """Differences of normal noise, ten at a time; only where 9 of 10 agree can a verdict be clear."""
    trials = 100_000
    noise = torch.randn(trials, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    agreeing = noise[(noise > 0).sum(1).sub(5).abs() >= 4]
    clear = sum(Verdict("a", "b", tuple(differences)).clear for differences in agreeing.tolist())
    (said,) = re.findall(r"come out as clear about one time in (\d+)", table())
    assert round(trials / clear, -1) == int(said)
