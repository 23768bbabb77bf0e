"""Measure matrix-vector products on a chip: analog outputs against exact ones, matrix by matrix."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from aimc_sim.analysis.mvm_exact import exact_outputs
from aimc_sim.analysis.mvm_figures import mvm_figures
from aimc_sim.analysis.mvm_measure import MatrixMeasure, MvmMeasure
from aimc_sim.analysis.mvm_workload import Workload
from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.bound import BoundPhase
from aimc_sim.crossbar.calibrate import with_calibration
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
from aimc_sim.crossbar.telegraph import switching
from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.model.signal import Ints

BATCH = 64
"""Vectors read together; no figure depends on it."""
N_POINTS = 20_000
"""Pairs of outputs that a measurement keeps for its pictures, of each matrix."""
Progress = Callable[[int, int, str], None]
"""Called with (reads done, all of them, what is read)."""


def measure_mvm(
    workload: Workload,
    hardware: Hardware,
    *,
    seed: int = 0,
    n_chips: int = 1,
    age_s: float = 0.0,
    batch_size: int = BATCH,
    tiles: Tiles | None = None,
    progress: Progress | None = None,
) -> MvmMeasure:
    """Read every vector of a workload on chip instances and compare with exact integers.

    Parameters
    ----------
    workload : Workload
        Weights and vectors (`random_workload`, `model_workload`).
    hardware : Hardware
        What computes them, calibrated first if it asks for that.
    seed : int
        Build seed and run seed.
    n_chips : int
        Chip instances, each programmed anew.
    age_s : float
        Time since the reference read [s].
    batch_size : int
        Vectors read together; no figure depends on it.
    tiles : Tiles, optional
        Programmed already, with the same workload, hardware, seed and chips.
    progress : callable, optional
        Called with (reads done, all of them, what is read).

    Returns
    -------
    MvmMeasure
        Figures of each matrix and chip.

    Notes
    -----
    Vector i is read as step 0 of sequence i of a run: lasting noise is that of the chip, and what
    varies within a run is drawn anew for each vector.

    Examples
    --------
    >>> from aimc_sim import load_chip
    >>> from aimc_sim.analysis.mvm_workload import random_workload
    >>> chip = load_chip("examples/chips/ideal.yaml")
    >>> measure_mvm(random_workload(64, 16, 8), chip.hardware).values("eta")
    (0.0,)
    """
    if tiles is None:
        tiles = program_workload(workload, hardware, seed=seed, n_chips=n_chips)
    tiles, _ = with_calibration(tiles, age_s, seed)
    reads, found = _reads(tiles.plan, workload), []
    for i, (m, phase) in enumerate(reads):
        if progress is not None:
            progress(i, len(reads), f"{m.matrix.layer}/{m.matrix.name}")
        inputs = workload.of(m.matrix.layer, phase)
        found.append(_measure_phase(tiles, m, phase, inputs, seed, age_s, batch_size))
    return MvmMeasure(tiles.chips, tuple(found))


def _reads(plan: Plan, workload: Workload) -> list[tuple[MatrixPlan, Phase]]:
    """Return the phases of all matrices that a workload drives."""
    driven = [m for m in plan.matrices if m.matrix.layer in workload.inputs]
    return [(m, phase) for m in driven for phase in m.matrix.phases]


def program_workload(
    workload: Workload, hardware: Hardware, *, seed: int = 0, n_chips: int = 1
) -> Tiles:
    """Return the workload's matrices as written on chip instances."""
    return program(map_model(workload.model, hardware), hardware, seed=seed, n_chips=n_chips)


def _measure_phase(
    tiles: Tiles,
    m: MatrixPlan,
    phase: Phase,
    inputs: tuple[Ints, ...],
    seed: int,
    age_s: float,
    batch_size: int,
) -> MatrixMeasure:
    exact = exact_outputs(m.matrix, phase, inputs)
    peak = float(max(np.abs(exact).max(initial=0), 1))
    figures, some = [], []
    stride = max(exact.size * len(tiles.chips) // N_POINTS, 1) | 1  # odd: walks over all columns
    for chip in tiles.chips:
        setting = ReadSetting(tiles, chip, age_s, seed)
        analog, saturated = _read(setting, m, bind_phase(setting, m, phase), inputs, batch_size)
        figures.append(mvm_figures(exact, analog, saturated))
        some.append(analog.ravel()[::stride] / peak)
    name = f"{m.matrix.layer}/{m.matrix.name}"
    if len(m.matrix.phases) > 1:
        name += f"/{phase.name}"
    shape = (sum(codes.shape[1] for codes in inputs), exact.shape[1])
    points = np.tile(exact.ravel()[::stride] / peak, len(tiles.chips))
    return MatrixMeasure(name, shape, tuple(figures), points, np.concatenate(some))


def _read(
    setting: ReadSetting,
    m: MatrixPlan,
    bound: BoundPhase,
    inputs: tuple[Ints, ...],
    batch_size: int,
) -> tuple[Ints, float]:
    """Return the accumulators of all vectors, and the share of saturated conversions."""
    switched = {tile.tile_id: switching(setting, tile) for tile in m.tiles}
    levels: dict[int, npt.NDArray[np.uint8]] = {
        tile_id: cells.start for tile_id, cells in switched.items() if cells is not None
    }
    form, tally = setting.tiles.hardware.mapping.noise_form, Tally({})
    outputs, n = [], len(inputs[0])
    for start in range(0, n, batch_size):
        part = [codes[start : start + batch_size] for codes in inputs]
        sequence = np.arange(start, start + len(part[0]))
        here = {tile_id: np.tile(cells, (len(sequence), 1)) for tile_id, cells in levels.items()}
        outputs.append(read_phase(bound, part, Address(sequence, 0, here), form, tally))
    converted = n * len(bound.slices) * sum(len(read.out) for read in bound.reads)
    return np.concatenate(outputs), tally.saturated / converted if converted else 0.0
