"""Plain tables and human-readable figures: for terminals, notebooks and reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from html import escape

_PREFIXES = {
    -18: "a",
    -15: "f",
    -12: "p",
    -9: "n",
    -6: "µ",
    -3: "m",
    0: "",
    3: "k",
    6: "M",
    9: "G",
    12: "T",
}
_AREAS = ((1.0, "m²"), (1.0e-6, "mm²"), (1.0e-12, "µm²"))


def si(value: float | None, unit: str, digits: int = 3) -> str:
    """Return a value with an SI prefix; None becomes a dash.

    Parameters
    ----------
    value : float or None
        In the plain unit.
    unit : str
        "J", "s", "S", ...; "m2" gives mm² and µm².
    digits : int
        Significant digits.

    Examples
    --------
    >>> si(1.929e-12, "J"), si(0.0, "s"), si(6469e-12, "m2"), si(None, "J")
    ('1.93 pJ', '0 s', '6470 µm²', '–')
    """
    if value is None:
        return "–"
    if unit == "m2":
        return _area(value, digits)
    if value == 0.0:
        return f"0 {unit}"
    for power, prefix in _PREFIXES.items():
        shown = _rounded(value / 10.0**power, digits)
        if abs(float(shown)) < 1000.0 or power == 12:
            return f"{shown} {prefix}{unit}"
    raise AssertionError("the last prefix takes every value")


def _area(value_m2: float, digits: int) -> str:
    if value_m2 == 0.0:
        return "0 m²"
    size, unit = next((row for row in _AREAS if abs(value_m2) >= 0.01 * row[0]), _AREAS[-1])
    return f"{_rounded(value_m2 / size, digits)} {unit}"


def _rounded(value: float, digits: int) -> str:
    """Return significant digits without an exponent."""
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e" in text and abs(value) >= 1.0 else text


def percent(value: float | None, digits: int = 2) -> str:
    """Return a share as per cent; None becomes a dash.

    Examples
    --------
    >>> percent(0.98765), percent(None)
    ('98.77 %', '–')
    """
    return "–" if value is None else f"{100.0 * value:.{digits}f} %"


def text_table(rows: Iterable[Sequence[object]], indent: str = "") -> str:
    """Return rows as aligned text, columns two spaces apart; figures stand to the right.

    Examples
    --------
    >>> print(text_table([("tiles", 12), ("utilisation", 0.5)]))
    tiles         12
    utilisation  0.5
    """
    cells = [[str(cell) for cell in row] for row in rows]
    right = [
        _all_figures([row[i] for row in cells if i < len(row)])
        for i in range(max(map(len, cells), default=0))
    ]
    widths = [max(len(row[i]) for row in cells if i < len(row)) for i in range(len(right))]
    lines = []
    for row in cells:
        padded = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=False)
        ]
        lines.append(indent + "  ".join(padded).rstrip())
    return "\n".join(lines)


def _all_figures(column: Sequence[str]) -> bool:
    return all(cell[:1].isdigit() or cell[:1] in ("-", "–", "") for cell in column[1:]) and any(
        cell[:1].isdigit() for cell in column
    )


def html_table(
    rows: Iterable[Sequence[object]], caption: str = "", head: Sequence[object] = ()
) -> str:
    """Return rows as an HTML table; the first cell of each row is its heading.

    Examples
    --------
    >>> html_table([("a", 1)])
    '<table><tbody><tr><th scope="row">a</th><td>1</td></tr></tbody></table>'
    """
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    top = "".join(f'<th scope="col">{escape(str(cell))}</th>' for cell in head)
    top = f"<thead><tr>{top}</tr></thead>" if top else ""
    body = "".join(
        f'<tr><th scope="row">{escape(str(first))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return f"<table>{title}{top}<tbody>{body}</tbody></table>"


class Displayed(ABC):
    """Base of what a notebook shows as a plain table, and a terminal as the same in text."""

    @abstractmethod
    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows to show: name and value."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}\n{text_table(self.display_rows(), indent='  ')}"

    def _repr_html_(self) -> str:
        return html_table(self.display_rows(), caption=type(self).__name__)


__all__ = ["Displayed", "html_table", "percent", "si", "text_table"]
