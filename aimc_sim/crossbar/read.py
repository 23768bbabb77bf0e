"""Read a bound phase: input codes of a batch in, accumulators out; squared drives are tallied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.bound import BoundPhase, BoundRead, BoundSlice
from aimc_sim.model.signal import Ints


@dataclass
class Tally:
    """What reads add up: squared codes per wordline, saturated conversions; exact integers.

    Parameters
    ----------
    x2 : dict
        ``(tile_id, phase, slice) -> int64 array (n_wordlines,)``.
    saturated : int
        Conversions that met an end of the range.
    """

    x2: dict[tuple[int, str, int], Ints]
    saturated: int = 0

    def add_x2(self, read: BoundRead, phase: str, index: int, x: Ints) -> None:
        """Add the squares of a batch of slice codes, shape (n_sequences, n_wordlines)."""
        key = (read.tile.tile_id, phase, index)
        square = np.einsum("br,br->r", x, x)
        self.x2[key] = self.x2[key] + square if key in self.x2 else square


def read_phase(
    bound: BoundPhase,
    inputs: Sequence[Ints],
    sequence: Ints,
    step: int,
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
    sequence : int array, shape (n_sequences,)
        Index of each sequence in its file.
    step : int
        Time step.
    noise_form : {"bitline", "cell"}
        Which kernel draws the noise.
    tally : Tally
        Added to.

    Returns
    -------
    int array, shape (n_sequences, n_outputs)
        Accumulators of the vectors read, one after another.
    """
    n = len(sequence)
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
            _read(read, read.slices[index], x, sequence, step, noise_form, acc, saturated)
    tally.saturated += int(saturated.sum())
    return acc


def _read(
    read: BoundRead,
    part: BoundSlice,
    x: Ints,
    sequence: Ints,
    step: int,
    noise_form: str,
    acc: Ints,
    saturated: Ints,
) -> None:
    """Call the kernel that fits: without noise, one draw a bitline, or one a device."""
    from aimc_sim.crossbar import kernels

    common = (
        x,
        read.gather,
        read.g,
        part.lsb,
        part.code_min,
        part.code_max,
        read.out,
        read.sign,
        part.shift,
        acc,
        saturated,
    )
    if read.sigma is None or read.variance is None:
        kernels.read_quiet(*common)
    elif noise_form == "bitline":
        kernels.read_bitline(
            *common, read.variance, read.lane, int(read.lane.max()) + 1, part.key, sequence, step
        )
    else:
        kernels.read_cell(*common, read.sigma, read.device_of, part.key, sequence, step)
