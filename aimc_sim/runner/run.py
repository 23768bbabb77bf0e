"""run: step a programmed model through data, on every chip, beside the integer reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.reference import ReferenceState, first_state, run_reference
from aimc_sim.model.signal import Ints
from aimc_sim.runner.check import check_call, check_data
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.result import ChipState, Result, RunState
from aimc_sim.runner.state_bits import effective_state_bits

BATCH = 128
Progress = Callable[[int, int], None]


def run(
    model: Model,
    tiles: Tiles,
    data: Data,
    *,
    seed: int,
    age_s: float = 0.0,
    state: RunState | None = None,
    first_sequence: int | None = None,
    probes: tuple[str, ...] = (),
    batch_size: int = BATCH,
    progress: Progress | None = None,
) -> Result:
    """Run a model on programmed tiles.

    Parameters
    ----------
    model : Model
        The model that the tiles were mapped from.
    tiles : Tiles
        From `aimc_sim.program`.
    data : Data
        Sequences; `data.steps(a, b)` with `state` continues a run.
    seed : int
        Run seed: read noise.
    age_s : float
        Time since the reference read after programming, when the sequences start [s].
    state : RunState, optional
        Continue from here.
    first_sequence : int, optional
        Index of row 0 in its file, if other than the data says; random draws are addressed by it.
    probes : tuple of str
        Layer names (output codes) and ``name/x`` (state codes) to record at every step.
    batch_size : int
        Sequences stepped together; no result depends on it.
    progress : callable, optional
        Called with (sequence-steps done, all of them).

    Returns
    -------
    Result
        Outputs, probes, errors, events.

    Raises
    ------
    InputError
        Tiles of another model, an unknown probe, a device that cannot be read at that age, data or
        a state that do not fit.
    """
    check_call(model, tiles, probes, seed, batch_size)
    check_data(model, tiles, data, state)
    job = _Job(model, tiles, data, seed, age_s, state, probes, batch_size, progress)
    if first_sequence is not None:
        job.data = Data(
            data.x_code, data.lengths, data.labels, data.logits, data.n_clipped, first_sequence
        )
    return job.run()


@dataclass
class _Job:
    """One call of `run`: batches outside, chips inside, the reference once a batch."""

    model: Model
    tiles: Tiles
    data: Data
    seed: int
    age_s: float
    state: RunState | None
    probes: tuple[str, ...]
    batch_size: int
    progress: Progress | None

    def run(self) -> Result:
        """Run all batches and gather."""
        model, data, n = self.model, self.data, len(self.data)
        n_steps = data.x_code.shape[1]
        self.first = self.state.step if self.state else 0
        chips = {
            c: ChipRun(model, self.tiles, c, self.age_s, self.seed, self.probes)
            for c in self.tiles.chips
        }
        self.reference = self.state.reference if self.state else first_state(model, n)
        self.reference = ReferenceState(
            self.first,
            {k: v.copy() for k, v in self.reference.x.items()},
            self.reference.pooled.copy(),
        )
        self.chip_states = {c: self._first_chip_state(c) for c in chips}
        self.y_reference = (
            self.state.reference_y_code.copy()
            if self.state
            else np.zeros((n, model.n_classes), dtype=np.int64)
        )
        self.error = np.zeros((len(chips), n_steps), dtype=np.int64)
        self.square = np.zeros(n_steps, dtype=np.int64)
        self.recorded = {
            name: np.stack([_empty_probe(model, name, n, n_steps) for _ in chips])
            for name in self.probes
        }
        self._done, self._all = 0, max(int(self._valid_steps().sum()) * len(chips), 1)
        order = np.argsort(-data.lengths, kind="stable")
        for start in range(0, n, self.batch_size):
            self._batch(order[start : start + self.batch_size], chips)
        return self._result(chips)

    def _valid_steps(self) -> Ints:
        return np.clip(self.data.lengths - self.first, 0, self.data.x_code.shape[1])

    def _first_chip_state(self, chip: int) -> ChipState:
        if self.state:
            old = self.state.chips[chip]
            return ChipState(
                {k: v.copy() for k, v in old.x.items()}, old.pooled.copy(), old.y_code.copy()
            )
        blank = first_state(self.model, len(self.data))
        y_code = np.zeros((len(self.data), self.model.n_classes), dtype=np.int64)
        return ChipState(blank.x, blank.pooled, y_code)

    def _batch(self, rows: Ints, chips: dict[int, ChipRun]) -> None:
        """Run sequences `rows` (longest first): the reference, then every chip beside it."""
        x_code, lengths = self.data.x_code[rows], self.data.lengths[rows]
        n_steps = int(np.clip(lengths - self.first, 0, x_code.shape[1]).max())
        last = self.model.layers[self.model.pool_index].input
        part = ReferenceState(
            self.first,
            {k: v[rows] for k, v in self.reference.x.items()},
            self.reference.pooled[rows],
        )
        golden = run_reference(self.model, x_code[:, :n_steps], lengths, state=part, probes=(last,))
        for name, value in golden.state.x.items():
            self.reference.x[name][rows] = value
        self.reference.pooled[rows] = golden.state.pooled
        end = self.first + n_steps
        over = (lengths > self.first) & (lengths <= end)
        self.y_reference[rows[over]] = golden.y_code[over]
        codes = golden.probes[last]
        self.square[:n_steps] += np.einsum("btc,btc->t", codes, codes)
        for i, (number, chip) in enumerate(chips.items()):
            probes = {name: store[i] for name, store in self.recorded.items()}
            chip.batch(
                rows,
                self.data,
                self.first,
                n_steps,
                self.chip_states[number],
                codes,
                self.error[i],
                probes,
                self._tick,
            )

    def _tick(self, n: int) -> None:
        self._done += n
        if self.progress:
            self.progress(self._done, self._all)

    def _result(self, chips: dict[int, ChipRun]) -> Result:
        data, tiles = self.data, self.tiles
        end = self.first + data.x_code.shape[1]
        state = RunState(
            end,
            self.chip_states,
            ReferenceState(end, self.reference.x, self.reference.pooled),
            self.y_reference,
        )
        runs = list(chips.values())
        saturated = {name: sum(r.tallies[name].saturated for r in runs) for name in runs[0].tallies}
        converted = {name: sum(r.converted(name) for r in runs) for name in runs[0].tallies}
        events = runs[0].events()
        for r in runs[1:]:
            events = events + r.events()
        return Result(
            tiles.chips,
            data.first_sequence + np.arange(len(data)),
            np.stack([self.chip_states[c].y_code for c in tiles.chips]),
            self.y_reference,
            data.lengths <= end,
            data.labels,
            self.error,
            self.square,
            events,
            saturated,
            converted,
            effective_state_bits(runs[0].bound, tiles.hardware),
            self.recorded,
            state,
            {"build": tiles.seed, "run": self.seed},
            {"model": self.model.digest, "chip": tiles.hardware.digest(), "data": data.digest},
            tiles.hardware.mapping.noise_form,
        )


def _empty_probe(model: Model, name: str, n: int, n_steps: int) -> Ints:
    """Return zeros for a probe: codes of a layer, or of a state (``name/x``)."""
    if name.endswith("/x"):
        layer = model.by_name[name[:-2]]
        assert isinstance(layer, S4D)
        return np.zeros((n, n_steps, 2 if layer.is_complex else 1, layer.n_modes), dtype=np.int64)
    return np.zeros((n, n_steps, model.widths[name]), dtype=np.int64)
