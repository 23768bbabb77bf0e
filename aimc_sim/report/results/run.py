"""What a page says of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.report.results.section import Section
from aimc_sim.report.run_section import run_figures_of, run_headline, run_provenance, run_tables


def run_section(tree: Mapping[str, Any], name: str, title: str) -> Section:
    """Return what a page says of a run, from its JSON."""
    run = tree["run"]
    chips = len(run["chips"])
    text = (
        f"{run['n_sequences']:,} sequences on {chips} simulated chip instance"
        f"{'s' if chips > 1 else ''}; aimc_sim {tree['version']}."
    )
    return Section(
        name,
        title,
        [text],
        run_headline(tree),
        run_figures_of(tree),
        run_tables(tree),
        run_provenance(tree),
    )
