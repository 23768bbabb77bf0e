"""Measurements kept one by one: a line of JSON each, never made twice."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]


class Rows:
    """Rows of a file of JSON lines; what is measured is written before the next is begun.

    Parameters
    ----------
    path
        File; a last line that was cut off is left out and made again.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.found: dict[str, Row] = {}
        if path.exists():
            text = path.read_text(encoding="utf-8")
            lines = text[: text.rfind("\n") + 1].splitlines()
            for row in map(json.loads, lines):
                self.found[json.dumps(row["of"], sort_keys=True)] = row

    def measured(self, of: Mapping[str, Any], measure: Callable[[], Mapping[str, Any]]) -> Row:
        """Return the row of these settings, measured now if it is not there."""
        key = json.dumps(of, sort_keys=True)
        if key not in self.found:
            row = {"of": dict(of), **measure()}
            self.found[key] = row
            self.path.parent.mkdir(parents=True, exist_ok=True)
            text = "".join(json.dumps(r, sort_keys=True) + "\n" for r in self.found.values())
            part = self.path.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            part.replace(self.path)
            print(key, [round(x, 4) for x in row["accuracy"]], flush=True)
        return self.found[key]
