"""Section: what a page says of one results file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aimc_sim.report.figure import Figure
from aimc_sim.report.run_section import Card
from aimc_sim.report.sortable import Table


@dataclass(frozen=True)
class Section:
    """A run, a study or the answer to a question.

    Parameters
    ----------
    name : str
        Of its files and identifiers, unique on a page.
    title : str
        Heading.
    texts : sequence of str
        What it is about, and its answer.
    headline : sequence of Card
        Figures at the top.
    figures, tables : sequences
        The main figure first.
    provenance : sequence of pairs
        Where it comes from: name and value.
    """

    name: str
    title: str
    texts: Sequence[str] = ()
    headline: Sequence[Card] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    provenance: Sequence[tuple[str, str]] = ()
