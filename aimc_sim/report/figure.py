"""Figure: a drawing with its words and its data, for a page and for paper."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import quote

import matplotlib as mpl
from matplotlib.figure import Figure as Drawing

from aimc_sim.report.svg import PAPER, PAPER_pt, drawing, standalone, to_png, to_svg

WIDTH_in = 4.2
"""Of a figure in a column of the page."""
PAPER_WIDTH_in = 3.5
"""Of the same in a column of a paper."""
DPI = 300
KINDS = ("svg", "png", "pdf")


@dataclass(frozen=True)
class Figure:
    """One figure.

    Parameters
    ----------
    name : str
        Of its files: letters, digits and hyphens.
    title : str
        Heading.
    label : str
        What it shows, for those who cannot see it.
    text : str
        Remark beneath.
    size_in : tuple of float
        Width and height on the page [inch].
    paint : callable
        Draws on an empty Matplotlib figure in the house style.
    head : sequence of str
        Columns of its data; none where the data are too many for a page.
    rows : sequence of sequences
        Its data, plain values in SI units.
    """

    name: str
    title: str
    label: str
    text: str
    size_in: tuple[float, float]
    paint: Callable[[Drawing], None]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = ()

    @property
    def is_wide(self) -> bool:
        """Whether it takes the width of two columns."""
        return self.size_in[0] > 1.2 * WIDTH_in

    def svg(self, prefix: str = "") -> str:
        """Return it as an element of a page; all identifiers begin with prefix and name."""
        with drawing(*self.size_in) as figure, plain_text():
            self.paint(figure)
            return to_svg(figure, prefix + self.name, self.label)

    def picture(self, kind: str) -> bytes:
        """Return it as a file for print: in columns of 3.5 inch, text of 8 pt, on white.

        Parameters
        ----------
        kind : str
            "svg", "png" (300 dpi) or "pdf"; the same bytes every time.
        """
        scale = PAPER_WIDTH_in / WIDTH_in
        width_in, height_in = scale * self.size_in[0], scale * self.size_in[1]
        with drawing(width_in, height_in, PAPER, PAPER_pt) as figure, plain_text():
            self.paint(figure)
            if kind == "png":
                return to_png(figure, DPI)
            if kind == "svg":
                text = to_svg(figure, self.name, self.label)
                return standalone(text, (width_in, height_in)).encode("utf-8")
            return _to_pdf(figure)

    def csv(self) -> str:
        """Return its data as comma-separated text; "" without any."""
        if not self.head:
            return ""
        stream = StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(self.head)
        writer.writerows(self.rows)
        return stream.getvalue()

    @property
    def csv_link(self) -> str:
        """Return its data as the address of a link, for a page that is one file."""
        text = self.csv()
        return "data:text/csv;charset=utf-8," + quote(text, safe=",;:.()-_/") if text else ""


def plain_text() -> Any:
    """Return a context in which text is what it says: no mathematics between two dollars."""
    return mpl.rc_context({"text.parse_math": False})


def _to_pdf(figure: Drawing) -> bytes:
    stream = BytesIO()
    nothing = dict.fromkeys(("Creator", "Producer", "CreationDate"))
    figure.savefig(stream, format="pdf", facecolor="white", metadata=nothing)
    return stream.getvalue()


def slug(text: str, most: int = 60) -> str:
    """Return text as a name of files and identifiers.

    Examples
    --------
    >>> slug("energy_J.per_inference"), slug("<b>")
    ('energy-j-per-inference', 'b')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:most] or "x"


__all__ = ["KINDS", "Figure", "WIDTH_in", "plain_text", "slug"]
