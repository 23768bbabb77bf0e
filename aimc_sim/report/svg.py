"""Drawings as inline SVG: the page's own fonts and colours, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK, FAINT, MAIN, SECOND, THIRD = "C0", "C1", "C2", "C3", "C4"
"""Colours by role: each drawing has a palette, which says what they are."""


class Palette(NamedTuple):
    """Colours of a drawing, for the roles that the placeholders have."""

    ink: str
    faint: str
    main: str
    second: str
    third: str


PAGE = Palette("#010203", "#040506", "#070809", "#0a0b0c", "#0d0e0f")
"""Placeholders; the page's style sheet gives each its colour, by light and dark."""
PAPER = Palette("#1c2126", "#c3c9cf", "#1f6fb4", "#b4531f", "#3b7d3f")
"""Colours of a picture that stands alone, on white."""


PAGE_pt, PAPER_pt = 9.0, 8.0
"""Sizes of text on the page and on paper [pt]."""


def _style(colours: Palette, font_pt: float) -> Any:
    ink, faint = colours.ink, colours.faint
    return {
        "axes.prop_cycle": cycler(color=colours), "pdf.fonttype": 42,
        "svg.hashsalt": "aimc_sim", "svg.fonttype": "none", "font.family": "DejaVu Sans",
        "font.size": font_pt, "axes.titlesize": font_pt, "text.color": ink, "axes.edgecolor": faint,
        "axes.labelcolor": ink, "xtick.color": ink, "ytick.color": ink, "grid.color": faint,
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False,
        "grid.linewidth": 0.4, "axes.linewidth": 0.6, "figure.facecolor": "none",
        "axes.facecolor": "none", "legend.frameon": False, "axes.unicode_minus": True,
    }  # fmt: skip


@contextmanager
def drawing(
    width_in: float, height_in: float, colours: Palette = PAGE, font_pt: float = PAGE_pt
) -> Iterator[Figure]:
    """Yield an empty figure in the house style; nothing global is left changed."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_style(colours, font_pt))
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure


def draw(name: str, label: str, size_in: tuple[float, float], paint: Callable[[Axes], None]) -> str:
    """Return a drawing of one pair of axes as SVG text.

    Parameters
    ----------
    name : str
        Prefix of all identifiers, unique on the page.
    label : str
        What it shows, for those who cannot see it.
    size_in : tuple of float
        Width and height [inch].
    paint : callable
        Draws on the axes.
    """
    with drawing(*size_in) as figure:
        paint(figure.add_subplot())
        return to_svg(figure, name, label)


def to_svg(figure: Figure, name: str, label: str) -> str:
    """Return a figure as an SVG element to stand inside HTML."""
    stream = StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'(href="#|url\(#)', rf"\1{name}-", text)
    for role, placeholder in PAGE._asdict().items():
        text = text.replace(placeholder, f"var(--{role})")
    text = text.replace("'DejaVu Sans'", "system-ui, 'DejaVu Sans', sans-serif")
    box = re.search(r'viewBox="[^"]*"', text)
    assert box is not None, "Matplotlib writes a viewBox"
    head = f'<svg {box.group()} role="img" aria-label="{escape(label)}" '
    head += 'xmlns="http://www.w3.org/2000/svg" '
    head += 'xmlns:xlink="http://www.w3.org/1999/xlink">'
    return head + text[text.index(">") + 1 :].strip()


def standalone(svg: str, size_in: tuple[float, float]) -> str:
    """Return an element that `to_svg` made as a file of its own, in colours for white paper."""
    for name, colour in PAPER._asdict().items():
        svg = svg.replace(f"var(--{name})", colour)
    width, height = (f"{size:g}in" for size in size_in)
    sized = svg.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{sized}\n'


def to_png(figure: Figure, dpi: int) -> bytes:
    """Return a figure as a PNG on white."""
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    return stream.getvalue()
