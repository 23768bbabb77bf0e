"""The schedule of a network on a chip: products are analog reads, unless layers are digital."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.network import Model
from aimc_sim.model.signal import spread
from aimc_sim.runner.bound import BoundLayer
from aimc_sim.runner.schedule import MOST_KEPT, Schedule
from aimc_sim.runner.schedule_layers import LayerBuilder, Recurrence, plain_recurrence
from aimc_sim.runner.schedule_reads import Reads
from aimc_sim.runner.schedule_rows import Rows, UnscheduledError
from aimc_sim.runner.schedule_sums import n_sums


def chip_schedule(
    model: Model, bound: Mapping[str, BoundLayer], *, counts_active: bool
) -> Schedule | None:
    """Return the schedule of the layers before the pool; None where one of them is not covered.

    Parameters
    ----------
    model : Model
        What to compute.
    bound : mapping
        ``layer -> BoundLayer`` of one chip in one epoch.
    counts_active : bool
        Whether active codes are counted.

    Notes
    -----
    Whether a network has a schedule changes no result, only how long it takes.
    """
    try:
        found = _ChipBuilder(model, bound, counts_active=counts_active).build()
    except UnscheduledError:
        return None
    return found if found.n_kept <= MOST_KEPT else None


class _ChipBuilder(LayerBuilder):
    """Builds the schedule of one chip."""

    def __init__(
        self, model: Model, bound: Mapping[str, BoundLayer], *, counts_active: bool
    ) -> None:
        super().__init__(model)
        self.bound = bound
        phases = [list(bound[layer.name].phases.values()) for layer in self.layers]
        self.sums = self.bench.take(max((sum(map(n_sums, p)) for p in phases), default=0))
        reads = [read for own in phases for phase in own for read in phase.reads]
        widest = max((len(p.slices) * sum(p.widths) for own in phases for p in own), default=0)
        self.reads = Reads(self.bench, reads, widest, counts_active=counts_active)
        self.converting: list[str] = []
        self.written: dict[str, Rows] = {}

    def build(self) -> Schedule:
        """Return the schedule."""
        found = super().build()
        tallied = tuple(self.reads.tallied)
        n_sums = self.reads.n_sums
        return replace(found, tallied=tallied, n_sums=n_sums, layers=tuple(self.converting))

    def product(self, layer: Linear, x: Rows) -> Rows:
        """Have the layer read."""
        return self._read(layer.name, "y", [x])["y"]

    def state_products(self, layer: S4D, x: Rows, u: Rows) -> tuple[Rows | None, Rows | None]:
        """Have every phase read that comes before the new state is known."""
        phases, vectors = self.bound[layer.name].phases, {"x": x, "u": u}
        self.written = {}
        for name, phase in phases.items():
            if name != "C":
                inputs = [vectors[vector] for vector in phase.phase.drives]
                for vector, rows in self._read(layer.name, name, inputs).items():
                    self.written[f"{name}/{vector}"] = rows
        A, B = ("all/x", "state/x", "x/x", "A/x"), ("B/x", "u/x")
        Ax, Bu = (next((self.written[n] for n in p if n in self.written), None) for p in (A, B))
        return Ax, Bu

    def output_product(self, layer: S4D, x: Rows) -> Rows:
        """Have C read, unless it was read with the state."""
        if "C" in self.bound[layer.name].phases:
            return self._read(layer.name, "C", [x])["y"]
        return next(rows for name, rows in self.written.items() if name.endswith("/y"))

    def recurrence(self, layer: S4D) -> Recurrence:
        """Return how what was read is joined."""
        bound, found = self.bound[layer.name], plain_recurrence(layer)
        if bound.unit is not None:
            shift = np.maximum(layer.requant_A.k, layer.requant_B.k)
            channel = layer.channel_of_mode
            unit = spread(bound.unit, channel).astype(object)
            found = Recurrence(unit, spread(shift, channel))
        return replace(found, identity=bound.identity, gains=bound.gains)

    def _read(self, layer: str, phase: str, inputs: list[Rows]) -> dict[str, Rows]:
        """Have a phase of a layer read; return the accumulators by vector."""
        if layer not in self.converting:
            self.converting.append(layer)
        bound = self.bound[layer]
        first = self.sums + sum(n_sums(own) for name, own in bound.phases.items() if name < phase)
        return self.reads.phase(bound, phase, inputs, first, self.converting.index(layer))
