"""The pages as files: everything that a notebook stores is there, and nothing leads nowhere."""

import base64
import gzip
import html
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from course import chapters
from course.kit.record import Chapter
from tests import ROOT
from tests.course.test_word_list import anchor, table, terms
from tools import links
from web import atlas, check, frame, pages, stills, stored, text, wording
from web.__main__ import build
from web.check import Outline

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ADDRESS = "https://github.com/ORG/REPO"
WEIGHT = 150_000  # bytes of a page, compressed, its pictures apart
EXPLORER = re.compile(r'<cnn-explorer name="(\w+)"(?: variant="(\w+)")?(?: id="([\w.]+)")? src="([^"]+)">')


def source(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def words(markup: str) -> str:
    """The text in some HTML."""
    return html.unescape(re.sub("<[^>]+>", "", markup))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def both(request: pytest.FixtureRequest, site: Path) -> tuple[NotebookNode, str]:
    """A notebook, and its page."""
    return source(request.param), (site / f"{request.param.stem}.html").read_text(encoding="utf-8")


# --- what a notebook stores is on its page


def test_every_explorer_and_prediction_can_answer(both: tuple[NotebookNode, str], site: Path) -> None:
    notebook, page = both
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    what = [output.get("metadata", {}).get("cnn", {}) for output in outputs]
    wanted = [
        (each["explorer"], each["variant"] and stored.slug(each["variant"]))
        for each in what
        if "explorer" in each
    ]
    found = EXPLORER.findall(page)
    assert [(name, variant or None) for name, variant, _, _ in found] == wanted
    names = json.loads((site / "atlas" / "names.json").read_text())
    for name, variant, key, folder in found:
        assert key in ("", f"{name}.{variant}" if variant else name)
        assert folder == f"atlas/{names[f'{name}.{variant}' if variant else name]}/"
        assert (site / folder / "index.json").is_file()
    asked = [each["prediction"] for each in what if "prediction" in each]
    assert re.findall(r'<cnn-prediction name="(\w+)" data-pagefind-ignore(?: room="\d+")?>', page) == asked


def test_a_second_explorer_of_a_page_takes_no_id_from_the_first(tmp_path: Path) -> None:
    outputs = [
        new_output(
            "execute_result",
            {"text/html": "<p>still</p>"},
            execution_count=1,
            metadata={"cnn": {"explorer": "walk_through", "variant": "MBConv, 1 x 2", "settings": {}}},
        )
    ]
    cells = [new_markdown_cell("# Title\n\nText."), *(new_code_cell("x", outputs=outputs) for _ in range(2))]
    nbformat.write(new_notebook(cells=cells), tmp_path / "00_start_here.ipynb")
    page = pages.Reader(tmp_path, {"walk_through.mbconv": "f"}, "").notebook(tmp_path / "00_start_here.ipynb")
    assert page.body.count('<cnn-explorer name="walk_through" variant="mbconv"') == 2
    assert page.body.count('id="walk_through.mbconv"') == 1
    with pytest.raises(ValueError, match=r"must have a folder, got none for walk_through\.mbconv"):
        pages.Reader(tmp_path, {}, "").notebook(tmp_path / "00_start_here.ipynb")


def test_all_code_is_on_the_page_with_what_it_printed(both: tuple[NotebookNode, str]) -> None:
    notebook, page = both
    code = [words(one).strip() for one in re.findall(r'<pre class="code".*?</pre>', page, re.DOTALL)]
    printed = [words(one).strip() for one in re.findall(r'<pre class="printed".*?</pre>', page, re.DOTALL)]
    for cell in code_cells(notebook):
        assert pages.FOR_TESTS.sub("", cell.source).strip() in code
        assert f'id="{cell.id}"' in page
        for output in cell.outputs:
            if output.output_type == "stream":
                assert output.text.strip() in printed
    assert "NBVAL" not in page


def test_every_picture_is_a_file_with_the_stored_pixels(both: tuple[NotebookNode, str], site: Path) -> None:
    notebook, page = both
    outputs = [
        output.get("data", {}).get("text/html", "") for c in code_cells(notebook) for output in c.outputs
    ]
    wanted = re.findall(r'<img [^>]*src="data:image/png;base64,([^"]+)"', "".join(outputs))
    found = re.findall(
        r'<img alt="[^"]+" width="[\d.]+" height="[\d.]+" src="(stills/[^"]+)" loading="lazy"', page
    )
    assert len(found) == len(wanted) == page.count("<img ")
    for name, data in zip(found, wanted, strict=True):
        before, after = (
            Image.open(io.BytesIO(one)).convert("RGB")
            for one in (base64.b64decode(data), (site / name).read_bytes())
        )
        assert (before.size, before.tobytes()) == (after.size, after.tobytes())


def test_every_formula_is_set(both: tuple[NotebookNode, str]) -> None:
    notebook, page = both
    marked = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    marked = re.sub(r"```.*?```|`[^`\n]+`", "", marked, flags=re.DOTALL)
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", marked, re.DOTALL)
    assert page.count("<math ") == len(formulas)
    assert page.count('<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"') == sum(
        formula.startswith("$$") for formula in formulas
    )


def test_every_term_of_the_word_list_can_be_linked_to(site: Path) -> None:
    ids = Outline.of((site / "00_start_here.html").read_text(encoding="utf-8")).ids
    assert {term for term in ids if term.startswith("word-")} == set(map(anchor, terms(table())))


def test_a_frame_that_may_not_fetch_has_each_still(site: Path) -> None:
    shown = [
        key for path in site.glob("*.html") for *_, key, _ in EXPLORER.findall(path.read_text("utf-8")) if key
    ]
    for key in shown:
        script = (site / "atlas" / "still" / f"{key}.js").read_text(encoding="utf-8")
        markup = json.loads(script.removeprefix("cnnStill(").removesuffix(");\n"))
        assert all((site / name).is_file() for name in re.findall(r'src="([^"]+)"', markup))


def test_the_exercises_say_where_they_are_done(both: tuple[NotebookNode, str]) -> None:
    notebook, page = both
    has = any(re.search("^## Exercises$", cell.source, re.MULTILINE) for cell in notebook.cells)
    assert ("A checker runs your code, which this page cannot do." in page) == has
    assert page.count("Type <code>make lab</code> in its folder, then open <code>") == 1 + has
    assert "notebooks/" not in page.partition("<pre")[0]


def test_a_page_says_where_its_sliders_stop(both: tuple[NotebookNode, str]) -> None:
    _, page = both
    note = "On this page a slider stops at chosen values. The notebook has all of them."
    before, *_ = page.split(note)
    assert page.count(note) == bool(EXPLORER.search(page))
    assert before.count("<cnn-explorer") == page.count(note)


# --- what is true with a kernel only


def test_a_page_has_its_own_words_where_a_notebook_needs_a_kernel(both: tuple[NotebookNode, str]) -> None:
    notebook, page = both
    marked = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for told, instead in wording.INSTEAD.items():
        if told in marked:
            before, after = (re.sub("[*`|]", "", one).strip() for one in (told, instead))
            assert before not in words(page)
            assert after in words(page)


@pytest.mark.parametrize(
    "told",
    ["Run the next cell.", "Click into it.", "It takes a second on your machine.", "The run is live."],
)
def test_words_that_need_a_kernel_are_refused(told: str) -> None:
    assert wording.on_page("Move the slider.\nThe cell below counts.", "here") != ""
    with pytest.raises(ValueError, match=f"here: a page has no kernel, got '{told}'"):
        wording.on_page(f"Move the slider.\n{told}", "here")


def test_words_that_no_notebook_has_any_more_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Title\n\nSaid.")]), tmp_path / "00_a.ipynb")
    monkeypatch.setattr(wording, "INSTEAD", {"Said.": "", "Not said.": ""})
    with pytest.raises(ValueError, match=r"no notebook says \['Not said\.'\]"):
        pages.read(tmp_path, pages.Reader(tmp_path, None, ""))


# --- the site as a whole


def test_every_notebook_and_page_of_teaching_is_there_and_can_be_found(site: Path) -> None:
    start = Outline.of((site / "index.html").read_text(encoding="utf-8"))
    teaching = Outline.of((site / "teaching" / "index.html").read_text(encoding="utf-8"))
    for path in NOTEBOOKS:
        assert start.links.count(f"{path.stem}.html") >= 1
        assert f"{path.stem}.html" in teaching.links
        assert (site / "slides" / f"{path.stem}.html").is_file()
    for chapter in chapters():
        if chapter.place:
            assert start.links.count(f"{chapter.notebook}.html") == 2 + (
                chapter.number == "01"
            )  # map and list
    row = [NOTEBOOKS[0].stem]
    while after := re.search(
        r'rel="next" href="([\w/]+)\.html"', (site / f"{row[-1]}.html").read_text("utf-8")
    ):
        row.append(after[1])
    assert row == [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize(
    "chapter", [chapter for chapter in chapters() if chapter.place], ids=lambda one: one.concept
)
def test_a_page_says_what_its_block_grows_out_of(chapter: Chapter, site: Path) -> None:
    page = (site / f"{chapter.notebook}.html").read_text(encoding="utf-8")
    (here,) = re.findall(r'<nav class="where".*?</nav>', page, re.DOTALL)
    assert re.findall(r'href="(\w+)\.html" aria-current="page"', here) == [chapter.notebook]
    told = " ".join(words(here.partition("</svg>")[2]).split())
    by_concept = {one.concept: one for one in chapters()}
    assert chapter.place
    parents = [by_concept[concept].in_words for concept in chapter.place.parents]
    assert ("Grows out of " in told) == bool(parents)
    assert all(name in told.partition("Leads to")[0] for name in parents)


def test_nothing_is_wrong_with_the_pages(site: Path) -> None:
    assert check.faults(site) == []


PAGE = (
    "<html><head><title>T</title></head><body><main><h1>A</h1><h2 id='b'>B</h2>"
    "<p><a href='other.html#there'>x</a> <code>$PATH</code></p></main></body></html>"
)
PLANTED = [
    ("", "", ""),
    ("other.html#there", "another.html", "another.html leads nowhere"),
    ("other.html#there", "../other.html", "../other.html leads nowhere"),
    ("other.html#there", "other.html#here", "other.html#here names no place"),
    ("other.html#there", "#b&amp;expansion=6", ""),
    ("other.html#there", "https://arxiv.org", ""),
    ("<p>", "<p><img alt='' src='https://example.org/x.png'>", "asks another host"),
    ("<p>", "<p><img alt='' src='x.png'>", "x.png leads nowhere"),
    ("<p>", "<p><script>x</script>", "inline script"),
    ("<p>", "<p onclick='x'>", "inline script: onclick"),
    ("<p>", "<p id='b'>", "the id b occurs 2 times"),
    ("<p>", "<h1>C</h1><p>", "it has 2 h1"),
    ("<h2 id='b'>", "<h3 id='b'>", "h3 follows h1"),
    ("<p>", "<p>costs $x$ ", "a formula is not set"),
    ("<main>", "", "it has 0 main"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), PLANTED)
def test_what_is_wrong_with_a_page_is_found(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text(PAGE.replace("id='b'", "id='there'").replace("#there", "#there"))
    assert right in PAGE
    (tmp_path / "page.html").write_text(PAGE.replace(right, wrong) if right else PAGE)
    found = check.faults(tmp_path)
    assert [told in line for line in found] == [True] * bool(told)


def test_a_page_is_light(site: Path) -> None:
    for path in [*site.glob("*.html"), *site.glob("teaching/*.html")]:
        outline = Outline.of(path.read_text(encoding="utf-8"))
        files = [path, *((path.parent / one).resolve() for one in outline.fetched if "stills/" not in one)]
        assert sum(len(gzip.compress(file.read_bytes())) for file in files) < WEIGHT, path


def test_nothing_of_the_last_site_stays(site: Path) -> None:
    """But for the atlas: build() empties the folder of all else."""
    named = {
        name
        for path in site.rglob("*.html")
        for name in re.findall(r"stills/\w+\.\w+", path.read_text("utf-8"))
    }
    assert {f"stills/{path.name}" for path in (site / "stills").iterdir()} == named
    shown = {key for path in site.glob("*.html") for *_, key, _ in EXPLORER.findall(path.read_text("utf-8"))}
    assert {path.stem for path in (site / "atlas" / "still").iterdir()} == shown - {""}


# --- what is refused


def planted(folder: Path, old: str, new: str) -> Path:
    """A copy of the notebooks in which a text of the one on inverted residuals is another."""
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"))
    path = folder / "06_inverted_residual.ipynb"
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_still_that_its_explorer_does_not_draw_is_refused(
    whole: bool, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quick(*_: object, stills: list[stored.Shown], **__: object) -> None:
        stored.check(one for one in stills if one.name == "channel_expansion")

    shutil.copytree(site / "atlas", tmp_path / "site" / "atlas")
    if not whole:  # what all others draw is the atlas's own to look at
        monkeypatch.setattr(atlas, "build", quick)
    notebooks = planted(tmp_path / "notebooks", "8,832 parameters and", "8,833 parameters and")
    with pytest.raises(ValueError, match=r"06_inverted_residual, cell .*channel_expansion has changed"):
        build(tmp_path / "site", thin=True, notebooks=notebooks)
    assert not (tmp_path / "site" / "index.html").exists()


def read(notebook: Path, site: Path) -> None:
    reader = pages.Reader(site, None, "")
    reader.notebook(notebook)
    reader.formulas.set()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "(07_squeeze_excitation.ipynb)",
            "(07_squeeze.ipynb)",
            r"a link must lead to a file.*got 07_squeeze\.ipynb",
        ),
        (r"t \\cdot i", r"t \\cdat i", r"each formula must be TeX that KaTeX reads, got h = t \\cdat i"),
        ("# Inverted residual", "Inverted residual", r"it must begin with its title"),
        (
            "Only the middle changes.",
            "![x](y.png)",
            r"pictures must be outputs of cells, got the picture y\.png",
        ),
    ],
)
def test_a_text_that_cannot_be_shown_is_refused(old: str, new: str, told: str, tmp_path: Path) -> None:
    notebooks = planted(tmp_path / "notebooks", old, new)
    with pytest.raises(ValueError, match=told):
        read(notebooks / "06_inverted_residual.ipynb", tmp_path)


def test_a_picture_that_was_not_frozen_is_refused(tmp_path: Path) -> None:
    data = base64.b64encode(b"<svg></svg>").decode()
    with pytest.raises(ValueError, match=r"must be a PNG, got SVG\. Run: make notebooks"):
        stills.as_files(f'<img alt="x" src="data:image/svg+xml;base64,{data}">', tmp_path)


@pytest.mark.parametrize(("width", "pans"), [(400, False), (862, True)])
def test_what_is_wider_than_a_card_pans_on_a_phone(width: int, pans: bool, tmp_path: Path) -> None:
    """A card has letters that can be read in a phone's width."""
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    html = stills.as_files(f'<img alt="x" width="{width}" height="9" src="{source}">', tmp_path)
    assert ('class="still scrolls" tabindex="0"' in html) is pans


# --- the address of the repository, once it is known


@pytest.fixture(scope="module")
def addressed(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page as it is once `make links` has written an address; without an atlas."""
    folder = tmp_path_factory.mktemp("addressed")
    (folder / "site").mkdir()
    (folder / "site" / "stills").symlink_to(site / "stills")  # they are the same
    for path, content in links.linked(ROOT, ADDRESS).items():
        if path.suffix == ".ipynb":
            (folder / path.name).write_text(content, encoding="utf-8")
    shutil.copytree(ROOT / "notebooks" / "teaching", folder / "teaching")
    shutil.copy(ROOT / "notebooks" / "TEACHING.md", folder)
    reader = pages.Reader(folder / "site", None, ADDRESS)
    lessons, teaching = pages.read(folder, reader)
    reader.formulas.set()
    facts = frame.Facts("1.2.3", "4.5.6", "The authors", ADDRESS)
    return dict(frame.framed(lessons, teaching, reader.sentences, reader.formulas, facts))


def test_with_an_address_a_page_says_where_its_notebook_runs(addressed: dict[str, str]) -> None:
    for path in NOTEBOOKS:
        outline = Outline.of(addressed[f"{path.stem}.html"])
        badges = (badge(ADDRESS, path.stem).rpartition("](")[2] for badge in (links.binder, links.colab))
        file = f"{ADDRESS}/blob/main/notebooks/{path.name}"
        for address in (*(one.removesuffix(")") for one in badges), file):
            assert outline.links.count(address) == 1 + ("Exercises" in outline.ids)
        assert not [url for url in outline.fetched if url.startswith("http")], (
            "a badge is a picture from elsewhere"
        )
        assert "git+" not in addressed[f"{path.stem}.html"], "the setup cell is Colab's"


def test_with_an_address_a_mistake_can_be_reported_from_every_page(
    addressed: dict[str, str], site: Path
) -> None:
    for name, page in addressed.items():
        (report,) = (url for url in Outline.of(page).links if url.startswith(f"{ADDRESS}/issues/new?"))
        assert f"body=Page%3A+{name.replace('/', '%2F')}%0AVersion%3A+1.2.3%2C+with+PyTorch+4.5.6" in report
        assert f"How to cite: The authors, <cite>CNN Blocks</cite>, version 1.2.3, {ADDRESS}." in page
        assert "report" not in (site / name).read_text(encoding="utf-8").lower().partition("<footer")[2]


# --- text


def shown(markdown: str) -> str:
    formulas = text.Formulas()
    made, _ = text.html(markdown, formulas, lambda url: None if url == "file.py" else f"to/{url}")
    formulas.set()
    return formulas.filled(made)


def test_markdown_means_what_it_means_in_a_notebook() -> None:
    assert shown("[a](b) [c](file.py)") == '<p><a href="to/b">a</a> c</p>\n'
    assert shown("`$x$` and\n\n```\n$y$\n```").count("<math") == 0
    assert shown("$a_1 * b_2 * c$ *d*").count("<em>") == 1
    assert shown("| a |\n|---|\n| $x$ |").count("<math") == 1
    assert "<mo>&lt;</mo>" in shown("$a < b$")
    assert shown("# A *b* $c_1$").startswith('<h1 id="A-b-c_1">')
    assert (
        shown("<details><summary>s</summary>\n\n```python\ndef f(): pass\n```\n</details>").count("<details>")
        == 1
    )


def test_code_keeps_every_character() -> None:
    for path in NOTEBOOKS:
        for cell in code_cells(source(path)):
            assert words(text.colored(cell.source)).strip() == cell.source.strip()
