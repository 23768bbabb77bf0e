"""The command line of a script that measures cases one by one and prints a table of its rows."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rows import Rows


def conduct(
    doc: str | None,
    path: pathlib.Path,
    cases: Iterable[tuple[Any, ...]],
    measured: Callable[..., None],
    table: Callable[[Rows], Iterator[str]],
) -> None:
    """Measure what is missing, unless `--table` is given, and print the table.

    Parameters
    ----------
    doc
        Of the script, for `--help`.
    path
        Where its rows are.
    cases
        What `measured` takes beside the rows.
    measured
        Measures a case if it is not there.
    table
        Yields the lines.
    """
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", action="store_true", help="print the table, measure nothing")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=path)
    args = parser.parse_args()
    rows = Rows(args.output)
    if not args.table:
        for case in cases:
            measured(rows, *case)
    print("\n".join(table(rows)))
