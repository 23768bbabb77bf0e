"""A stretch of steps of a batch in one call of the compiled kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aimc_sim.model.layers import Pool
from aimc_sim.model.signal import Ints
from aimc_sim.runner.schedule import Schedule


@dataclass(frozen=True)
class Stretched:
    """What a stretch of steps has counted.

    Parameters
    ----------
    n_done : int
        Steps of sequences.
    error : int array, shape (n_steps,)
        Squared deviations of the last layer.
    recorded : mapping
        ``probe -> int array (n_sequences, n_steps, width)``; undefined where a sequence has ended.
    tally, active, saturated : int arrays
        In the order of the schedule.
    """

    n_done: int
    error: Ints
    recorded: Mapping[str, Ints]
    tally: Ints
    active: Ints
    saturated: Ints


def run_stretch(
    schedule: Schedule,
    pool: Pool,
    sequence: Ints,
    step: int,
    n_active: Ints,
    x_code: Ints,
    x: Mapping[str, Ints],
    pooled: Ints,
    golden: Ints,
    probes: tuple[str, ...] = (),
) -> Stretched:
    """Do some steps of a batch, all in compiled code.

    Parameters
    ----------
    schedule : Schedule
        Of a network.
    pool : Pool
        What becomes of the last layer's codes.
    sequence : int array, shape (n,)
        Index of each sequence in its file.
    step : int
        Number of the first step.
    n_active : int array, shape (n_steps,)
        Sequences that each step advances: the first of them; never rising.
    x_code : int array, shape (n, n_steps, n_input)
        Input codes.
    x : mapping
        ``layer -> states (n or more, parts, n_modes)``; changed in place.
    pooled : int array, shape (n, n_channels)
        Changed in place.
    golden : int array, shape (n, n_steps, n_channels)
        What the last layer's codes are compared with.
    probes : tuple of str
        What to record: layers, or ``layer/x``.
    """
    from aimc_sim.runner.kernels_steps import run_steps

    n, n_steps = x_code.shape[:2]
    together = schedule.together(n)
    n_blocks = -(-n // together)
    places = schedule.probed(probes)
    recorded = np.empty((n, n_steps, len(places)), dtype=np.int64)
    states = _joined(schedule, x, n)
    error = np.zeros((n_blocks, n_steps), dtype=np.int64)
    counts = [
        np.zeros((n_blocks, size + 1), dtype=np.int64)
        for size in (schedule.n_tallied, len(schedule.tallied), len(schedule.layers))
    ]
    run_steps(
        schedule.ops, schedule.ints, schedule.floats, schedule.keys, schedule.blocks,
        schedule.n_rows, schedule.n_normals, together, sequence.astype(np.uint32), step, n_active,
        x_code, states, schedule.state_row, golden, schedule.rows[pool.input][0],
        pool.rule == "last", pooled, error, places, recorded, *counts,
    )  # fmt: skip
    _part(schedule, x, states)
    tally, active, saturated = (own[:, :-1].sum(axis=0) for own in counts)
    found = _by_name(schedule, probes, recorded)
    return Stretched(int(n_active.sum()), error.sum(axis=0), found, tally, active, saturated)


def _by_name(schedule: Schedule, probes: tuple[str, ...], recorded: Ints) -> dict[str, Ints]:
    """Return what each probe has recorded, (n, n_steps, width)."""
    ends = np.cumsum([schedule.place(name)[1] for name in probes])[:-1]
    return dict(zip(probes, np.split(recorded, ends, axis=2), strict=True)) if probes else {}


def _joined(schedule: Schedule, x: Mapping[str, Ints], n: int) -> Ints:
    """Return the states of all layers side by side, (n, n_states)."""
    found = [x[name][:n].reshape(n, -1) for name in schedule.states]
    return np.concatenate([np.zeros((n, 0), dtype=np.int64), *found], axis=1)


def _part(schedule: Schedule, x: Mapping[str, Ints], states: Ints) -> None:
    """Write joined states back."""
    n, at = len(states), 0
    for name, (_, width) in schedule.states.items():
        own = x[name]
        own[:n] = states[:, at : at + width].reshape(own[:n].shape)
        at += width
