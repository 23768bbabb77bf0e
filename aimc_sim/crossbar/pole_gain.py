"""Pole calibration: each mode's block of A is read, and one digital gain a mode follows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.patterns import patterns_that_fit
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
from aimc_sim.crossbar.telegraph import switching
from aimc_sim.crossbar.tile import POLE_GAIN_BITS, PoleGains
from aimc_sim.events import Key
from aimc_sim.mapping.matrix import Matrix, Phase
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream

Complexes = npt.NDArray[np.complex128]
MAX_GAIN = 4.0
"""Largest magnitude of a gain; a mode that would need more is left as it is."""


def state_phase(matrix: Matrix) -> Phase | None:
    """Return the phase that reads the next state from the state; None where A is digital."""
    return next((p for p in matrix.phases if "x" in p.drives and "x" in p.reads), None)


def pole_gains(setting: ReadSetting, m: MatrixPlan, counts: dict[Key, int]) -> PoleGains | None:
    r"""Measure the blocks of A of a matrix and return what puts their poles right.

    Parameters
    ----------
    setting : ReadSetting
        Which chip, when; purpose "calibrate".
    m : MatrixPlan
        A matrix, perhaps with A on it.
    counts : dict
        Reads are added.

    Returns
    -------
    PoleGains or None
        None where A is digital.

    Notes
    -----
    All modes are read at once with random signs at full scale (less where calibrated ranges would
    saturate: `aimc_sim.crossbar.patterns`), through the chip's own DACs, ADCs
    and noise. The block :math:`M` of a mode is the least squares of what came out against what
    went in; :math:`\mu` is the complex number nearest to it, :math:`s` what it is meant to be, and
    :math:`1` the digital identity (0 where A itself is stored). The gain :math:`\gamma` acts on the
    analog sum before the identity is added: ``complex`` takes :math:`\gamma = s / \mu`,
    ``magnitude`` the real :math:`\gamma` next to 1 with
    :math:`|1 + \gamma \mu| = |1 + s|`. Where B shares the bitlines, it is multiplied as well.
    """
    phase = state_phase(m.matrix)
    if phase is None:
        return None
    rows, cols = m.matrix.input("x").lines, m.matrix.output("x").lines
    assert m.matrix.mode_of_col is not None, "A is a tensor of kernels"
    n_modes = int(m.matrix.mode_of_col.max(initial=-1)) + 1
    if not n_modes:
        return None
    parts = len(rows) // n_modes
    one = np.zeros(n_modes, dtype=np.int64) if m.matrix.identity is None else m.matrix.identity
    x, y = _measured(setting, m, phase, counts)
    pairs = [v.reshape(len(v), parts, n_modes).transpose(2, 0, 1) for v in (x, y)]
    measured = np.array([_as_number(_block(*pair)) for pair in zip(*pairs, strict=True)])
    meant = _meant(m.matrix, rows.reshape(parts, n_modes), cols.reshape(parts, n_modes))
    kind = setting.tiles.hardware.mapping.pole_gain
    gain = _complex(measured, meant) if kind == "complex" else _magnitude(measured, meant, one)
    unit = 1 << POLE_GAIN_BITS
    return PoleGains(
        np.rint(gain.real * unit).astype(np.int64), np.rint(gain.imag * unit).astype(np.int64)
    )


def _measured(
    setting: ReadSetting, m: MatrixPlan, phase: Phase, counts: dict[Key, int]
) -> tuple[Floats, Floats]:
    """Return patterns of the state and what they give, (n_patterns, n_x) each."""
    hardware, bound = setting.tiles.hardware, bind_phase(setting, m, phase)
    n = hardware.calibration.n_patterns
    full: list[Ints] = []
    for name in phase.drives:
        vector = m.matrix.input(name)
        size = len(vector.lines)
        named = stream(setting.seed, "pole_gain", m.matrix.layer, m.matrix.name, phase.name, name)
        signs = np.where(named.uniform(n * size).reshape(n, size) < 0.5, -1, 1)
        peak = (1 << (vector.bits - 1)) - 1 if name == "x" else 0
        full.append(signs * peak)
    levels = {}
    for read in bound.reads:
        cells = switching(setting, read.tile)
        if cells is not None:
            levels[read.tile.tile_id] = np.tile(cells.start, (n, 1))
    at = Address(np.arange(n), 0, levels)
    n_converted = n * len(bound.slices) * sum(len(read.out) for read in bound.reads)

    def saturated(patterns: tuple[Ints, ...]) -> float:
        tally = Tally({})
        read_phase(bound, patterns, at, hardware.mapping.noise_form, tally)
        return tally.saturated / max(n_converted, 1)

    inputs, n_tried = patterns_that_fit(hardware, tuple(full), saturated)
    for read in bound.reads:
        key = (read.tile.layer, read.tile.tile_id, "calibrate.read")
        n_reads = n * len(bound.slices) * len(read.out)
        counts[key] = counts.get(key, 0) + n_reads * (1 + n_tried)
    acc = read_phase(bound, inputs, at, hardware.mapping.noise_form, Tally({}))
    first = sum(len(m.matrix.output(v).lines) for v in phase.reads[: phase.reads.index("x")])
    x = inputs[phase.drives.index("x")]
    return x.astype(np.float64), acc[:, first : first + x.shape[1]].astype(np.float64)


def _block(x: Floats, y: Floats) -> Floats:
    """Return the least squares of y = x M, (parts, parts), from (n_patterns, parts) each."""
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)


def _as_number(block: Floats) -> complex:
    """Return the complex number nearest to a real block [from, to]."""
    if block.shape == (1, 1):
        return complex(block[0, 0])
    return complex((block[0, 0] + block[1, 1]) / 2.0, (block[0, 1] - block[1, 0]) / 2.0)


def _meant(matrix: Matrix, rows: Ints, cols: Ints) -> Complexes:
    """Return what is stored of each mode, in codes; rows and cols are [part, mode]."""
    out = np.empty(rows.shape[1], dtype=np.complex128)
    for block in matrix.blocks:
        last_row, last_col = block.row0 + block.codes.shape[0], block.col0 + block.codes.shape[1]
        inside = ((rows >= block.row0) & (rows < last_row)).all(axis=0)
        inside &= ((cols >= block.col0) & (cols < last_col)).all(axis=0)
        for mode in np.flatnonzero(inside):
            at = np.ix_(rows[:, mode] - block.row0, cols[:, mode] - block.col0)
            out[mode] = _as_number(block.codes[at].astype(np.float64))
    return out


def _complex(measured: Complexes, meant: Complexes) -> Complexes:
    """Return the gains that put whole poles right."""
    known = np.abs(measured) > 0.0
    gain = np.where(known, meant / np.where(known, measured, 1.0), 1.0)
    return np.where(np.abs(gain) <= MAX_GAIN, gain, 1.0)


def _magnitude(measured: Complexes, meant: Complexes, one: Ints) -> Complexes:
    """Return the real gains next to 1 that put magnitudes of poles right.

    Notes
    -----
    ``|one + g mu|^2 = |one + s|^2`` is ``|mu|^2 g^2 + 2 one Re(mu) g + one^2 - |one + s|^2 = 0``;
    where no real g solves it, the one that comes nearest is taken.
    """
    square = np.square(np.abs(measured))
    known = square > 0.0
    a, b = np.where(known, square, 1.0), one * measured.real
    c = np.square(one.astype(np.float64)) - np.square(np.abs(one + meant))
    root = np.sqrt(np.maximum(b * b - a * c, 0.0))
    roots = np.stack([(-b + root) / a, (-b - root) / a])
    nearest = np.argmin(np.abs(roots - 1.0), axis=0)
    gain = np.take_along_axis(roots, nearest[None], axis=0)[0]
    usable = known & (gain > 0.0) & (gain <= MAX_GAIN)
    return np.where(usable, gain, 1.0).astype(np.complex128)
