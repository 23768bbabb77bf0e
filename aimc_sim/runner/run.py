"""run: step a programmed model through data, on every chip, beside the integer reference."""

from __future__ import annotations

from dataclasses import replace

from aimc_sim.crossbar.calibrate import with_calibration
from aimc_sim.crossbar.settled import check_settled
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.model.network import Model
from aimc_sim.runner.check import check_call, check_data
from aimc_sim.runner.chip_run import ChipRun
from aimc_sim.runner.job import Job, Progress
from aimc_sim.runner.result import Result
from aimc_sim.runner.state import RunState

BATCH = 128


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

    Tiles whose hardware asks for it are calibrated first, unless `aimc_sim.calibrate` has done so;
    these reads are counted where a run begins.

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
        Time since the reference read, when the sequences start [s].
    state : RunState, optional
        Continue from here.
    first_sequence : int, optional
        Index of row 0 in its file, if other than the data says: the address of random draws.
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
        What does not fit, an unknown probe, an age or a read time that cannot be.
    """
    check_call(model, tiles, probes, seed, batch_size)
    check_data(model, tiles, data, state)
    if first_sequence is not None:
        data = replace(data, first_sequence=first_sequence)
    check_settled(tiles, age_s)
    tiles, reads = with_calibration(tiles, age_s, seed)
    chips = {c: ChipRun(model, tiles, c, age_s, seed) for c in tiles.chips}
    result = Job(model, tiles, data, chips, state, probes, progress).run(batch_size, seed)
    return replace(result, events=result.events + reads) if state is None else result
