"""What an explorer is made of: the files that it depends on, and a hash that changes with them."""

import ast
import hashlib
import importlib.util
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from course import chapters
from course.kit.record import KIT
from web.stored import Recipe

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("blocks", "course")
LIBRARIES = ("torch", "matplotlib", "Pillow", "numpy")  # which compute and draw
FOLDERS = ("data", "runs")  # beside a module, what it may read


class Sources:
    """The files of the project that a piece of code imports, and what lies beside them; each is read once.

    A package's `__init__` runs when something in it is imported, and so do its imports. An import within a
    function counts, too. A chapter loads its names on first use: such a name counts as an import of the
    module that its record names.

    Args:
        root: the folder that holds the packages.
    """

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._found: dict[str, tuple[Path | None, frozenset[str]]] = {}
        self._hashes: dict[Path, str] = {}
        self._late = {}
        for chapter in chapters():
            package = f"course.{chapter.concept}"
            own = (*chapter.explorers, *chapter.predictions, *chapter.exercises, *chapter.also)
            for reference in (*KIT, *own):
                module, _, name = reference.partition(":")
                self._late[f"{package}.{name}"] = importlib.util.resolve_name(module, package)

    def files(self, code: str) -> list[Path]:
        """Every file that the code depends on, in the order of their paths."""
        waiting, seen = set(self._imports(code, "", is_package=False)), set[str]()
        paths: set[Path] = set()
        while waiting:
            module = waiting.pop()
            seen.add(module)
            path, imports = self._module(module)
            if path is not None:
                beside = (path.parent / folder for folder in FOLDERS)
                paths |= {path, *(file for folder in beside for file in folder.glob("*") if file.is_file())}
            waiting |= imports - seen
        return sorted(paths)

    def fingerprint(self, recipe: Recipe, *also: object) -> str:
        """A hash of all that decides what an explorer answers, `also` of what JSON takes.

        The stops of its controls follow from its sources, so that nothing need be made to know the hash.
        """
        files = [
            (file.relative_to(self._root).as_posix(), self._hash(file)) for file in self.files(recipe.code)
        ]
        own = (recipe.name, recipe.variant, recipe.call, recipe.code, recipe.measured)
        versions = [version(library) for library in LIBRARIES]
        return hashlib.sha256(json.dumps([own, versions, files, also]).encode()).hexdigest()[:16]

    def _module(self, name: str) -> tuple[Path | None, frozenset[str]]:
        """The file of a module, None where there is none, and all that it may import."""
        if name not in self._found:
            folder = self._root.joinpath(*name.split("."))
            path = next((p for p in (folder / "__init__.py", folder.with_suffix(".py")) if p.is_file()), None)
            found = {name.rpartition(".")[0], self._late.get(name, "")} - {""}
            if path is not None:
                source = path.read_text(encoding="utf-8")
                found |= set(self._imports(source, name, is_package=path.name == "__init__.py"))
            self._found[name] = path, frozenset(found)
        return self._found[name]

    def _imports(self, source: str, module: str, *, is_package: bool) -> Iterator[str]:
        """What a source imports of the packages: of `from a import b` both a and a.b, a module perhaps."""
        package = module if is_package else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(source)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                start = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
                names = [start, *(f"{start}.{alias.name}" for alias in node.names)]
            yield from (name for name in names if name.partition(".")[0] in PACKAGES)

    def _hash(self, file: Path) -> str:
        if file not in self._hashes:
            self._hashes[file] = hashlib.sha256(file.read_bytes()).hexdigest()
        return self._hashes[file]
