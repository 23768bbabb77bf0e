"""Correlated 1/f noise at a step: draws are kept for as long as their holds last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.flicker import LANES, BoundFlicker, Words
from aimc_sim.crossbar.setting import Address
from aimc_sim.model.signal import Floats, Ints

MOST_KEPT = 1 << 26
"""Draws of a tile that are kept for a batch, 256 MiB; where there are more, all are drawn anew."""

Singles = npt.NDArray[np.float32]


class HeldNoise:
    """Standard normals of the devices of a tile, for a batch, from step to step.

    Parameters
    ----------
    flicker : BoundFlicker
        Holds and streams.
    n_sequences : int
        Of the batch; later steps may have fewer, which are the first of them.

    Notes
    -----
    What is kept is what would be drawn: a value follows from its address, and the sum over
    octaves is taken in the same order. So no result depends on whether anything is kept.
    """

    def __init__(self, flicker: BoundFlicker, n_sequences: int) -> None:
        self.flicker = flicker
        n_octaves, n_blocks = flicker.period.shape
        self.drawn = np.empty((n_sequences, n_octaves, LANES * n_blocks), dtype=np.float32)
        self.z = np.empty((n_sequences, LANES * n_blocks), dtype=np.float32)
        self.step: int | None = None
        self.held: Words | None = None

    def serves(self, flicker: BoundFlicker) -> bool:
        """Tell whether devices are those whose draws are kept; holds and weights may differ."""
        mine = self.flicker
        return flicker is mine or (
            flicker.period.shape == mine.period.shape and np.array_equal(flicker.block, mine.block)
        )

    def at(self, flicker: BoundFlicker, sequence: Ints, step: int) -> Singles:
        """Return the normals at a step, shape (n_sequences, 4 n_blocks)."""
        from aimc_sim.crossbar.kernels_correlated import redraw

        n = len(sequence)
        if flicker is not self.flicker or step != self.step:
            held = flicker.held(step)
            octave, moved = np.nonzero(_moved(self.held, held))
            first = np.searchsorted(octave, np.arange(len(held) + 1))
            redraw(
                flicker.keys, flicker.weight, sequence, first, moved, flicker.block[moved],
                held[octave, moved], self.drawn, self.z,
            )  # fmt: skip
            self.flicker, self.step, self.held = flicker, step, held
        return self.z[:n]


def _moved(before: Words | None, now: Words) -> npt.NDArray[np.bool_]:
    """Tell which octaves of which blocks began a hold."""
    return np.ones(now.shape, dtype=np.bool_) if before is None else before != now


def held_noise(flicker: BoundFlicker, at: Address) -> Singles:
    """Return the normals of a tile's devices where a batch stands.

    Parameters
    ----------
    flicker : BoundFlicker
        Of the tile in its phase.
    at : Address
        Sequences and step, and what is kept between steps.

    Returns
    -------
    float32 array, shape (n_sequences, 4 n_blocks)
        Of the devices of each block, one after another.
    """
    from aimc_sim.crossbar.kernels_correlated import draw

    n, n_blocks = len(at.sequence), len(flicker.block)
    if at.kept is None or n * LANES * flicker.period.size > MOST_KEPT:
        z = np.zeros((n, LANES * n_blocks), dtype=np.float32)
        draw(flicker.keys, flicker.weight, at.sequence, flicker.held(at.step), flicker.block, z)
        return z
    found = at.kept.get(flicker.place)
    if not isinstance(found, HeldNoise) or not found.serves(flicker):
        found = at.kept[flicker.place] = HeldNoise(flicker, n)
    return found.at(flicker, at.sequence, at.step)


def add_flicker(
    flicker: BoundFlicker, drive: Floats, amount: Floats, at: Address, out: Floats
) -> None:
    """Add correlated 1/f noise to the currents of a batch.

    Parameters
    ----------
    flicker : BoundFlicker
        Of the tile in its phase.
    drive : float array, shape (n_sequences, n_wordlines)
        What drives each wordline, in input codes.
    amount : float array, shape (n_entries,)
        Spread of each entry [units of `out` for code 1].
    at : Address
        Sequences and step, and what is kept between steps.
    out : float array, shape (n_sequences, n_currents)
        Added to.
    """
    from aimc_sim.crossbar.kernels_correlated import add_entries

    entries = flicker.entries
    z = held_noise(flicker, at)
    add_entries(drive, entries.source, entries.current, amount, flicker.slot, z, out)
