"""How wide a text is, without a font: a diagram leaves room for the widest sans-serif in use.

That is DejaVu Sans, in which browsers on Linux show what asks for Arial; Arial and Helvetica are
about a tenth narrower. tests/course/test_style.py holds the table against the font.
"""

# Hundredths of the letter size, DejaVu Sans Bold, from the space to the tilde.
_BOLD = [
    *(35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70),
    *(70, 70, 40, 40, 84, 84, 84, 59, 100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100, 84, 86),
    *(74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72, 68, 44, 72),
    *(72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84),
]
_OTHER = 100  # a letter outside ASCII
_REGULAR = 0.94  # of the bold width


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of `text` in pixels, never too little, for letters of `size` pixels."""
    hundredths = sum(_BOLD[ord(c) - 32] if 32 <= ord(c) < 127 else _OTHER for c in text)
    return hundredths / 100 * size * (1 if bold else _REGULAR)
