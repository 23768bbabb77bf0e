"""Text between marks of a page: `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""

from __future__ import annotations

import pathlib


def placed(page: str, name: str, text: str) -> str:
    """Return the page with the text between the marks of that name.

    Raises
    ------
    ValueError
        The page has no such marks.

    Examples
    --------
    >>> print(placed("<!-- a: begin -->old<!-- a: end -->", "a", "new"))
    <!-- a: begin -->
    new
    <!-- a: end -->
    """
    start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = page.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"no {start} followed by {end}")
    return f"{before}{start}\n{text}\n{end}{after}"


def store(path: pathlib.Path, name: str, text: str) -> None:
    """Put a text between its marks in a file."""
    page = placed(path.read_text(encoding="utf-8"), name, text)
    path.write_text(page, encoding="utf-8")
