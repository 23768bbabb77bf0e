"""Pairs as physical arrays: both layouts compute the same sums."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.pairs import paired, physical_array, physical_drive
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.hardware import Wires


@pytest.mark.parametrize("pair", ["bitlines", "unit_cell"])
@pytest.mark.parametrize("ohm", [0.0, 2.0])
def test_a_pair_gives_the_current_of_the_physical_array(pair, ohm):
    rng = np.random.default_rng(51)
    pairs_S, v_V = rng.uniform(0.0, 1.0e-4, (5, 3, 2)), rng.uniform(-0.2, 0.2, 5)
    wires = Wires(wordline_ohm=ohm, bitline_ohm=ohm)
    effective = effective_matrix(physical_array(pairs_S, pair), wires)
    folded = paired(effective, pair)
    if not ohm:
        np.testing.assert_array_equal(folded, pairs_S)
    i_A = physical_drive(v_V, pair) @ effective
    if pair == "bitlines":
        i_A = i_A[0::2] - i_A[1::2]
    np.testing.assert_allclose(v_V @ (folded[..., 0] - folded[..., 1]), i_A, rtol=1e-12)
