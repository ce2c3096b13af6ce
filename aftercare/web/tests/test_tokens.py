"""The design tokens: two dark blocks that agree, and contrast that people can read."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[1] / "static" / "web" / "css"
TOKENS = (CSS / "tokens.css").read_text()
SOFT = ("healthy", "warning", "breached", "maintenance", "resolved")
PAIRS = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("bg", "surface", "rail", "sunken")],
    ("ink-2", "hover"),
    *[("accent", ground) for ground in ("bg", "surface")],
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-breached", "breached-solid"),
    *[(state, f"{state}-soft") for state in (*SOFT, "unknown")],
    ("unknown", "unknown-hatch"),
    *[(state, "surface") for state in (*SOFT, "unknown")],
]


def block(selector: str) -> dict[str, str]:
    body = re.search(re.escape(selector) + r" \{(.*?)\}", TOKENS, re.S).group(1)
    return dict(re.findall(r"--([\w-]+): ([^;]+);", body))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_both_dark_blocks_agree():
    assert block(':root[data-theme="dark"]') == block(':root[data-theme="auto"]')


def test_dark_designs_every_colour_of_light():
    colours = {name for name, value in block(":root").items() if value.startswith("#")}
    assert colours <= block(':root[data-theme="dark"]').keys()


@pytest.mark.parametrize("theme", [":root", ':root[data-theme="dark"]'], ids=["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_text_is_readable(theme, pair):
    colours = block(theme)
    assert contrast(colours[pair[0]], colours[pair[1]]) >= 4.5


def test_components_take_their_colours_from_the_tokens():
    for sheet in CSS.glob("*.css"):
        if sheet.name == "tokens.css":
            continue
        # A QR code needs true white to be read by a camera.
        found = [c for c in re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text()) if c != "#ffffff"]
        assert not found, (sheet.name, found)
