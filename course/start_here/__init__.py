"""Start here: the record of the chapter, and the names that its notebook imports."""

from course.kit.record import Chapter, lazily

CHAPTER = Chapter(
    concept="start_here",
    title="Start here",
    notebook="00_start_here",
    predictions=(".predictions:predict_widths", ".predictions:predict_larger_map"),
    also=(
        "._course_map:course_map",
        ".environment:report",
        "course.inverted_residual._channel_expansion:channel_expansion",
        "course.inverted_residual._one_pixel:one_pixel",
    ),
)
__getattr__, __dir__ = lazily(CHAPTER)
