"""calibrate: known patterns are read, and digital gains and offsets follow from what comes out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.bound import BoundPhase, BoundRead
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.patterns import patterns_that_fit
from aimc_sim.crossbar.pole_gain import pole_gains
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
from aimc_sim.crossbar.telegraph import switching
from aimc_sim.crossbar.tile import Correction, PoleGains, Tiles
from aimc_sim.events import Events, Key
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream


def calibrate(tiles: Tiles, *, age_s: float, seed: int) -> Tiles:
    r"""Return tiles with corrections for one age, as ``hardware`` asks.

    Parameters
    ----------
    tiles : Tiles
        Programmed tiles; corrections that they have are replaced.
    age_s : float
        Time since the reference read [s]: when the patterns are read.
    seed : int
        Seed of the patterns and of the noise of their reads.

    Returns
    -------
    Tiles
        With ``corrections``, and the reads added to ``events``.

    Raises
    ------
    InputError
        A device that cannot be read at that age.

    Notes
    -----
    With R the converted outputs of the patterns (noise and converters included), R_0 those of a
    reference read at the first age the device is known at and the temperature it was written at,
    and E what exact weights would give:

    - ``global``: one gain a tile and phase, :math:`\sum|R_0| / \sum|R|` over patterns and bitlines;
    - ``per_bitline``: the same sums over patterns, one gain a bitline;
    - ``affine``: gain and offset of each bitline, the least squares of E against R.

    ``hardware.mapping.pole_gain`` adds one gain a mode of the recurrences that are analog
    (`aimc_sim.crossbar.pole_gain`), measured with the corrections above in place.

    Where the ranges of the converters are calibrated, the patterns of each tile are weak enough for
    them (`aimc_sim.crossbar.patterns`). Gain and offset are applied to the converter's codes,
    digitally. A run that lasts keeps the corrections of its start.

    References
    ----------
    V. Joshi et al., Nat. Commun. 11, 2473 (2020) (global drift compensation); M. Hu et al., Adv.
    Mater. 2018 (linear, per column, from 100 patterns).
    """
    bare = replace(tiles, corrections={}, pole_gains={}, calibrated_age_s=None)
    if not asks_for_calibration(tiles):
        return bare
    corrections: dict[tuple[int, int, str], Correction] = {}
    counts: dict[Key, int] = {}
    kind = tiles.hardware.calibration.kind
    for m in tiles.plan.matrices if kind != "none" else ():
        for phase in m.matrix.phases:
            inputs = _patterns(m, phase, tiles.hardware.calibration.n_patterns, seed)
            for chip in tiles.chips:
                setting = ReadSetting(bare, chip, age_s, seed, "calibrate")
                _calibrate_phase(setting, m, phase, inputs, corrections, counts)
    found = replace(bare, corrections=corrections, calibrated_age_s=age_s)
    if tiles.hardware.mapping.pole_gain != "none":
        found = replace(found, pole_gains=_pole_gains(found, age_s, seed, counts))
    return replace(found, events=tiles.events + Events(counts))


def asks_for_calibration(tiles: Tiles) -> bool:
    """Return whether the hardware asks for corrections, of converters or of poles."""
    hardware = tiles.hardware
    return hardware.calibration.kind != "none" or hardware.mapping.pole_gain != "none"


def _pole_gains(
    tiles: Tiles, age_s: float, seed: int, counts: dict[Key, int]
) -> dict[tuple[int, str], PoleGains]:
    """Return the gains of all chips and layers, measured with the corrections that there are."""
    found = {}
    for m in tiles.plan.matrices:
        for chip in tiles.chips:
            gains = pole_gains(ReadSetting(tiles, chip, age_s, seed, "calibrate"), m, counts)
            if gains is not None:
                found[chip, m.matrix.layer] = gains
    return found


def with_calibration(tiles: Tiles, age_s: float, seed: int) -> tuple[Tiles, Events]:
    """Return tiles that are calibrated if their hardware asks for it, and the reads made for that.

    Tiles that were calibrated before, at whatever age, are returned as they are.
    """
    if not asks_for_calibration(tiles) or tiles.calibrated_age_s is not None:
        return tiles, Events()
    found = calibrate(replace(tiles, events=Events()), age_s=age_s, seed=seed)
    return replace(found, events=tiles.events), found.events


def _as_written(tiles: Tiles) -> Tiles:
    """Return the tiles at the temperature that they were written at."""
    return replace(tiles, hardware=tiles.hardware.model_copy(update={"temperature_K": None}))


def _patterns(m: MatrixPlan, phase: Phase, n: int, seed: int) -> tuple[Ints, ...]:
    """Return random codes over the range of each vector that a phase drives, (n, length)."""
    found = []
    for name in phase.drives:
        vector = m.matrix.input(name)
        length = len(vector.lines)
        named = stream(seed, "calibrate", m.matrix.layer, m.matrix.name, phase.name, name)
        u = named.uniform(n * length).reshape(n, length)
        low = -(1 << (vector.bits - 1)) if vector.signed else 0
        found.append((low + np.floor(u * (1 << vector.bits))).astype(np.int64))
    return tuple(found)


def _calibrate_phase(
    setting: ReadSetting,
    m: MatrixPlan,
    phase: Phase,
    inputs: tuple[Ints, ...],
    corrections: dict[tuple[int, int, str], Correction],
    counts: dict[Key, int],
) -> None:
    """Read the patterns on every tile of a phase; enter corrections and counts."""
    kind = setting.tiles.hardware.calibration.kind
    first_s = setting.tiles.hardware.device.first_age_s
    bound = bind_phase(setting, m, phase)
    reference = None
    if kind != "affine":
        at_first = replace(
            setting, tiles=_as_written(setting.tiles), age_s=first_s, purpose="reference"
        )
        reference = bind_phase(at_first, m, phase)
    for i, read in enumerate(bound.reads):
        judge = bound if reference is None else reference
        own, n_tried = patterns_that_fit(
            setting.tiles.hardware, inputs, partial(_saturated, setting, judge, judge.reads[i])
        )
        found, _ = _outputs(setting, bound, read, own)
        if reference is None:
            correction = _affine(found, _exact(setting, m, bound, read, own))
        else:
            first, _ = _outputs(setting, reference, reference.reads[i], own)
            correction = _gains(found, first, one=kind == "global")
        corrections[setting.chip, read.tile.tile_id, phase.name] = correction
        action = "calibrate.read" if kind == "affine" else "compensate.read"
        times = n_tried + (1 if kind == "affine" else 2)
        key = (read.tile.layer, read.tile.tile_id, action)
        n = times * len(inputs[0]) * len(bound.slices) * len(read.out)
        counts[key] = counts.get(key, 0) + n


def _saturated(
    setting: ReadSetting, bound: BoundPhase, read: BoundRead, inputs: tuple[Ints, ...]
) -> float:
    """Return the share of the conversions of one tile that patterns saturate."""
    found, n_saturated = _outputs(setting, bound, read, inputs)
    return n_saturated / max(found.size * len(bound.slices), 1)


def _outputs(
    setting: ReadSetting, bound: BoundPhase, read: BoundRead, inputs: tuple[Ints, ...]
) -> tuple[Floats, int]:
    """Return what each current of one tile converts to, all slices added, (n_patterns, n).

    Saturated conversions are counted.
    """
    n, n_patterns = len(read.out), len(inputs[0])
    alone = replace(read, out=np.arange(n), weight=np.ones(n, dtype=np.int64), n_reference=0)
    cells = switching(setting, read.tile)
    levels = {} if cells is None else {read.tile.tile_id: np.tile(cells.start, (n_patterns, 1))}
    at = Address(np.arange(n_patterns), 0, levels)
    form = setting.tiles.hardware.mapping.noise_form
    tally = Tally({})
    acc = read_phase(replace(bound, n_outputs=n, reads=(alone,)), inputs, at, form, tally)
    return acc.astype(np.float64), tally.saturated


def _exact(
    setting: ReadSetting,
    m: MatrixPlan,
    bound: BoundPhase,
    read: BoundRead,
    inputs: tuple[Ints, ...],
) -> Floats:
    """Return what exact conductances would give, pedestal included, (n_patterns, n)."""
    weights = TileLines(setting, m, bound.phase, read.tile).exact()
    total = np.zeros((len(inputs[0]), sum(bound.widths)))
    for driven in bound.slices:
        parts = [
            driven.slices[name].of(codes) if name in driven.slices else np.zeros_like(codes)
            for name, codes in zip(bound.phase.drives, inputs, strict=True)
        ]
        total += np.concatenate(parts, axis=1) * (driven.sign * 2.0**driven.shift)
    idle = np.zeros((len(total), 1))
    return np.asarray(np.concatenate([total, idle], axis=1)[:, read.gather] @ weights)


def _gains(found: Floats, first: Floats, *, one: bool) -> Correction:
    """Return the gains that put sums of magnitudes back to those of the reference read."""
    axis = None if one else 0
    now, then = np.abs(found).sum(axis=axis), np.abs(first).sum(axis=axis)
    usable = (now > 0.0) & (then > 0.0)
    gain = np.where(usable, then / np.where(usable, now, 1.0), 1.0)
    n = found.shape[1]
    return Correction(np.broadcast_to(gain, (n,)).astype(np.float64), np.zeros(n))


def _affine(found: Floats, exact: Floats) -> Correction:
    """Return gain and offset of each current, the least squares of `exact` against `found`."""
    mean, wanted = found.mean(axis=0), exact.mean(axis=0)
    spread = np.square(found - mean).sum(axis=0)
    usable = spread > 0.0
    slope = ((found - mean) * (exact - wanted)).sum(axis=0) / np.where(usable, spread, 1.0)
    gain = np.where(usable, slope, 1.0)
    return Correction(gain, wanted - gain * mean)
