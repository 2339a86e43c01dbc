"""What can be measured of how a panel looks, and of what a screen reader finds in it.

Each check returns what is wrong, in words; an empty list is right.
"""

import re
from importlib.resources import files
from typing import Any

from panels import Panel

CONTRAST = 4.5
SMALLEST = 7.5  # pixels of a letter on the screen, where a picture 1,100 wide has 600 for it

_CLIPPED = """panel => [...panel.querySelectorAll('*')].filter(e => {
    const style = getComputedStyle(e);
    const hides = style.overflowX !== 'visible' && e.clientWidth > 0 && !e.closest('svg, .widget-slider');
    const out = e.matches('img, svg, button, input, .cnn-message') && e.getBoundingClientRect().right
        > panel.parentElement.getBoundingClientRect().right + 1;
    return out || (hides && !e.matches('input') && e.scrollWidth > e.clientWidth + 1);
}).map(e => `${e.tagName} ${(e.innerText || e.outerHTML).slice(0, 60)}`)"""

# Of each text the color, and the grounds below its middle: the first opaque one counts.
_TEXTS = """panel => {
    const texts = [], walk = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement, range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        const box = range.getBoundingClientRect();
        const dimmed = e.closest('[opacity]');  // in full where its own step is lit
        if (!walk.currentNode.data.trim() || !box.width || dimmed || e.closest('style')) continue;
        const x = box.x + box.width / 2, y = box.y + box.height / 2;
        if (y < 0 || y > innerHeight) continue;
        const paint = o => getComputedStyle(o)[o instanceof SVGElement ? 'fill' : 'backgroundColor'];
        // What is half seen through, as a twin's outline is, is mixed with what is below it.
        const grounds = [];
        let over = [0, 0, 0], left = 1;
        for (const o of document.elementsFromPoint(x, y)) {
            if (['text', 'tspan', 'svg', 'g'].includes(o.tagName)) continue;
            const color = paint(o), {fillOpacity} = getComputedStyle(o);
            const alpha = o instanceof SVGElement ? Number(fillOpacity) : 1;
            if (!color.startsWith('rgb(')) continue;
            over = over.map((sum, n) => sum + left * alpha * Number(color.match(/\\d+/g)[n]));
            left *= 1 - alpha;
            if (left < 0.01) break;
        }
        grounds.push(`rgb(${over.map(sum => Math.round(sum + 255 * left)).join(', ')})`);
        const svg = e instanceof SVGElement, size = parseFloat(getComputedStyle(e).fontSize);
        const scale = svg ? e.getScreenCTM().a : 1;
        const color = getComputedStyle(e)[svg ? 'fill' : 'color'];
        texts.push([walk.currentNode.data, color, grounds, size * scale]);
    }
    return texts;
}"""


def clipped(panel: Panel) -> list[str]:
    """What is wider than its place or stands out of the panel."""
    return panel.element.evaluate(_CLIPPED)


Text = tuple[str, str, list[str], float]


def texts(panel: Panel) -> list[Text]:
    """Of each text on the screen: itself, its color, the grounds below it, and its letters' size."""
    panel.page.set_viewport_size({"width": panel.page.viewport_size["width"], "height": 2000})  # type: ignore[index]
    panel.element.scroll_into_view_if_needed()
    return panel.element.evaluate(_TEXTS)


def pale(found: list[Text]) -> list[str]:
    """The texts with less contrast than 4.5 to 1 to what is below them."""
    faults = []
    for text, color, grounds, _ in found:
        ground = next(filter(_is_opaque, grounds), "rgb(255, 255, 255)")
        if (ratio := contrast(color, ground)) < CONTRAST:
            faults.append(f"{text[:40]!r}: {color} on {ground} has a contrast of {ratio:.1f}")
    return faults


def tiny(found: list[Text]) -> list[str]:
    """The texts whose letters are too small to read."""
    return [f"{text[:40]!r}: {size:.1f} pixels" for text, *_, size in found if size < SMALLEST]


def _is_opaque(color: str) -> bool:
    return color.startswith("rgb(")


def contrast(one: str, two: str) -> float:
    """WCAG 2's ratio of two colors "rgb(r, g, b)"."""
    low, high = sorted(map(_luminance, (one, two)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    shares = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(share * weight for share, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def unnamed(panel: Panel) -> list[str]:
    """The controls and pictures that have no name in the accessibility tree."""
    tree = panel.root.aria_snapshot().splitlines()
    wanted = re.compile(r"\s*- '?(slider|spinbutton|button|combobox|checkbox|radio|img)\b(?! \")")
    return [line.strip() for line in tree if wanted.match(line)]


def unpressed(panel: Panel) -> list[str]:
    """The choices of which a screen reader does not say, or says wrongly, whether they are pressed."""
    return panel.element.eval_on_selector_all(
        ".widget-toggle-button:not(.cnn-more)",  # that one says whether it is expanded
        "all => all.filter(e => e.ariaPressed !== String(e.matches('.mod-active'))).map(e => e.innerText)",
    )


def violations(panel: Panel) -> list[str]:
    """What axe-core finds within the panel."""
    if panel.page.evaluate("() => !window.axe"):
        axe = files("axe_playwright_python") / "axe.min.js"  # a package of the tests that only this needs
        panel.page.evaluate(axe.read_text(encoding="utf-8"))
    found: dict[str, Any] = panel.element.evaluate("panel => axe.run(panel)")
    nodes = [(one["id"], node["html"]) for one in found["violations"] for node in one["nodes"]]
    return [f"{rule}: {html[:200]}" for rule, html in nodes]
