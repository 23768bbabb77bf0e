"""One call of `run`: batches outside, chips inside, the reference once a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.events import sum_events
from aimc_sim.hardware import Hardware
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.reference import ReferenceState
from aimc_sim.model.signal import Ints
from aimc_sim.runner import schedule as schedules
from aimc_sim.runner.batch import Batch
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.golden import Golden
from aimc_sim.runner.result import Result
from aimc_sim.runner.state import RunState
from aimc_sim.runner.state_bits import effective_state_bits

Progress = Callable[[int, int], None]


class Job:
    """Sequences on chips, from a state to a state.

    Parameters
    ----------
    model : Model
        What to compute.
    tiles : Tiles
        What on.
    data : Data
        Sequences.
    chips : mapping
        ``chip -> ChipRun``.
    state : RunState, optional
        Where to continue; it is not changed.
    probes : tuple of str
        What to record.
    progress : callable, optional
        Called with (sequence-steps done, all of them).
    """

    def __init__(
        self,
        model: Model,
        tiles: Tiles,
        data: Data,
        chips: Mapping[int, ChipRun],
        state: RunState | None,
        probes: tuple[str, ...],
        progress: Progress | None,
    ) -> None:
        self.model, self.tiles, self.data, self.chips = model, tiles, data, chips
        self.progress, self.golden = progress, Golden(model)
        n, n_steps = data.x_code.shape[:2]
        levels = {number: chip.first_levels(n) for number, chip in chips.items()}
        self.state = state.copy() if state else RunState.fresh(model, levels, n)
        self.first = self.state.step
        self.error = np.zeros((len(chips), n_steps), dtype=np.int64)
        self.square = np.zeros(n_steps, dtype=np.int64)
        self.recorded = {
            name: np.stack([empty_probe(model, name, n, n_steps) for _ in chips]) for name in probes
        }
        valid = np.clip(data.lengths - self.first, 0, n_steps)
        for chip in chips.values():
            chip.check_length(self.first + int(valid.max(initial=0)))
        self.done, self.all = 0, max(int(valid.sum()) * len(chips), 1)

    def run(self, batch_size: int, seed: int) -> Result:
        """Run all batches, longest sequences first, and gather."""
        order = np.argsort(-self.data.lengths, kind="stable")
        if min(batch_size, len(order)) > 4 * schedules.LARGEST:
            found = [chip.schedule for chip in self.chips.values()]
            batch_size = min([batch_size, *(s.most_together for s in found if s is not None)])
        with one_blas_thread():
            for start in range(0, len(order), batch_size):
                self._batch(order[start : start + batch_size])
        return self._result(seed)

    def _batch(self, rows: Ints) -> None:
        """Run sequences `rows` (longest first): the reference, then every chip beside it."""
        data, reference = self.data, self.state.reference
        x_code, lengths = data.x_code[rows], data.lengths[rows]
        n_steps = int(np.clip(lengths - self.first, 0, x_code.shape[1]).max())
        last = self.model.layers[self.model.pool_index].input
        part = ReferenceState(
            self.first, {k: v[rows] for k, v in reference.x.items()}, reference.pooled[rows]
        )
        golden = self.golden.run(x_code[:, :n_steps], lengths, part)
        for name, value in golden.state.x.items():
            reference.x[name][rows] = value
        reference.pooled[rows] = golden.state.pooled
        over = (lengths > self.first) & (lengths <= self.first + n_steps)
        self.state.reference_y_code[rows[over]] = golden.y_code[over]
        codes = golden.probes[last]
        self.square[:n_steps] += np.einsum("btc,btc->t", codes, codes)
        for i, (number, chip) in enumerate(self.chips.items()):
            probes = {name: store[i] for name, store in self.recorded.items()}
            state = self.state.chips[number]
            batch = Batch(rows, data, self.first, state, codes, self.error[i], probes)
            chip.batch(batch, n_steps, self._tick)

    def _tick(self, n: int) -> None:
        self.done += n
        if self.progress:
            self.progress(self.done, self.all)

    def _result(self, seed: int) -> Result:
        data, tiles, runs = self.data, self.tiles, list(self.chips.values())
        state = self.state.at(self.first + data.x_code.shape[1])
        ledgers = [chip.ledger for chip in runs]
        layers = ledgers[0].tallies
        map_digest = tiles.faults.map_digest
        return Result(
            chips=tiles.chips,
            sequence=data.first_sequence + np.arange(len(data)),
            y_code=np.stack([state.chips[c].y_code for c in tiles.chips]),
            reference_y_code=state.reference_y_code,
            ended=data.lengths <= state.step,
            labels=data.labels,
            error_square=self.error,
            reference_square=self.square,
            events=sum_events(r.events() for r in runs),
            saturated={
                name: sum(led.tallies[name].saturated for led in ledgers) for name in layers
            },
            converted={name: sum(x.converted(name) for x in ledgers) for name in layers},
            effective_state_bits=effective_state_bits(runs[0].bound, tiles.hardware),
            rounding_lsb=_rounding_lsb(runs, tiles.hardware),
            probes=self.recorded,
            state=state,
            seeds={"build": tiles.seed, "run": seed},
            digests={
                "model": self.model.digest,
                "chip": tiles.hardware.digest(),
                "data": data.digest,
                **({"fault_map": map_digest} if map_digest else {}),
            },
            noise_form=tiles.hardware.mapping.noise_form,
        )


def _rounding_lsb(runs: list[ChipRun], hardware: Hardware) -> float | None:
    """Return what sums in fixed point move a current by at most, on any chip; None in float64."""
    if hardware.mapping.sums == "float64":
        return None
    bound = [layer for run in runs for layer in run.bound.values()]
    reads = [read for layer in bound for phase in layer.phases.values() for read in phase.reads]
    return max((read.rounding_lsb for read in reads), default=0.0)


def empty_probe(model: Model, name: str, n: int, n_steps: int) -> Ints:
    """Return zeros for a probe: codes of a layer, or of a state (``name/x``)."""
    if name.endswith("/x"):
        layer = model.by_name[name[:-2]]
        assert isinstance(layer, S4D)
        return np.zeros((n, n_steps, 2 if layer.is_complex else 1, layer.n_modes), dtype=np.int64)
    return np.zeros((n, n_steps, model.widths[name]), dtype=np.int64)
