"""The explorers that notebooks have stored: where they stand, and how each is made again.

An explorer's output says in its metadata what it is of. One without a variant is what EXPLORERS makes. One
that was given measured times is given them again: they stand in the metadata, too. Another variant was given
something that only the notebook knows: its call is evaluated anew, after those statements above it that
define what it uses. Nothing is trained or measured again.
"""

import ast
import base64
import contextlib
import functools
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import resolve_name
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from PIL import Image, ImageChops

from course import chapters
from tools import raster
from tools.freeze import DRAWN, IGNORED
from tools.links import SETUP
from tools.teaching import needed

if TYPE_CHECKING:
    from course.kit.panel import Explorer

# Each processor rounds in its own way, so a shade may differ a little; tools/raster.py tells the room of
# diagrams. Letters are in the font that matplotlib brings: a chart drawn anew on one processor has no pixel
# that differs. The least change tried, of the color of one small mark, moved 110 pixels in a million.
LEVELS = 8  # of 255: a pixel differs if a color differs by more
SHARE = 20e-6  # of the pixels may


@dataclass(frozen=True)
class Recipe:
    """How an explorer is made again, in whatever process: plain data.

    Attributes:
        name: of the function that makes it.
        call: the expression that makes it.
        code: the statements that define what the call uses.
        variant: what the explorer says of itself; None where the function was given nothing.
        measured: JSON of the times that it was given, which the call names so; "" where it was given none.
        place: where it stands, for errors.
    """

    name: str
    call: str
    code: str
    variant: str | None = None
    measured: str = ""
    place: str = field(default="EXPLORERS", compare=False)

    @property
    def slug(self) -> str | None:
        """The variant as a name."""
        return None if self.variant is None else slug(self.variant)

    @property
    def key(self) -> str:
        """The name, and after a dot the variant's: no two explorers of the site have the same."""
        return key_of(self.name, self.variant)

    def make(self) -> "Explorer[Any]":
        """The explorer.

        Raises:
            ValueError: its code fails, or makes another explorer than it should.
        """
        names: dict[str, Any] = {"__name__": "notebook", "measured": json.loads(self.measured or "null")}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(self.code, self.place, "exec"), names)  # noqa: S102 - the code of our own notebooks
                made = eval(self.call, names)  # noqa: S307
        except Exception as error:
            raise ValueError(
                f"{self.place}: {self.call} must make its explorer again, got {type(error).__name__}: {error}"
            ) from error
        if (found := (getattr(made, "name", ""), getattr(made, "variant", ""))) != (self.name, self.variant):
            raise ValueError(
                f"{self.place}: {self.call} must make {(self.name, self.variant)}, got {found}."
                " Run: make notebooks"
            )
        return made


@dataclass(frozen=True)
class Shown:
    """One stored output that shows an explorer.

    Attributes:
        notebook: its name without the ending, "06_inverted_residual".
        cell: its id.
        output: its number among the cell's outputs, from 0.
        settings: where the explorer's controls stand.
        html, plain: the still, and its words.
        drawn: of each picture the mark of the SVG that it was drawn of, "" for a chart.
    """

    notebook: str
    cell: str
    output: int
    recipe: Recipe
    settings: Mapping[str, Any]
    html: str
    plain: str
    drawn: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the function that made it."""
        return self.recipe.name

    @property
    def variant(self) -> str | None:
        """What the function was given, as a name."""
        return self.recipe.slug

    @property
    def key(self) -> str:
        """The name, and after a dot the variant."""
        return self.recipe.key

    def make(self) -> "Explorer[Any]":
        """The explorer, made again."""
        return self.recipe.make()


def key_of(name: str, variant: str | None) -> str:
    """What tells an explorer from all others of the site, from what its output's metadata say."""
    return name if variant is None else f"{name}.{slug(variant)}"


def slug(variant: str) -> str:
    """A variant as a name: "FusedMBConv, 1 x 48 x 56 x 56 to ..." becomes "fused_mbconv".

    Raises:
        ValueError: nothing of it is left.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", variant.partition(",")[0])
    made = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not made:
        raise ValueError(f"slug: variant must begin with letters or digits, got {variant!r}.")
    return made


@functools.cache
def plain() -> Mapping[str, Recipe]:
    """The explorers that need no arguments, by name."""
    found = {}
    for chapter in chapters():
        for reference in chapter.explorers:
            module, _, name = reference.partition(":")
            module = resolve_name(module, f"course.{chapter.concept}")
            found[name] = Recipe(name, f"{name}()", f"from {module} import {name}")
    return found


def every(shown: Iterable[Shown]) -> dict[str, Recipe]:
    """By key all explorers of the site: those that need no arguments, and the variants that are shown.

    Raises:
        ValueError: two that differ have one key.
    """
    found = dict(plain())
    for each in shown:
        first = found.setdefault(each.key, each.recipe)
        mine, other = ((r.variant, r.call, r.measured) for r in (each.recipe, first))
        if mine != other:
            raise ValueError(
                f"{each.recipe.place}: an explorer must have a name of its own on the site, but {first.place}"
                f" has another {each.key}: {other} there, {mine} here."
            )
    return found


def read(folder: Path) -> list[Shown]:
    """Every stored explorer of the notebooks in a folder, in their order."""
    paths = sorted(folder.glob("*.ipynb"))
    return [each for path in paths for each in shown(nbformat.read(path, as_version=4), path.stem)]


def shown(notebook: NotebookNode, stem: str) -> list[Shown]:
    """Every stored explorer of a notebook.

    Raises:
        ValueError: it cannot be told how one is made again.
    """
    return list(_shown(notebook, stem))


def _shown(notebook: NotebookNode, stem: str) -> Iterator[Shown]:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for place, cell in enumerate(cells):
        seen: dict[str, int] = {}
        for number, output in enumerate(cell.outputs):
            what = output.get("metadata", {}).get("cnn", {})
            if "explorer" not in what:
                continue
            name = what["explorer"]
            recipe = _recipe(cells[: place + 1], what, seen.get(name, 0), f"{stem}, cell {cell.id}")
            seen[name] = seen.get(name, 0) + 1
            data = output.data
            words, drawn = (data["text/html"], data["text/plain"]), tuple(what.get(DRAWN, ()))
            yield Shown(stem, cell.id, number, recipe, what["settings"], *words, drawn)


def _recipe(cells: Sequence[NotebookNode], what: Mapping[str, Any], number: int, place: str) -> Recipe:
    """How the explorer is made that the last cell shows as number `number`, from 0, of its name."""
    name, variant = what["explorer"], what["variant"]
    if variant is None or "measured" in what:
        if name not in plain():
            raise ValueError(
                f"{place}: an explorer without a variant, or of measured times, must be in EXPLORERS,"
                f" got {name}. Add it to its chapter's record."
            )
        made = plain()[name]
        if variant is None:
            return made
        code = f"{made.code}\nfrom course.kit.panel import Measured"
        times = json.dumps(what["measured"])
        return Recipe(name, f"{name}(Measured.from_json(measured))", code, variant, times, place)
    *above, cell = cells
    statements = [part for each in above if _runs(each) for part in _statements(each.source)]
    own = ast.parse(cell.source).body
    calls = [(n, call) for n, statement in enumerate(own) for call in _calls(statement, name)]
    if number >= len(calls):
        raise ValueError(
            f"{place}: it shows {name} {number + 1} times, and must have a call for each, got {len(calls)}."
        )
    n, call = calls[number]
    if IGNORED in cell.source:
        raise ValueError(
            f"{place}: it trains or measures, so the metadata of {name}'s output must hold what it measured,"
            " got nothing. Give the explorer measured=."
        )
    statements += [part for statement in own[:n] for part in _parts(statement)]
    pieces = [new_code_cell(part) for part in (*statements, call)]
    code = "\n".join(statements[at] for at in sorted(needed(pieces, {len(statements)})))
    return Recipe(name, call, code, variant, place=place)


def _runs(cell: NotebookNode) -> bool:
    """Whether a cell is run again for what it defines."""
    return IGNORED not in cell.source and SETUP not in cell.metadata.get("tags", ())


def _statements(source: str) -> Iterator[str]:
    for statement in ast.parse(source).body:
        yield from _parts(statement)


def _parts(statement: ast.stmt) -> Iterator[str]:
    """The statement; an import of several names in parts, since only those that are used are needed."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            names = [alias]
            one = (
                ast.Import(names)
                if isinstance(statement, ast.Import)
                else ast.ImportFrom(statement.module, names, statement.level)
            )
            yield ast.unparse(one)
    else:
        yield ast.unparse(statement)


def _calls(statement: ast.stmt, name: str) -> list[str]:
    """The calls of a function in a statement, in the order in which they stand."""
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]
    return [ast.unparse(call) for call in sorted(named, key=lambda call: (call.lineno, call.col_offset))]


def check(shown: Iterable[Shown]) -> None:
    """Hold every stored still against what its explorer draws now.

    Raises:
        ValueError: some differ; a line for each.
    """
    faults = [fault for each in shown for fault in [difference(each)] if fault]
    if faults:
        raise ValueError("\n".join(faults))


def difference(shown: Shown, explorer: "Explorer[Any] | None" = None) -> str:
    """What a stored still differs in from what its explorer draws now, in words; "" for nothing.

    Words and sizes must be equal, and so must diagrams and the pixels of charts, but for the room that
    another processor needs: its arithmetic rounds otherwise. Stills of measured times are held like all
    others: they are drawn of the stored times.
    """
    data, metadata = (explorer or shown.make())._repr_mimebundle_()
    found = (
        ("another setting is stored", shown.settings, metadata["cnn"]["settings"]),
        ("other words are stored", shown.plain, data["text/plain"]),
        ("another still is stored", _without_pictures(shown.html), _without_pictures(data["text/html"])),
    )
    what = next((words for words, stored, now in found if stored != now), "")
    what = what or redrawn(shown.html, shown.drawn, data["text/html"])
    where = f"{shown.notebook}, cell {shown.cell}, output {shown.output}"
    return what and f"{where}: {shown.key} has changed since the notebook ran: {what}. Run: make notebooks"


def _without_pictures(html: str) -> str:
    return raster.PICTURE.sub("", html)


def redrawn(html: str, drawn: Sequence[str], now: str) -> str:
    """What the pictures in stored HTML differ in from those in HTML of today, in words; "" for nothing.

    Args:
        drawn: of each stored picture the mark of its SVG, "" for a chart; none, where all are charts.
    """
    stored, live = raster.PICTURE.findall(html), raster.PICTURE.findall(now)
    if len(stored) != len(live):
        return f"pictures are stored, {len(stored)}, now there are {len(live)}"
    marks = drawn or [""] * len(stored)
    if len(marks) != len(stored):
        return f"pictures are stored, {len(stored)}, with the marks of {len(marks)}"
    pairs = zip(stored, marks, live, strict=True)
    return next((words for before, mark, after in pairs if (words := _redrawn(before, mark, after))), "")


def _redrawn(before: tuple[str, str], mark: str, now: tuple[str, str]) -> str:
    """What a stored picture differs in from one of today, each given by its kind and its bytes in base64."""
    if before[0] != "png":
        return f"a picture of kind {before[0]} is stored, and must be png"
    if (now[0] == "png") == bool(mark):
        return f"a {'diagram' if mark else 'chart'} is stored, now it is a {'chart' if mark else 'diagram'}"
    old, new = (base64.b64decode(content) for _, content in (before, now))
    if mark:
        return raster.difference(old, mark, new.decode())
    if old == new:
        return ""
    return _charts(*(Image.open(io.BytesIO(png)).convert("RGB") for png in (old, new)))


def _charts(old: Image.Image, new: Image.Image) -> str:
    if old.size != new.size:
        return f"a chart of {old.size} pixels is stored, now it has {new.size}"
    red, green, blue = ImageChops.difference(old, new).split()
    levels = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    share = sum(levels[LEVELS + 1 :]) / sum(levels)
    return f"{share:.3%} of the pixels of a chart differ" if share > SHARE else ""
