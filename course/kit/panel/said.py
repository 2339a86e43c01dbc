"""What an explorer says of its picture: one short line that is seen, and all numbers, which are heard."""

from dataclasses import dataclass

WORDS = 15  # of the line that is seen, at most


@dataclass(frozen=True)
class Said:
    """The words of a picture.

    Attributes:
        seen: one line of at most 15 words with its number: what changed, and by how much.
        heard: all numbers: the picture's alternative text, its `text/plain`, what stands beneath a still and,
            in a live panel, under a fold.
    """

    seen: str
    heard: str

    def __post_init__(self) -> None:
        if not self.seen or not self.heard or len(self.seen.split()) > WORDS:
            raise ValueError(f"Said: seen must have 1 to {WORDS} words, and heard some, got {self}.")
