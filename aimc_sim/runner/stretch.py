"""A stretch of steps of a batch in one call of the compiled kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.flicker import check_step
from aimc_sim.model.layers import Pool
from aimc_sim.model.signal import Floats, Ints
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
    sums, active : int arrays
        What the energy of arrays goes with, drives that are not 0: by place, 0 at the end.
    saturated : int array
        By layer that converts.
    """

    n_done: int
    error: Ints
    recorded: Mapping[str, Ints]
    sums: Ints
    active: Ints
    saturated: Ints


@dataclass(frozen=True)
class Space:
    """What blocks of sequences keep from one stretch to the next.

    Parameters
    ----------
    schedule : Schedule
        Of their network.
    n, together : int
        Sequences, and how many a block holds.
    held : uint32 array, shape (n_blocks, n_held)
        Numbers of holds of 1/f noise.
    kept : float32 array, shape (n_blocks, n_kept, together)
        Normals that last.
    """

    schedule: Schedule
    n: int
    together: int
    held: npt.NDArray[np.uint32]
    kept: npt.NDArray[np.float32]

    @classmethod
    def of(cls, schedule: Schedule, n: int, kept: dict[str, object]) -> Space:
        """Return what was kept of the same sequences and schedule, or a space without draws."""
        from aimc_sim.runner.kernels_operations import NEVER

        found, together = kept.get("space"), schedule.together(n)
        if isinstance(found, cls) and found.serves(schedule, n):
            return found
        n_blocks = -(-n // together)
        held = np.full((n_blocks, schedule.n_held), NEVER, dtype=np.uint32)
        normals = np.empty((n_blocks, schedule.n_kept, together), dtype=np.float32)
        kept["space"] = made = cls(schedule, n, together, held, normals)
        return made

    def serves(self, schedule: Schedule, n: int) -> bool:
        """Tell whether it is that of a schedule, and of these sequences: the first of its own."""
        return self.schedule is schedule and n <= self.n

    def rows(self, n: int) -> tuple[Floats, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return rows and normals of a block of n sequences."""
        n_rows, n_normals, n_lasting = self.schedule.sizes[:3]
        normals, lasting = (np.empty((k, n), dtype=np.float32) for k in (n_normals, n_lasting))
        return np.zeros((n_rows, n)), normals, lasting

    def run(
        self,
        where: tuple[int, int, bool],
        address: tuple[npt.NDArray[np.uint32], int, Ints],
        codes: tuple[Ints, Ints, Ints, Ints],
        counts: tuple[Ints, Ints, Ints, Ints, Ints, Ints],
    ) -> None:
        """Run steps by the kernel of one block or by that of several; what they take is theirs."""
        from aimc_sim.runner.kernels_steps import run_block, run_steps

        tables, (error, places, recorded, *sums) = self.schedule.tables, counts
        if len(self.held) == 1:
            own = (*self.rows(len(address[0])), self.held[0], self.kept[0])
            run_block(
                tables, own, where, *address, *codes, error[0], places, recorded,
                *(count[0] for count in sums),
            )  # fmt: skip
        else:
            run_steps(
                tables, self.schedule.sizes[:3], self.together, where, *address, self.held,
                self.kept, *codes, error, places, recorded, *sums,
            )  # fmt: skip


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
    kept: dict[str, object] | None = None,
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
    kept : dict, optional
        What is worth keeping until the next stretch of the same sequences; no result depends on it.
    """
    n, n_steps = x_code.shape[:2]
    space = Space.of(schedule, n, {} if kept is None else kept)
    n_blocks = len(space.held)
    if schedule.n_held:
        check_step(step + n_steps - 1)
    places = schedule.probed(probes)
    recorded = np.empty((n, n_steps, len(places)), dtype=np.int64)
    states = _joined(schedule, x, n)
    error = np.zeros((n_blocks, n_steps), dtype=np.int64)
    sums, active, saturated = (
        np.zeros((n_blocks, size + 1), dtype=np.int64)
        for size in (schedule.n_sums, schedule.n_sums, len(schedule.layers))
    )
    where = schedule.state_row, schedule.rows[pool.input][0], pool.rule == "last"
    address = sequence.astype(np.uint32), step, n_active.astype(np.int64)
    codes = np.ascontiguousarray(x_code), states, np.ascontiguousarray(golden), pooled
    space.run(where, address, codes, (error, places, recorded, sums, active, saturated))
    _part(schedule, x, states)
    found = _by_name(schedule, probes, recorded)
    counts = (own.sum(axis=0) for own in (sums, active, saturated[:, :-1]))
    return Stretched(int(n_active.sum()), error.sum(axis=0), found, *counts)


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
