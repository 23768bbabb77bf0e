"""stream: one endless sequence through programmed tiles, a step at a time, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from aimc_sim.blas import one_blas_thread
from aimc_sim.crossbar.calibrate import with_calibration
from aimc_sim.crossbar.settled import check_settled
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.model.network import Model
from aimc_sim.model.reference import first_state
from aimc_sim.model.signal import Ints
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.stretch import run_stretch
from aimc_sim.spec import InputError


def stream(
    model: Model,
    tiles: Tiles,
    source: Iterable[Ints],
    *,
    seed: int,
    age_s: float = 0.0,
    sequence: int = 0,
) -> Iterator[Ints]:
    """Yield the codes of the last layer before the pool, one array a step.

    Parameters
    ----------
    model : Model
        The model that the tiles were mapped from.
    tiles : Tiles
        Programmed tiles; the first chip is used.
    source : iterable of int arrays, each of shape (n_input,)
        Input codes, one array a step; may be endless.
    seed : int
        Run seed.
    age_s : float
        Time since the reference read when the stream starts [s].
    sequence : int
        Index that addresses the random draws; the same codes as sequence `sequence` of `run`.

    Yields
    ------
    int array, shape (n_channels,)
        Output codes of the step.

    Raises
    ------
    InputError
        Tiles of another model, or an input of another width or outside its codes.
    """
    if tiles.plan.model_digest != model.digest:
        raise InputError("tiles: they hold another model; map and program this one")
    check_settled(tiles, age_s)
    tiles, _ = with_calibration(tiles, age_s, seed)
    chip = ChipRun(model, tiles, tiles.chips[0], age_s, seed)
    stepper = Stepper(chip, np.array([sequence]))
    for step, codes in enumerate(source):
        yield stepper.step(step, _checked(model, step, codes))


class Stepper:
    """One sequence on one chip, a step at a time: compiled as one where the network is covered.

    Parameters
    ----------
    chip : ChipRun
        Where.
    sequence : int array, shape (1,)
        Its index.
    """

    def __init__(self, chip: ChipRun, sequence: Ints) -> None:
        self.chip, self.sequence = chip, sequence
        self.x, self.levels = first_state(chip.model, 1).x, chip.first_levels(1)
        self.kept: dict[str, object] = {}
        last = chip.model.pool.input
        self.last, self.golden = last, np.zeros((1, 1, chip.model.widths[last]), dtype=np.int64)

    def step(self, step: int, row: Ints) -> Ints:
        """Return the codes of the last layer before the pool; states change in place."""
        chip, n_active = self.chip, np.array([1])
        at = chip.address(self.sequence, step, self.levels, self.kept)
        schedule = chip.schedule
        if schedule is None:
            with one_blas_thread():
                codes = chip.step(row, self.x, at, n_active)[self.last]
                return np.asarray(codes[0])
        found = run_stretch(
            schedule, chip.model.pool, self.sequence, step, n_active, row[:, None], self.x,
            np.zeros_like(self.golden[0]), self.golden, (self.last,), self.kept,
        )  # fmt: skip
        return np.asarray(found.recorded[self.last][0, 0])


def _checked(model: Model, step: int, codes: Ints) -> Ints:
    """Return the codes of a step, shape (1, n_input).

    Raises
    ------
    InputError
        They are not those of the model's input.
    """
    row, signal = np.asarray(codes, dtype=np.int64)[None], model.input
    if row.shape != (1, model.n_input):
        raise InputError(
            f"stream: step {step} has shape {row.shape[1:]}; expected ({model.n_input},)"
        )
    if row.min() < signal.code_min or row.max() > signal.code_max:
        raise InputError(
            f"stream: step {step} holds codes {row.min()}..{row.max()}; "
            f"allowed {signal.code_min}..{signal.code_max}"
        )
    return row
