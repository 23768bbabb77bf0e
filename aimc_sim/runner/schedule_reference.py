"""The schedule of the integer reference: products are exact sums."""

from __future__ import annotations

import numpy as np

from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints
from aimc_sim.runner.schedule import Schedule
from aimc_sim.runner.schedule_layers import LayerBuilder, Recurrence, plain_recurrence
from aimc_sim.runner.schedule_rows import EXACT, Rows, UnscheduledError


def reference_schedule(model: Model) -> Schedule | None:
    """Return the schedule of the layers before the pool; None where float64 is too narrow."""
    try:
        return _ReferenceBuilder(model).build()
    except UnscheduledError:
        return None


class _ReferenceBuilder(LayerBuilder):
    """Builds the schedule of the reference."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        widest = max((rows.n for rows in self.states.values()), default=0)
        self.driven = self.bench.take(widest)
        self.sums = self.bench.take(max(rows.n for rows in self.values.values()))

    def product(self, layer: Linear, x: Rows) -> Rows:
        """Have the product summed."""
        return self._sum(x, layer.weight, self.sums)

    def state_products(self, layer: S4D, x: Rows, u: Rows) -> tuple[Rows | None, Rows | None]:
        """Have ``B u`` summed; ``A x`` is part of the weighted sum that rounds the state."""
        n, channel = layer.n_modes, layer.channel_of_mode
        codes = np.zeros((u.n, x.n), dtype=np.int64)
        codes[channel, np.arange(n)] = layer.B_re
        if x.n > n and layer.B_im is not None:
            codes[channel, n + np.arange(n)] = layer.B_im
        return None, self._sum(u, codes, self.driven)

    def output_product(self, layer: S4D, x: Rows) -> Rows:
        """Have ``Re(C x)`` summed over the modes of each channel."""
        n, channel = layer.n_modes, layer.channel_of_mode
        codes = np.zeros((x.n, layer.n_out), dtype=np.int64)
        codes[np.arange(n), channel] = layer.C_re
        if x.n > n and layer.C_im is not None:
            codes[n + np.arange(n), channel] = -layer.C_im
        return self._sum(x, codes, self.sums)

    def recurrence(self, layer: S4D) -> Recurrence:
        """Return how the products are joined."""
        return plain_recurrence(layer)

    def _sum(self, x: Rows, codes: Ints, to: int) -> Rows:
        """Have ``x @ codes`` written."""
        peak = (np.abs(codes).astype(object) * x.peak[:, None]).sum(axis=0)
        peak = np.zeros(codes.shape[1], dtype=object) + peak
        if (peak >= EXACT).any():
            raise UnscheduledError
        self.bench.product(codes.astype(np.float64), x.first, to)
        return Rows(to, codes.shape[1], -peak, peak)
