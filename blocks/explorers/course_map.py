"""The map of the course, shown in a notebook."""

from blocks.explorers.runs import Shown
from blocks.figures import course_map as drawn


def course_map() -> Shown:
    """Which block grows out of which, by which one change, with year, paper and networks."""
    return Shown(drawn.course_map(), drawn.in_words())
