"""Read a bound phase: input codes of a batch in, accumulators out; squared drives are tallied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aimc_sim.blas import share_of
from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.crossbar.held import add_flicker
from aimc_sim.crossbar.setting import Address
from aimc_sim.crossbar.tally import Tally
from aimc_sim.model.signal import Floats, Ints


def read_phase(
    bound: BoundPhase,
    inputs: Sequence[Ints],
    at: Address,
    noise_form: str,
    tally: Tally,
) -> Ints:
    """Read all tiles of a phase for a batch of sequences.

    Parameters
    ----------
    bound : BoundPhase
        From `bind_phase`.
    inputs : sequence of int arrays
        Codes of the driven vectors, each (n_sequences, n).
    at : Address
        Sequences, step, levels of telegraph noise.
    noise_form : {"bitline", "cell"}
        Which kernel draws the noise.
    tally : Tally
        Added to.

    Returns
    -------
    int array, shape (n_sequences, n_outputs)
        Accumulators of the vectors read, one after another.
    """
    n = len(at.sequence)
    n_references = sum(read.n_reference > 0 for read in bound.reads)
    acc = np.zeros((n, bound.n_outputs + n_references), dtype=np.int64)
    saturated = np.zeros(n, dtype=np.int64)
    for index, driven in enumerate(bound.slices):
        parts = [
            driven.slices[name].of(codes) if name in driven.slices else np.zeros_like(codes)
            for name, codes in zip(bound.phase.drives, inputs, strict=True)
        ]
        idle = np.zeros((n, 1), dtype=np.int64)  # what wordlines at 0 V gather
        x = np.concatenate([*parts, idle], axis=1)
        reference = bound.n_outputs
        for read in bound.reads:
            own = np.ascontiguousarray(x[:, read.gather])
            tally.add_x2(read, bound.phase.name, index, own)
            codes = _read(read, index, own, at, noise_form, saturated)
            _add(read, read.slices[index], codes, reference, acc)
            reference += read.n_reference > 0
    tally.saturated += int(saturated.sum())
    return _without_references(bound, acc)


def _without_references(bound: BoundPhase, acc: Ints) -> Ints:
    """Return the accumulators of the outputs, each tile's reference subtracted from its own."""
    reference = bound.n_outputs
    for read in bound.reads:
        if read.n_reference:
            acc[:, np.unique(read.out[: -read.n_reference])] += acc[:, reference : reference + 1]
            reference += 1
    return acc[:, : bound.n_outputs]


def _add(read: BoundRead, part: BoundSlice, codes: Ints, reference: int, acc: Ints) -> None:
    """Add converted codes to the accumulators, those of a reference column to one of its own."""
    from aimc_sim.crossbar import kernels

    out = read.out
    if read.n_reference:
        out = out.copy()
        out[-read.n_reference :] = reference
    weight = read.weight * part.sign
    kernels.accumulate(codes, part.scale, part.offset, out, weight, part.shift, acc)


def _read(
    read: BoundRead, index: int, x: Ints, at: Address, noise_form: str, saturated: Ints
) -> Ints:
    """Return the codes of all currents of a tile for one slice, (n_sequences, n_currents)."""
    from aimc_sim.crossbar import kernels

    part = read.slices[index]
    i = bitline_currents(read, index, x, at, noise_form)
    codes = np.empty(i.shape, dtype=np.int64)
    if part.adc is not None:
        part.adc.convert(i, part.lsb, at, codes, saturated)
    else:
        kernels.convert_uniform(i, part.lsb, part.code_min, part.code_max, codes, saturated)
    return codes


def bitline_currents(read: BoundRead, index: int, x: Ints, at: Address, noise_form: str) -> Floats:
    """Return what the converters of a tile see in one read.

    Parameters
    ----------
    read : BoundRead
        The tile in its phase.
    index : int
        Number of the read.
    x : int array, shape (n_sequences, n_wordlines)
        Slice codes of the wordlines.
    at : Address
        Sequences, step, levels of telegraph noise.
    noise_form : {"bitline", "cell"}
        Which kernel draws the white noise.

    Returns
    -------
    float array, shape (n_sequences, n_currents)
        [accumulator units of the read].
    """
    from aimc_sim.crossbar import kernels

    part = read.slices[index]
    drive = x.astype(np.float64) if read.dac is None else read.dac.drive(x, index, at)
    if read.wired is not None and read.wired.solved is not None:
        return read.wired.sums.of(read.wired.solved.currents(drive, part.v_lsb_V))
    i = np.zeros((len(x), len(read.out)))
    extra = _extra(read, part, drive, at)
    draws = (part.key, at.sequence, at.step)
    sums = (drive, read.g, extra, i, read.dac is None)  # without faults, drives are integers
    if read.variance is None:
        kernels.sum_quiet(*sums, share_of(len(x)))
    elif noise_form == "bitline":
        n_lanes = int(read.lane.max()) + 1
        kernels.sum_bitline(*sums, share_of(len(x)), read.variance, read.lane, n_lanes, *draws)
    else:
        assert read.sigma is not None
        assert read.device_of is not None
        n_draws = int(read.device_of.max()) + 1
        kernels.sum_cell(*sums, 1, read.sigma, read.device_of, n_draws, *draws)
    if read.wired is not None and read.wired.noise is not None:
        levels = at.levels.get(read.tile.tile_id)
        i += read.wired.sums.of(read.wired.noise.currents(drive, at, part.key, levels))
    if read.voltage is not None:
        i *= read.voltage.factor(_sum_noise_S(read, part, at) if read.is_noisy else None)
    return i


def _sum_noise_S(read: BoundRead, part: BoundSlice, at: Address) -> Floats:
    """Return what noise adds to the sums of conductances, (n_sequences, n_currents) [S]."""
    from aimc_sim.crossbar import kernels

    n, n_wordlines = len(at.sequence), len(read.wordlines)
    ones, none = np.ones((n, n_wordlines)), np.zeros((n, len(read.out)))
    sums_S = np.zeros_like(none)
    if read.voltage is not None and read.voltage.sigma_S is not None:
        assert read.device_of is not None
        kernels.sum_cell(
            ones, np.zeros_like(read.g), none, sums_S, True, 1, read.voltage.sigma_S,
            read.device_of, int(read.device_of.max()) + 1, part.key, at.sequence, at.step,
        )  # fmt: skip
    _add_lasting(read, ones, at, sums_S, of_sums=True)
    return sums_S


def _extra(read: BoundRead, part: BoundSlice, drive: Floats, at: Address) -> Floats:
    """Return what curvature and lasting noise add to the currents, (n_sequences, n_currents)."""
    extra = np.zeros((len(drive), len(read.out)))
    if part.curve is not None:  # sums on a grid: exact in any order
        first, second = (np.abs(drive), drive) if part.is_pulse else (np.square(drive), drive**3)
        extra += first @ part.curve[0] + second @ part.curve[1]
    _add_lasting(read, drive, at, extra, of_sums=False)
    return extra


def _add_lasting(
    read: BoundRead, drive: Floats, at: Address, extra: Floats, *, of_sums: bool
) -> None:
    """Add what lasting noise adds to currents [accumulator units], or to conductances [S]."""
    from aimc_sim.crossbar.kernels_correlated import add_telegraph

    if read.flicker is not None:
        entries = read.flicker.entries
        amount = entries.amount_S if of_sums else entries.amount
        add_flicker(read.flicker, drive, amount, at, extra)
    if read.telegraph is not None:
        t, levels = read.telegraph, at.levels[read.tile.tile_id]
        pair = (t.low_S, t.high_S) if of_sums else (t.low, t.high)
        add_telegraph(drive, t.cell, t.source, t.current, *pair, levels, extra)
