"""Golden: the integer reference beside a run, in compiled code where float64 holds it exactly."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from aimc_sim.model.network import Model
from aimc_sim.model.reference import (
    ReferenceResult,
    ReferenceState,
    codes_after_pool,
    run_reference,
)
from aimc_sim.model.signal import Ints
from aimc_sim.runner import schedule as schedules
from aimc_sim.runner.schedule import Schedule
from aimc_sim.runner.schedule_reference import reference_schedule
from aimc_sim.runner.stretch import run_stretch


class Golden:
    """What `run_reference` gives, for sequences by falling length.

    Parameters
    ----------
    model : Model
        What to compute.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    @cached_property
    def schedule(self) -> Schedule | None:
        """Its schedule; None where sums are too large for float64."""
        return reference_schedule(self.model)

    def run(self, x_code: Ints, lengths: Ints, state: ReferenceState) -> ReferenceResult:
        """Run a batch from a state; the last layer before the pool is probed.

        Parameters
        ----------
        x_code : int array, shape (n_sequences, n_steps, n_input)
            Input codes.
        lengths : int array, shape (n_sequences,)
            Valid steps, counted from the very first step; never rising.
        state : ReferenceState
            Where to continue.
        """
        n, n_steps = x_code.shape[:2]
        n_done = int(np.clip(lengths - state.step, 0, n_steps).sum())
        is_long = schedules.is_worth(n_steps, n_done)
        last, schedule = self.model.pool.input, self.schedule if is_long else None
        if schedule is None:
            return run_reference(self.model, x_code, lengths, state=state, probes=(last,))
        x, pooled = {name: value.copy() for name, value in state.x.items()}, state.pooled.copy()
        codes = np.zeros((n, n_steps, pooled.shape[1]), dtype=np.int64)
        t = 0
        while t < n_steps:
            n_now = int(np.searchsorted(-lengths, -(state.step + t)))
            stop = min(t + schedule.longest(n_now), n_steps)
            n_active = np.searchsorted(-lengths, -(state.step + np.arange(t, stop)))
            found = run_stretch(
                schedule, self.model.pool, np.zeros(n_now, dtype=np.int64), state.step + t,
                n_active, x_code[:n_now, t:stop], x, pooled[:n_now], codes[:n_now, t:stop], (last,),
            ).recorded[last]  # fmt: skip
            for k, still in enumerate(n_active):
                codes[:still, t + k] = found[:still, k]
            t = stop
        y_code = codes_after_pool(self.model, pooled, np.minimum(lengths, state.step + n_steps))
        return ReferenceResult(
            y_code, {last: codes}, ReferenceState(state.step + n_steps, x, pooled)
        )
