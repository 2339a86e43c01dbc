"""A progress bar for a live run, of which nothing is left in a stored notebook."""

from IPython.display import display
from tqdm.notebook import tqdm

from course.kit.panel.lifetime import close_with, keep
from course.kit.training.loop import Progress


def progress(description: str) -> Progress:
    """Show a bar, and return what moves it: called as moves(done, total).

    tqdm's own bar leaves "0%| | 0/5" in a stored notebook. This one is shown as its widget view and
    nothing else, which freezing removes.
    """
    bar = tqdm(desc=description, display=False)
    close_with(bar, bar.container)
    keep(bar)
    view = {"version_major": 2, "version_minor": 0, "model_id": bar.container.model_id}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def moves(done: int, total: int) -> None:
        if bar.total != total:
            bar.reset(total)
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return moves
