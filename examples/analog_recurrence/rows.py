"""Measurements kept one by one: a line of JSON each, never made twice."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]


class Rows:
    """Rows of a file of JSON lines; what is measured is written before the next is begun.

    Processes that measure different rows may share a file: lines are added at its end.

    Parameters
    ----------
    path
        File; a last line that was cut off is taken out and made again.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.found: dict[str, Row] = {}
        if path.exists():
            text = path.read_bytes()
            whole = text[: text.rfind(b"\n") + 1]
            if len(whole) < len(text):
                path.write_bytes(whole)
            for row in map(json.loads, whole.splitlines()):
                self.found[json.dumps(row["of"], sort_keys=True)] = row

    def measured(self, of: Mapping[str, Any], measure: Callable[[], Mapping[str, Any]]) -> Row:
        """Return the row of these settings, measured now if it is not there."""
        key = json.dumps(of, sort_keys=True)
        if key not in self.found:
            row = {"of": dict(of), **measure()}
            self.found[key] = row
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write((json.dumps(row, sort_keys=True) + "\n").encode())
            print(key, [round(x, 4) for x in row["accuracy"]], flush=True)
        return self.found[key]
