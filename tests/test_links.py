"""The repository's address: badges and setup cells hold it; the tool that writes them finds what does not."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
import pytest

from tests.course.test_notebooks import FOR_ALL, NOTEBOOKS, code
from tests.course.test_solutions import names_of
from tools import links

ADDRESS = "https://github.com/somebody/cnn-blocks"
OTHER = "https://github.com/somebody-else/cnn-blocks"
SOME = "06_inverted_residual"


def copied(folder: Path, notebooks: Iterable[str]) -> Path:
    """A copy of what holds the address, with some of the notebooks."""
    (folder / "notebooks").mkdir()
    for name in ("pyproject.toml", "README.md", *(f"notebooks/{name}.ipynb" for name in notebooks)):
        shutil.copy(links.ROOT / name, folder / name)
    return folder


@pytest.fixture
def with_links(tmp_path: Path) -> Path:
    """Two notebooks are enough to see what is wrong in one."""
    links.write(copied(tmp_path, [links.START, SOME]), ADDRESS)
    return tmp_path


@pytest.fixture(scope="module")
def all_with_links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = copied(tmp_path_factory.mktemp("linked"), [path.stem for path in NOTEBOOKS])
    links.write(root, ADDRESS)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_this_repository_holds_its_address_everywhere() -> None:
    assert links.stale(links.ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        f"{ADDRESS}/",
        f"{ADDRESS}.git\n",
        "https://user:secret@github.com/somebody/cnn-blocks.git",
        "git@github.com:somebody/cnn-blocks.git",
        "ssh://git@github.com/somebody/cnn-blocks",
    ],
)
def test_every_form_that_git_knows_is_one_address(text: str) -> None:
    assert links.parsed(text) == ADDRESS


@pytest.mark.parametrize(
    "text",
    [
        "somebody/cnn-blocks",
        "https://gitlab.com/a/b",
        "../main",
        f"{ADDRESS}/tree/main",
        "https://github.com/a",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be https://github\.com/ORG/REPO"):
        links.parsed(text)


def test_written_twice_is_written_once(with_links: Path) -> None:
    before = contents(with_links)
    assert links.write(with_links, ADDRESS) == []
    assert contents(with_links) == before


def test_taken_out_again_nothing_is_left(with_links: Path) -> None:
    links.write(with_links, "")
    assert not any(b"mybinder" in content for content in contents(with_links).values())
    links.write(with_links, links.parsed(ADDRESS))
    links.write(with_links, OTHER)
    assert not any(b"somebody/" in content for content in contents(with_links).values())


def test_every_notebook_and_the_readme_point_at_themselves(all_with_links: Path) -> None:
    for path in sorted((all_with_links / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        first = notebook.cells[0].source
        assert f"mybinder.org/v2/gh/somebody/cnn-blocks/main?urlpath=lab/tree/notebooks/{path.name})" in first
        assert (
            f"colab.research.google.com/github/somebody/cnn-blocks/blob/main/notebooks/{path.name})" in first
        )
        assert f"git+{ADDRESS}" in code(notebook)[0].source
    assert f"notebooks/{links.START}.ipynb)" in (all_with_links / "README.md").read_text().splitlines()[2]


def change(name: str, before: str, after: str) -> Callable[[Path], object]:
    """Replace a text that must be there."""

    def damage(root: Path) -> None:
        text = (root / name).read_text()
        assert before in text
        (root / name).write_text(text.replace(before, after))

    return damage


def damaged_notebook(damage: Callable[[nbformat.NotebookNode], object]) -> Callable[[Path], object]:
    def on_file(root: Path) -> None:
        path = root / "notebooks" / f"{SOME}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        damage(notebook)
        path.write_text(nbformat.writes(notebook, indent=1) + "\n")

    return on_file


def twin(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    return nbformat.from_dict(cell | {"id": "twin"})


FILE = f"notebooks/{SOME}.ipynb"
WRONG: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a badge points at another notebook": (
        FILE,
        change(FILE, f"main/notebooks/{SOME}", "main/notebooks/02"),
    ),
    "a stale address in a badge": (FILE, change(FILE, "gh/somebody/", "gh/somebody-else/")),
    "a setup cell with another address": (FILE, change(FILE, f"git+{ADDRESS}", f"git+{OTHER}")),
    "a setup cell that touches torch": (FILE, change(FILE, "--no-deps ", "")),
    "a setup cell behind the imports": (FILE, damaged_notebook(lambda n: n.cells.insert(3, n.cells.pop(1)))),
    "no setup cell": (FILE, damaged_notebook(lambda n: n.cells.pop(1))),
    "two setup cells": (FILE, damaged_notebook(lambda n: n.cells.insert(1, twin(n.cells[1])))),
    "no badge": (FILE, damaged_notebook(lambda n: n.cells[0].update(source="# A title\n\nA sentence."))),
    "the README's badge": ("README.md", change("README.md", "blob/main", "blob/master")),
    "no badge in the README": (
        "README.md",
        lambda root: (root / "README.md").write_text("# CNN Blocks\n\nText.\n"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(with_links: Path, name: str) -> None:
    file, damage = WRONG[name]
    damage(with_links)
    assert links.stale(with_links) == [file]
    links.write(with_links, ADDRESS)
    assert links.stale(with_links) == []


def test_a_badge_before_there_is_an_address_is_found(with_links: Path) -> None:
    change("pyproject.toml", f'address = "{ADDRESS}"', 'address = ""')(with_links)
    assert "README.md" in links.stale(with_links)
    assert FILE in links.stale(with_links)


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_notebooks_with_links_keep_the_rules(all_with_links: Path) -> None:
    for path in sorted((all_with_links / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        assert [fault for rule in FOR_ALL for fault in rule(notebook)] == []
    assert "nn" in names_of(all_with_links / FILE)
    run("ruff", "check", "notebooks", cwd=all_with_links)
    run("ruff", "format", "--check", "notebooks", cwd=all_with_links)


@pytest.mark.slow
def test_nbval_sees_nothing_of_the_setup_cell(with_links: Path) -> None:
    start = with_links / "notebooks" / f"{links.START}.ipynb"
    settings = "--nbval", "--nbval-current-env", "--nbval-sanitize-with", str(links.ROOT / "tests/nbval.cfg")
    printed = run("pytest", "-q", "-p", "no:cacheprovider", *settings, str(start), cwd=with_links)
    assert f"{len(code(nbformat.read(start, as_version=4)))} passed" in printed
