"""What a page says where a notebook's words are true with a kernel only.

A notebook tells its reader to run a cell, and measures on the reader's machine; a page shows what is stored.
The build fails where a notebook has other such words, and where none has those that are replaced here.
"""

import re
from collections.abc import Mapping

# By what stands in a notebook. "Our machine" is named where times are shown.
INSTEAD: Mapping[str, str] = {
    # 00: the first steps
    "Here each block is a page that you can run:": "Here each block has a page:",
    "and exercises that tell you what went wrong.*": (
        "and exercises.\nIn its notebook a checker tells you what went wrong.*"
    ),
    "Click into the next cell, then press Shift and Enter: it checks that everything the notebooks need is"
    " installed.": "Read on: the sliders and the predictions work on this page.",
    "Then go on cell by cell.": "In the notebook, the next cell checks that everything is installed.",
    "and to time, measured on your machine |": "and to time |",
    # 00: an explorer's controls
    "**By mouse.** Click the photo, drag a slider, click a preset, or type a number into a box and press"
    " Enter.": (
        "**By mouse or finger.** Press the photo or a preset, or drag a slider.\n"
        "On a phone, swipe sideways over a picture, a formula or a row of buttons that is cut off."
    ),
    "In a number box the arrow keys go up and down.": "Between choices they go to the next one.",
    "**Take care.** While a slider has the focus, JupyterLab still listens to its own one-letter commands:"
    " `d` pressed twice deletes the selected cell, `a` and `b` insert cells.": "",
    "If it happens: click into the notebook beside the cell and press `z`, which brings the cell back.": "",
    "**Without a kernel** (on GitHub, or in a notebook not yet run) a picture of the explorer stands in its"
    " place.": "",
    "**Coming back to a saved notebook.** Each explorer shows a stored picture until you run its cell"
    " again.": "",
    "In Colab, VS Code or another Jupyter you may see an error in its place: run the cell there, too.": "",
    # Try it
    "A slider moves by mouse, or by the arrow keys when it has the focus.": (
        "Drag a slider with the mouse or a finger, or press the arrow keys when it has the focus."
    ),
    "The cell below the explorer measures it on your machine, on one thread: both": (
        "The cell below the explorer measured it on our machine, on one thread: both"
    ),
    "It takes about half a minute; then the explorer comes once more, with the times.": (
        "Then the explorer comes once more, with the times."
    ),
    # What it costs
    "The second cell measures it on the machine at hand, so it prints something else on yours: the median": (
        "The second cell measured it on our machine: the median"
    ),
    "See whether your machine shows it: the second cell measures the time on the machine at hand, so it"
    " prints something else on yours (median": "The second cell measured the time on our machine (median",
    "The next cell measures on the machine at hand, so it prints something else on yours (median": (
        "The next cell measured it on our machine (median"
    ),
    "Run the cell to see the times on your machine.": "The notebook measures them on yours.",
    "Does your machine show it?\nThe next cell times both blocks": (
        "Does a machine show it?\nOn ours, the next cell timed both blocks"
    ),
    "Run the next cell to see the times on your machine:": "The next cell measured the times on our machine:",
    "the second cell measures the block with and without squeeze-and-excitation, in turns.\n"
    "Run it to see the times on your machine.": (
        "the second cell measured the block with and without squeeze-and-excitation, in turns, on our"
        " machine."
    ),
    "The cell below measures the time on your machine: one image": (
        "The cell below measured the time on our machine: one image"
    ),
    "It takes a few seconds.\n": "",
    # On real data
    "see two rates live, with one seed,": "see two rates with one seed,",
    "Two networks of 56 layers are trained live, with one seed,": (
        "First come two networks of 56 layers, trained with one seed,"
    ),
    "Your live run will not show our numbers.": "A run of your own will not show our numbers.",
    "Then see one seed live, which proves nothing,": "Then see one seed, which proves nothing,",
    "First we train one seed live.": "First we trained one seed.",
    "Then we train one seed live, which proves nothing.": "Then we trained one seed, which proves nothing.",
    "The live seed is among them, too;": "That seed is among them, too;",
    "Then one seed is run live, which proves": "Then one seed is shown, which proves",
    "The notebook trains two networks live, with": "The notebook trained two networks, with",
    "Change it, give it another name, and play again.\n"
    "The scores are kept in `budget_scores.json`, beside this notebook.": (
        "In the notebook you change it, give it another name, and play again.\n"
        "It keeps the scores in `budget_scores.json`."
    ),
}
_NEEDS_A_KERNEL = re.compile(
    r".*\b(?:[Cc]lick into|Shift and Enter|cell by cell|number box|into a box|JupyterLab|[Ww]ithout a kernel"
    r"|[Rr]un (?:it|(?:the|this|its)(?: next| first| second)? cell)|[Bb]y mouse|live|play again"
    r"|on yours|your machine|machine at hand)\b.*"
)


def on_page(markdown: str, place: str) -> str:
    """A notebook's text as a page has it.

    Raises:
        ValueError: it has other words that are true with a kernel only.
    """
    rest = markdown
    for words, instead in INSTEAD.items():
        rest, markdown = rest.replace(words, ""), markdown.replace(words, instead)
    if found := _NEEDS_A_KERNEL.search(rest):
        raise ValueError(
            f"{place}: a page has no kernel, got {found[0].strip()!r}."
            " Write into web/wording.py what a page says."
        )
    return markdown
