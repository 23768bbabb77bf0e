"""Calibrated ranges as table and JSON."""

from __future__ import annotations

import statistics
from typing import Any

from aimc_sim.analysis.range_found import LayerRanges, RangeCalibration
from aimc_sim.display import percent, si, text_table
from aimc_sim.version import VERSION

HEAD = ("layer", "tiles", "ranges", "full scale", "worst case", "bits won", "least", "clipped")
SCHEMA = 1


def ranges_table(found: RangeCalibration) -> str:
    """Return one line a layer: median full scales, bits won over the worst case, share clipped."""
    unit = "A" if found.plan.hardware.tile.sensing == "current" else "V"
    rows = [HEAD, *(_row(layer, unit) for layer in found.layers)]
    return text_table(rows) + "\n"


def _row(layer: LayerRanges, unit: str) -> tuple[str, ...]:
    mean, least, _ = layer.bits
    return (
        layer.layer,
        str(layer.n_tiles),
        str(len(layer.ranges)),
        si(statistics.median(r.full for r in layer.ranges), unit),
        si(statistics.median(r.worst for r in layer.ranges), unit),
        f"{mean:.2f}",
        f"{least:.2f}",
        percent(layer.clipped, 3),
    )


def ranges_json(
    found: RangeCalibration, *, seed: int, n_chips: int, age_s: float, n_sequences: int
) -> dict[str, Any]:
    """Return what `aimc calibrate --json` writes.

    Parameters
    ----------
    found : RangeCalibration
        From `find_ranges`.
    seed, n_chips : int
        Of the chips it was found on.
    age_s : float
        Their age [s].
    n_sequences : int
        Of the batch.
    """
    plan = found.plan
    return {
        "schema": SCHEMA,
        **found.to_json(),
        "per": "bitline" if plan.hardware.adc.has_range_per_bitline else "tile",
        "unit": "A" if plan.hardware.tile.sensing == "current" else "V",
        "seed": seed,
        "n_chips": n_chips,
        "age_s": age_s,
        "n_sequences": n_sequences,
        "digests": {
            "model": plan.model_digest,
            "hardware": plan.hardware.digest(),
            "plan": plan.digest,
        },
        "version": VERSION,
    }
