"""Drives of wordlines equal their plain double, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.kernels_drive import drive_batch
from aimc_sim.rng import stream_key
from tests.unit.converters.drawn import draw_of
from tests.unit.converters.test_dac import FAULTY, stepped
from tests.unit.rng_oracle import gaussians

KEY = stream_key(3, "read", "jitter")


def driven(x, dac_of, levels, zero, jitter, key=KEY, sequence=None, step=0):
    """Return drives of wordlines that have an input each; exact levels where none are given."""
    if levels is None:
        zero = int(np.abs(x).max())
        levels = np.tile(np.arange(-zero, zero + 1.0), (int(dac_of.max()) + 1, 1))
    drive = np.full(x.shape, np.nan)
    sequence = np.arange(len(x)) if sequence is None else sequence
    gather = np.arange(x.shape[1])
    drive_batch(x, gather, dac_of, levels, zero, jitter, key, sequence, step, drive)
    return drive


@pytest.mark.parametrize("polarity", ["bipolar", "unipolar"])
@pytest.mark.parametrize("jitter", [0.0, 0.2])
def test_drives_equal_their_double(polarity, jitter):
    rng = np.random.default_rng(1)
    dac = stepped("pulse_width", 5, polarity=polarity, **FAULTY)
    levels = dac.levels(draw_of(1), 9)
    x = rng.integers(-dac.zero_index, 32, (20, 6))
    dac_of, sequence, step = rng.permutation(9)[:6], rng.integers(0, 2**32, 20), 2**40 + 1
    found = driven(x, dac_of, levels, dac.zero_index, jitter, KEY, sequence, step)
    for b, codes in enumerate(x):
        z = gaussians(KEY, int(sequence[b]), step, 9).astype(np.float64)[dac_of]
        expected = levels[dac_of, codes + dac.zero_index] + np.where(codes != 0, jitter * z, 0.0)
        np.testing.assert_array_equal(found[b], expected)


def test_exact_levels_drive_codes():
    x = np.random.default_rng(2).integers(-127, 128, (5, 4))
    assert (driven(x, np.array([3, 1, 0, 2]), None, 0, 0.0) == x).all()
