"""Where in the network a block stands, and how large its tensors are: a card, as a small SVG string."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.kit.drawing.bitmap import photo
from course.kit.drawing.style import HERE, INK, QUIET, TENSOR_EDGE
from course.kit.drawing.svg import Mark, card, rect, text

WIDTH, MARGIN, PHOTO = 400, 14, 92
_TOP, _STRIP, _PITCH = 44, 240.0, 14.0  # of the strip; from block to block
_ROW, _BAR = 41, 15


@dataclass(frozen=True)
class Tensor:
    """A tensor of the block: its name, its size in words, and its bytes."""

    name: str
    size: str
    bytes: int


def where_card(
    source: str, widest: Sequence[int], block: int, tensors: Sequence[Tensor], step: str, label: str
) -> str:
    """The photograph; the network's blocks by the bytes of their widest tensor; the tensors of one block.

    Args:
        source: the photograph's data address.
        widest: bytes by block, in running order.
        block: which one is chosen, counted from 1.
        tensors: of that block.
        step: the name of the tensor that is chosen.
        label: what the picture shows, in words; its alternative text.
    """
    body = text(MARGIN, 30, f"Block {block} of {len(widest)}", INK, bold=True)
    body += text(WIDTH - MARGIN, 30, "memory of the widest tensor", QUIET, anchor="end")
    body += photo(MARGIN, _TOP, PHOTO, PHOTO, source)
    left, ground = WIDTH - MARGIN - _STRIP, float(_TOP + PHOTO)
    for n, count in enumerate(widest, 1):
        x, height = left + (n - 1) * _PITCH, PHOTO * count / max(widest)
        said = f"block {n}: {_kilobytes(count)}"
        mark = Mark(f"block {n}", {"block": n}, count, "height", "bytes of a block", said)
        body += rect(x, ground - height, _PITCH - 3, height, TENSOR_EDGE, mark)
        # the whole column can be hit
        more = 'fill-opacity="0"'
        body += rect(x - 1.5, _TOP, _PITCH, PHOTO, INK, Mark(sets={"block": n}, title=said), more=more)
        if n == block:
            more = 'stroke-width="3.5" pointer-events="none"'
            place = x - 3, ground - height - 3, _PITCH + 3, height + 6
            body += rect(*place, "none", Mark("here, block"), stroke=HERE, rx=3, more=more)
    body += text(left, ground + 20, "first", QUIET)
    body += text(WIDTH - MARGIN, ground + 20, "last", QUIET, anchor="end")
    return card(body + _memory(tensors, step, ground + 48), WIDTH, ground + 48 + 20 + 4 * _ROW, label)


def _memory(tensors: Sequence[Tensor], step: str, y: float) -> str:
    """The tensors as bars on one scale."""
    body = text(MARGIN, y, "Memory of each tensor", INK, bold=True)
    most, room = max(tensor.bytes for tensor in tensors), WIDTH - 2 * MARGIN - 78
    for n, tensor in enumerate(tensors):
        top = y + 10 + n * _ROW
        mark = Mark(
            f"memory {tensor.name}", {"step": tensor.name}, tensor.bytes, "width", "bytes of a tensor"
        )
        is_here = tensor.name == step
        body += text(MARGIN, top + 13, f"{tensor.name}: {tensor.size}", INK, bold=is_here)
        width = room * tensor.bytes / most
        body += rect(MARGIN, top + 20, width, _BAR, TENSOR_EDGE, mark)
        if is_here:
            more = 'stroke-width="3.5" pointer-events="none"'
            place = MARGIN - 3, top + 17, width + 6, _BAR + 6
            body += rect(*place, "none", Mark("here, memory"), stroke=HERE, rx=3, more=more)
        body += text(MARGIN + width + 8, top + 32, _kilobytes(tensor.bytes), QUIET)
    return body


def _kilobytes(count: int) -> str:
    """A kilobyte is 1,000 bytes."""
    return f"{count / 1000:,.0f} kB"
