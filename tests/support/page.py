"""docs/support.md: the support matrix, written from what its tests find, and read back.

python -m tests.support.page > docs/support.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from pathlib import Path

from aimc_sim.mapping.support import CONTRADICTIONS
from tests.support.choices import ENCODINGS, MAPPINGS, NON_IDEALITIES, Choice
from tests.support.outcome import Outcome, outcome

PAGE = Path(__file__).resolve().parents[2] / "docs/support.md"
Key = tuple[str, str, str]
TABLES: Mapping[str, tuple[tuple[Choice, ...], tuple[Choice, ...]]] = {
    "Non-ideality and encoding": (NON_IDEALITIES, ENCODINGS),
    "Non-ideality and mapping": (NON_IDEALITIES, MAPPINGS),
    "Encoding and mapping": (ENCODINGS, MAPPINGS),
    "Encoding and encoding": (ENCODINGS, ENCODINGS),
}
MARKS = {"exact": "=", "runs": "✓", "no effect": "○", "either": "–", "refused": "✗"}
INTRO = """\
# Support matrix

What combines with what: each non-ideality with each choice of encoding and of mapping, and these
with each other. Every mark below is a test that runs (`tests/support`): a small S4D kernel of two
channels on one chip with tiles of 12 x 48, split where the choice does not say otherwise. This page
is written from what the tests find, and a test fails where it says something else.

| mark | means |
|---|---|
| = | every code of every layer and state equals the integer reference; all else is ideal |
| ✓ | runs: the same bytes for every batch size, other codes than without the non-ideality |
| ○ | runs, and changes no code: there is nothing for it to act on |
| – | two values of one setting |
| ✗ | refused, in one line that names both settings and what is allowed; which one stands below |

Three at a time run too, or are refused for one of the same reasons (`make test-full`).
"""


def keys() -> Iterator[tuple[str, Choice, Choice]]:
    """Yield table, row and column of every mark."""
    for table, (rows, columns) in TABLES.items():
        pairs = combinations(rows, 2) if rows is columns else product(rows, columns)
        for row, column in pairs:
            yield table, row, column


def render(outcomes: Mapping[Key, Outcome]) -> str:
    """Return the page."""
    reasons = list(dict.fromkeys(o.reason for o in outcomes.values() if o.reason))
    reasons += [says for _, says in CONTRADICTIONS if says not in reasons]
    parts = [INTRO]
    for table, (rows, columns) in TABLES.items():
        head = ["", *(c.name for c in columns)]
        lines = [f"## {table}\n\n```{{rst-class}} support\n```\n", _row(head),
                 "|---|" + ":-:|" * len(columns)]  # fmt: skip
        for row in rows:
            found = [outcomes.get((table, row.name, c.name)) for c in columns]
            lines.append(_row([row.name, *(_mark(o, reasons) for o in found)]))
        parts.append("\n".join(lines) + "\n")
    listed = "\n".join(f"{i}. {_escaped(reason)}" for i, reason in enumerate(reasons, start=1))
    return "\n".join([*parts, f"## Refusals\n\n{listed}\n"])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _mark(found: Outcome | None, reasons: list[str]) -> str:
    if found is None:
        return ""
    number = f" {reasons.index(found.reason) + 1}" if found.reason else ""
    return MARKS[found.kind] + number


def _escaped(reason: str) -> str:
    return f"``{reason}``"


def refusals(text: str) -> list[str]:
    """Return the reasons that a page lists."""
    return re.findall(r"^\d+\. ``(.*)``$", text, flags=re.MULTILINE)


def parse(text: str) -> dict[Key, Outcome]:
    """Return the outcomes that a page tells of."""
    reasons, kinds = refusals(text), {mark: kind for kind, mark in MARKS.items()}
    found: dict[Key, Outcome] = {}
    for section in text.split("\n## ")[1:]:
        table, _, body = section.partition("\n")
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in body.splitlines() if line.startswith("| ")]  # fmt: skip
        for row in rows[1:]:
            for column, cell in zip(rows[0][1:], row[1:], strict=True):
                if cell:
                    mark, _, number = cell.partition(" ")
                    reason = reasons[int(number) - 1] if number else ""
                    found[table, row[0], column] = Outcome(kinds[mark], reason)
    return found


def write() -> str:
    """Return the page, from combinations that are tried now."""
    return render({(t, row.name, column.name): outcome(row, column) for t, row, column in keys()})


if __name__ == "__main__":
    sys.stdout.write(write())
