"""One picture about matrix-vector products, to stand alone: PNG, or SVG or PDF by its suffix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.analysis.mvm_measure import MvmMeasure
from aimc_sim.model.archive import replacing
from aimc_sim.report.figures_mvm import paint_error, paint_scatter, paint_sweep
from aimc_sim.report.mvm_table import what
from aimc_sim.report.svg import PAPER, drawing

_DPI = 110
_MOST_ACROSS = 4


def write_mvm_png(path: str | Path, tree: Mapping[str, Any], measure: MvmMeasure) -> None:
    """Write a picture: scatter and error of the first matrix, and both figures of every sweep.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all; its suffix says the format.
    tree : mapping
        The JSON of the measurement.
    measure : MvmMeasure
        Holds the pairs of outputs.

    Raises
    ------
    InputError
        It cannot be written.
    """
    suffix = Path(path).suffix.lstrip(".").lower()
    sweeps = tree["against"]
    n_across = min(1 + len(sweeps), _MOST_ACROSS)
    n_bands = -(-(1 + len(sweeps)) // n_across)
    with drawing(3.3 * n_across, 5.8 * n_bands, PAPER) as figure:
        figure.set_facecolor("white")
        grid = figure.subplots(2 * n_bands, n_across, squeeze=False)
        first = measure.matrices[0]
        paint_scatter(grid[0, 0], first, PAPER)
        grid[0, 0].set_title(first.name)
        paint_error(grid[1, 0], [first], PAPER, apart=False)
        for place, sweep in enumerate(sweeps, start=1):
            band, column = divmod(place, n_across)
            paint_sweep(grid[2 * band, column], sweep, "eta", PAPER)
            paint_sweep(grid[2 * band + 1, column], sweep, "enob", PAPER)
        for place in range(1 + len(sweeps), n_bands * n_across):
            for row in (0, 1):
                grid[2 * (place // n_across) + row, place % n_across].set_axis_off()
        figure.suptitle(what(tree), fontsize=8)
        metadata = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}, "pdf": {}}
        with replacing(path) as temporary:
            figure.savefig(temporary, format=suffix, dpi=_DPI, metadata=metadata[suffix])
