"""Where a run stands: what has to be kept to continue it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from aimc_sim.crossbar.telegraph import Levels
from aimc_sim.model.network import Model
from aimc_sim.model.reference import ReferenceState, first_state
from aimc_sim.model.signal import Ints


@dataclass(frozen=True)
class ChipState:
    """Where one chip stands: recurrent states, pooled sums, outputs of what has ended, and the
    levels of telegraph noise (``tile_id -> uint8 array (n_sequences, n_cells)``)."""

    x: Mapping[str, Ints]
    pooled: Ints
    y_code: Ints
    levels: Mapping[int, Levels]


@dataclass(frozen=True)
class RunState:
    """Where a run stands: next step, chips, and the reference beside them.

    Parameters
    ----------
    step : int
        Next step.
    chips : mapping
        ``chip -> ChipState`` of all sequences.
    reference : ReferenceState
        The same of the integer reference.
    reference_y_code : int array, shape (n_sequences, n_classes)
        Its outputs of what has ended.
    """

    step: int
    chips: Mapping[int, ChipState]
    reference: ReferenceState
    reference_y_code: Ints

    @classmethod
    def fresh(
        cls, model: Model, levels: Mapping[int, Mapping[int, Levels]], n_sequences: int
    ) -> RunState:
        """Return the state before the first step: zeros, and levels for each chip."""
        y_code = np.zeros((n_sequences, model.n_classes), dtype=np.int64)
        blanks = {chip: first_state(model, n_sequences) for chip in levels}
        states = {c: ChipState(b.x, b.pooled, y_code.copy(), levels[c]) for c, b in blanks.items()}
        return cls(0, states, first_state(model, n_sequences), y_code)

    def copy(self) -> RunState:
        """Return a state with arrays of its own."""
        chips = {
            c: ChipState(
                _copies(s.x),
                s.pooled.copy(),
                s.y_code.copy(),
                {tile: value.copy() for tile, value in s.levels.items()},
            )
            for c, s in self.chips.items()
        }
        old = self.reference
        reference = ReferenceState(old.step, _copies(old.x), old.pooled.copy())
        return RunState(self.step, chips, reference, self.reference_y_code.copy())

    def at(self, step: int) -> RunState:
        """Return the same arrays as the state before another step."""
        reference = ReferenceState(step, self.reference.x, self.reference.pooled)
        return replace(self, step=step, reference=reference)


def _copies(arrays: Mapping[str, Ints]) -> dict[str, Ints]:
    return {name: array.copy() for name, array in arrays.items()}
