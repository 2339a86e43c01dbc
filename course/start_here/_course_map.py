"""The map of the course, shown in a notebook."""

from course.kit.panel.runs import Shown
from course.start_here import _course_map_picture as drawn


def course_map() -> Shown:
    """Which block grows out of which, by which one change, with year, paper and networks."""
    return Shown(drawn.course_map(), drawn.in_words())
