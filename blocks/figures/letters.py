"""How wide a text is, without a font: a diagram leaves room for the widest sans-serif in use.

That is DejaVu Sans, in which browsers on Linux show what asks for Arial; Arial and Helvetica are
about a tenth narrower. tests/test_diagram.py holds the table against the font.
"""

# Hundredths of the letter size, DejaVu Sans Bold, from the space to the tilde.
_BOLD = [
    *(35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70),
    *(70, 70, 40, 40, 84, 84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85),
    *(73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50, 50, 67, 72, 59, 72, 68, 44, 72),
    *(71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84),
]
_OTHER = 100  # a letter outside ASCII
_REGULAR = 0.94  # of the bold width


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of `text` in pixels, never too little, for letters of `size` pixels."""
    hundredths = sum(_BOLD[ord(c) - 32] if 32 <= ord(c) < 127 else _OTHER for c in text)
    return hundredths / 100 * size * (1 if bold else _REGULAR)
