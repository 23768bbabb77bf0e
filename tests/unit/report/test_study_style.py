"""Contrast of the page's colours, computed from its style sheet (WCAG 2.2, relative luminance)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

from aimc_sim.report.results.heat_map import _COLOURS, _on

STYLE = files("aimc_sim.report").joinpath("templates/style.css.j2").read_text(encoding="utf-8")
TEXT = ("ink", "soft", "main", "second", "third")


def luminance(colour: str | tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]  # type: ignore[arg-type]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str | tuple[float, ...], other: str | tuple[float, ...]) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def themes() -> dict[str, dict[str, str]]:
    """The colours of light, dark and print, in the order of the style sheet."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = [dict(re.findall(r"--(\w+): (#[0-9a-f]+);", block)) for block in blocks]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_text_can_be_read(theme: str) -> None:
    colours = themes()[theme]
    for name in TEXT:
        for ground in ("paper", "card"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)


def test_numbers_on_every_cell_of_a_map_can_be_read() -> None:
    for i in range(101):
        colour = colormaps[_COLOURS](i / 100)
        assert contrast(_on(colour), colour) >= 4.5, i


def test_what_has_the_focus_is_seen() -> None:
    assert re.search(r"a:focus-visible, button:focus-visible[^{]*\{\s*outline: 2px", STYLE)
