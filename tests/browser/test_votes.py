"""Live, the 720 pixels below an unanswered vote show nothing of its answer; a choice closes the room."""

from collections.abc import Iterator

import lab
import pytest
from playwright.sync_api import Browser, Locator, Page

from course import chapters
from course.kit.panel import Prediction
from course.kit.panel.prediction import ROOM

VOTES: dict[str, list[Prediction]] = {}
for chapter in chapters():
    asked = [chapter.resolve(reference)() for reference in chapter.predictions]
    VOTES[chapter.notebook] = [each for each in asked if each.answered_by]
WITH_VOTES = [stem for stem, votes in VOTES.items() if votes]

# The words, and the alternative texts, that stand in the room below an element.
SEEN = """(vote, room) => {
    const top = vote.querySelector('.cnn-skip').getBoundingClientRect().bottom, found = [];
    const inside = box => box.height > 0 && box.bottom > top && box.top < top + room;
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        if (inside(range.getBoundingClientRect())) found.push(walk.currentNode.data);
    }
    for (const image of document.querySelectorAll('img, svg[aria-label]'))
        if (inside(image.getBoundingClientRect())) found.push(image.alt || image.ariaLabel);
    return found.join(' ');
}"""


# JupyterLab lays out what comes into view: until it stands still.
SETTLED = """vote => new Promise(resolve => {
    let before = NaN, since = performance.now();
    const look = () => {
        vote.scrollIntoView({block: 'start'});
        const {y} = vote.getBoundingClientRect(), now = performance.now();
        if (y !== before) [before, since] = [y, now];
        if (now - since > 500) resolve();
        else setTimeout(look, 50);
    };
    look();
})"""


def check(vote: Locator, prediction: Prediction) -> None:
    """Nothing tells while it is unanswered; the choice closes the room."""
    vote.evaluate(SETTLED)
    seen = vote.evaluate(SEEN, ROOM)
    assert not [tell for tell in prediction.tells if tell in seen], prediction.name
    high = vote.bounding_box()
    vote.locator("button").first.click()
    vote.locator(".cnn-message", has_text="is").first.wait_for()
    vote.page.wait_for_function("vote => !vote.querySelector('.cnn-room')", arg=vote.element_handle())
    low = vote.bounding_box()
    assert high
    assert low
    assert low["height"] < high["height"] - ROOM / 2


@pytest.mark.parametrize("stem", WITH_VOTES)
def test_no_vote_is_given_away(jupyterlab: lab.NotebookPage, stem: str) -> None:
    jupyterlab.go(f"{stem}.ipynb")
    jupyterlab.run_all()
    for prediction in VOTES[stem]:
        question = prediction.question[:60]
        vote = jupyterlab.page.locator(".cnn-prediction", has_text=question).first
        check(vote, prediction)


PAGE = """<style>.cnn-room {{ height: {room}px }}</style><div class=cnn-prediction><button>A</button>
<button class=cnn-skip>Show me</button><div class=cnn-message></div><div class=cnn-room></div></div>
<p>{words}</p><img alt="{alt}" width=9 height=9 src="data:,"><div style="height:900px"></div><script>
document.querySelector('button').onclick = () => {{
    document.querySelector('.cnn-room').remove();
    document.querySelector('.cnn-message').textContent = 'A is right';
}};</script>"""


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    yield page
    page.close()


@pytest.mark.parametrize(
    ("room", "words", "alt", "is_right"),
    [
        (740, "8.8 times", "", True),
        (300, "8.8 times", "", False),
        (300, "", "a ninth", False),
        (300, "", "", False),
    ],
)
def test_a_vote_given_away_is_refused(blank: Page, room: int, words: str, alt: str, is_right: bool) -> None:
    (prediction,) = [one for one in VOTES["04_depthwise_separable"] if one.name == "predict_weights"]
    blank.set_content(PAGE.format(room=room, words=words, alt=alt))
    if is_right:
        check(blank.locator(".cnn-prediction"), prediction)
    else:
        with pytest.raises(AssertionError):
            check(blank.locator(".cnn-prediction"), prediction)
