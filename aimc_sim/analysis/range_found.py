"""What a calibration of ranges found: each full scale beside its worst case, layer by layer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from aimc_sim.display import Displayed, percent
from aimc_sim.mapping.plan import Plan

METHODS = ("percentile", "least_error")


@dataclass(frozen=True)
class FoundRange:
    """One range: a full scale is a current [A], or a voltage [V] where voltages are sensed.

    Parameters
    ----------
    layer : str
        Whose.
    key : tuple
        Tile, phase, number of the read.
    number : int
        Of the range within the read.
    full, worst, peak : float
        Full scale found, that of the worst case, largest magnitude in the data.
    n_values, n_clipped : int
        Values of the sample, and those among them that the full scale clips.
    """

    layer: str
    key: tuple[int, str, int]
    number: int
    full: float
    worst: float
    peak: float
    n_values: int
    n_clipped: int

    @property
    def bits(self) -> float:
        """Bits that the step is finer by than that of the worst case."""
        return math.log2(self.worst / self.full)


@dataclass(frozen=True)
class LayerRanges:
    """The ranges of one layer.

    Parameters
    ----------
    layer : str
        Name.
    n_tiles : int
        Its tiles.
    ranges : tuple of FoundRange
        In the order of the plan.
    """

    layer: str
    n_tiles: int
    ranges: tuple[FoundRange, ...] = field(repr=False)

    @property
    def bits(self) -> tuple[float, float, float]:
        """Bits won over the worst case: mean, least, most."""
        bits = [r.bits for r in self.ranges]
        return math.fsum(bits) / len(bits), min(bits), max(bits)

    @property
    def clipped(self) -> float:
        """Share of the sampled values that are clipped."""
        return _ratio(sum(r.n_clipped for r in self.ranges), sum(r.n_values for r in self.ranges))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        mean, least, most = self.bits
        return {
            "tiles": self.n_tiles,
            "ranges": len(self.ranges),
            "bits_over_worst_case": {"mean": mean, "min": least, "max": most},
            "clipped_share": self.clipped,
            "sampled_values": sum(r.n_values for r in self.ranges),
        }


@dataclass(frozen=True, repr=False)
class RangeCalibration(Displayed):
    """A plan with calibrated ranges, and what there is to say of them.

    Parameters
    ----------
    plan : Plan
        With ``ranges``, for hardware with ``adc.range: calibrated``.
    method : str
        "percentile" or "least_error".
    percentile : float
        For the former.
    ranges : tuple of FoundRange
        All of them.
    """

    plan: Plan
    method: str
    percentile: float
    ranges: tuple[FoundRange, ...] = field(repr=False)

    @property
    def layers(self) -> tuple[LayerRanges, ...]:
        """Layer by layer, in order of execution; those without tiles are left out."""
        found = []
        for layer in self.plan.layers:
            ranges = tuple(r for r in self.ranges if r.layer == layer.layer)
            if ranges:
                n_tiles = sum(len(m.tiles) for m in layer.matrices)
                found.append(LayerRanges(layer.layer, n_tiles, ranges))
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "method": self.method,
            "percentile": self.percentile if self.method == "percentile" else None,
            "layers": {layer.layer: layer.to_json() for layer in self.layers},
            "ranges": [
                {
                    "layer": r.layer, "tile_id": r.key[0], "phase": r.key[1], "read": r.key[2],
                    "range": r.number, "full_scale": r.full, "worst_case": r.worst,
                    "largest": r.peak, "sampled_values": r.n_values, "clipped": r.n_clipped,
                }
                for r in self.ranges
            ],
        }  # fmt: skip

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows."""
        return [
            (x.layer, f"{x.bits[0]:.2f} bits over the worst case, {percent(x.clipped, 3)} clipped")
            for x in self.layers
        ]


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
