"""What the scripts of the claims can be told: task, claims, seeds."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from settings import SEEDS
from tasks import TASKS


def parser_of(doc: str | None, claims: Iterable[str]) -> argparse.ArgumentParser:
    """Return the parser of a script that does some of the claims.

    Parameters
    ----------
    doc
        Of the script, for `--help`.
    claims
        Their letters.
    """
    letters = list(claims)
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--task", choices=list(TASKS), default="digits")
    parser.add_argument("--claims", nargs="*", choices=letters, default=letters)
    parser.add_argument("--seeds", nargs="*", type=int, default=SEEDS)
    return parser
