"""Read a bound phase: input codes of a batch in, accumulators out; squared drives are tallied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.crossbar.setting import Address
from aimc_sim.model.signal import Floats, Ints

INT64_SAFE = 1 << 62


class SquareSum:
    """A sum of squares per wordline without an end: int64 while that is safe, then Python integers.

    Parameters
    ----------
    n : int
        Wordlines.
    """

    def __init__(self, n: int) -> None:
        self.whole = [0] * n
        self.pending = np.zeros(n, dtype=np.int64)
        self.bound = 0

    def add(self, x: Ints) -> None:
        """Add the squares of a batch of codes, shape (n_sequences, n)."""
        peak = max(int(x.max(initial=0)), -int(x.min(initial=0)))
        bound = peak * peak * len(x)
        if bound >= INT64_SAFE:
            squares = np.square(x.astype(object)).sum(axis=0)
            self.whole = [a + int(b) for a, b in zip(self.whole, squares, strict=True)]
            return
        if self.bound + bound >= INT64_SAFE:
            self.whole, self.bound = list(self.total()), 0
            self.pending[:] = 0
        self.pending += np.einsum("br,br->r", x, x)
        self.bound += bound

    def total(self) -> tuple[int, ...]:
        """Return the sums so far."""
        return tuple(a + int(b) for a, b in zip(self.whole, self.pending, strict=True))


@dataclass
class Tally:
    """What reads add up: squared codes per wordline, saturated conversions; exact integers.

    Parameters
    ----------
    x2 : dict
        ``(tile_id, phase, slice) -> SquareSum``.
    saturated : int
        Conversions that met an end of the range.
    """

    x2: dict[tuple[int, str, int], SquareSum]
    saturated: int = 0

    def add_x2(self, read: BoundRead, phase: str, index: int, x: Ints) -> None:
        """Add the squares of a batch of slice codes, shape (n_sequences, n_wordlines)."""
        key = (read.tile.tile_id, phase, index)
        if key not in self.x2:
            self.x2[key] = SquareSum(x.shape[1])
        self.x2[key].add(x)

    def squares(self, read: BoundRead, phase: str, index: int) -> tuple[int, ...] | None:
        """Return the sums of a read's slice, one a wordline; None if it was never read."""
        found = self.x2.get((read.tile.tile_id, phase, index))
        return None if found is None else found.total()


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
    acc = np.zeros((n, bound.n_outputs), dtype=np.int64)
    saturated = np.zeros(n, dtype=np.int64)
    for index, slices in enumerate(bound.slices):
        parts = [
            slices[name].of(codes) if name in slices else np.zeros_like(codes)
            for name, codes in zip(bound.phase.drives, inputs, strict=True)
        ]
        x = np.ascontiguousarray(np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0])
        for read in bound.reads:
            tally.add_x2(read, bound.phase.name, index, x[:, read.gather])
            _read(read, read.slices[index], x, at, noise_form, acc, saturated)
    tally.saturated += int(saturated.sum())
    return acc


def _read(
    read: BoundRead,
    part: BoundSlice,
    x: Ints,
    at: Address,
    noise_form: str,
    acc: Ints,
    saturated: Ints,
) -> None:
    """Call the kernel that fits: without white noise, one draw a bitline, or one a device."""
    from aimc_sim.crossbar import kernels

    common = (
        x,
        read.gather,
        read.g,
        _extra(read, part, x, at),
        part.lsb,
        part.scale,
        part.offset,
        part.code_min,
        part.code_max,
        read.out,
        read.sign,
        part.shift,
        acc,
        saturated,
    )
    draws = (part.key, at.sequence, at.step)
    if read.sigma is None or read.variance is None:
        kernels.read_quiet(*common)
    elif noise_form == "bitline":
        kernels.read_bitline(*common, read.variance, read.lane, int(read.lane.max()) + 1, *draws)
    else:
        kernels.read_cell(*common, read.sigma, read.device_of, *draws)


def _extra(read: BoundRead, part: BoundSlice, x: Ints, at: Address) -> Floats:
    """Return what curvature and lasting noise add to the currents, (n_sequences, n_currents)."""
    extra = np.zeros((len(x), len(read.out)))
    if part.curve is not None:  # sums on a grid: exact in any order
        driven = x[:, read.gather].astype(np.float64)
        extra += np.square(driven) @ part.curve[0] + driven**3 @ part.curve[1]
    if read.flicker is not None:
        from aimc_sim.crossbar.kernels_correlated import add_flicker

        f, e = read.flicker, read.flicker.entries
        add_flicker(
            x, f.block, f.start, e.number, e.source, e.current, e.amount, f.held(at.step),
            f.weight, f.keys, at.sequence, extra,
        )  # fmt: skip
    if read.telegraph is not None:
        from aimc_sim.crossbar.kernels_correlated import add_telegraph

        t, levels = read.telegraph, at.levels[read.tile.tile_id]
        add_telegraph(x, t.cell, t.source, t.current, t.low, t.high, levels, extra)
    return extra
