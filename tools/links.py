"""Write the repository's address into everything that links to it.

It stands in one place, pyproject.toml. From there come the badges (Binder, Colab) of the README and of every
notebook, and each notebook's setup cell. Without an address there are neither: a badge must not point
nowhere. Safe to run again.

    python tools/links.py                                # the address of the git remote `origin`
    python tools/links.py https://github.com/ORG/REPO
    python tools/links.py ""                             # takes badges and setup cells out again
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parent.parent
BRANCH = "main"
START = "00_start_here"
SETUP = "setup"  # the tag of a setup cell
# HTTPS and SSH, as git and GitHub write them
GITHUB = re.compile(
    r"(?:https://(?:[^/@]+@)?github\.com/|(?:ssh://)?git@github\.com[:/])([\w.-]+)/([\w.-]+?)(?:\.git)?/?"
)
FIELD = re.compile(r'^address = "(.*)"$', re.MULTILINE)
BADGES = re.compile(r"^\[!\[Open on Binder\].*\n\n", re.MULTILINE)
TITLE = re.compile(r"^# .*\n\n")
# Of what the notebooks need, Colab lacks torchinfo only. --no-deps: everything else stays as it is.
CELL = """\
# For Colab: fetch the package of these notebooks. Where it is installed, this cell does nothing.
from importlib.util import find_spec

if find_spec("blocks") is None:
    %pip install -q --no-deps torchinfo git+{address}"""


def main(arguments: list[str]) -> None:
    """Write the address given, else that of `origin`, everywhere."""
    given = arguments[0] if arguments else _origin()
    address = parsed(given) if given else ""
    changed = write(ROOT, address)
    print(f"The address is {address or 'not set'}: {len(changed)} files changed", *changed, sep="\n  ")


def parsed(text: str) -> str:
    """The address of a GitHub repository, in the one form that is stored.

    Raises:
        ValueError: it is none.
    """
    found = GITHUB.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"links: the address must be https://github.com/ORG/REPO, got {text!r}.")
    return f"https://github.com/{found[1]}/{found[2]}"


def write(root: Path, address: str) -> list[str]:
    """Write the address into all files under `root`; return the names of those that changed."""
    changed = []
    for path, text in linked(root, address).items():
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            changed.append(str(path.relative_to(root)))
    return changed


def linked(root: Path, address: str) -> dict[Path, str]:
    """Every file that holds the address, as it should be."""
    project, readme = root / "pyproject.toml", root / "README.md"
    files = {
        project: FIELD.sub(f'address = "{address}"', project.read_text(encoding="utf-8")),
        readme: with_badges(readme.read_text(encoding="utf-8"), address, START),
    }
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        first = notebook.cells[0]
        first.source = with_badges(first.source, address, path.stem)
        set_up(notebook, address, path.stem)
        files[path] = nbformat.writes(notebook, indent=1) + "\n"
    return files


def stale(root: Path) -> list[str]:
    """The files that do not hold what pyproject.toml's address asks for."""
    address = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["cnn-blocks"]["address"]
    files = linked(root, address).items()
    return [str(path.relative_to(root)) for path, text in files if text != path.read_text(encoding="utf-8")]


def with_badges(text: str, address: str, notebook: str) -> str:
    """The text with one line of badges below its title; without an address, with none."""
    text = BADGES.sub("", text)
    if not address:
        return text
    line = f"{binder(address, notebook)} {colab(address, notebook)}\n\n"
    return TITLE.sub(lambda title: title[0] + line, text, count=1)


def binder(address: str, notebook: str) -> str:
    """The badge that opens a notebook on Binder."""
    repository = address.removeprefix("https://github.com/")
    link = f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?urlpath=lab/tree/notebooks/{notebook}.ipynb"
    return f"[![Open on Binder](https://mybinder.org/badge_logo.svg)]({link})"


def colab(address: str, notebook: str) -> str:
    """The badge that opens a notebook on Colab."""
    repository = address.removeprefix("https://github.com/")
    link = f"https://colab.research.google.com/github/{repository}/blob/{BRANCH}/notebooks/{notebook}.ipynb"
    return f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})"


def set_up(notebook: NotebookNode, address: str, name: str) -> None:
    """Put the setup cell before the first code cell, or take it out, and count the cells anew."""
    cells = [cell for cell in notebook.cells if SETUP not in cell.metadata.get("tags", ())]
    if address:
        cell = new_code_cell(CELL.format(address=address), id=f"{name}-{SETUP}", metadata={"tags": [SETUP]})
        first = next(n for n, other in enumerate(cells) if other.cell_type == "code")
        cells.insert(first, cell)
    notebook.cells = cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    executed = any(cell.execution_count for cell in code)  # the setup cell, too, ran, and said nothing
    for count, cell in enumerate(code if executed else [], 1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count


def _origin() -> str:
    run = subprocess.run(
        ["git", "-C", str(ROOT), "remote", "get-url", "origin"],  # noqa: S607 git is where PATH has it
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise ValueError(
            "links: no git remote `origin`: name one, as in ADDRESS=https://github.com/ORG/REPO."
        )
    return run.stdout


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        raise SystemExit(str(error)) from None
