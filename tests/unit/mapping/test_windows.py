"""Windows: each group's largest code takes the whole window, and a bitline has one step."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.window import full_codes
from tests.laws.build import hardware_of, kernel_model

WINDOWS = ("tensor", "tile", "kernel", "mode")


def plans(**mapping):
    """Yield matrices and tiles of kernels of several sizes, tied and free."""
    for tied in (True, False):
        for readout in ("old", "new"):
            model = kernel_model(tied=tied, readout=readout, n_states=(2, 1, 3), is_complex=True)
            plan = map_model(model, hardware_of(tile=(20, 40), **mapping))
            yield from ((m, tile) for m in plan.matrices for tile in m.tiles)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
def test_no_code_leaves_its_window_and_a_peak_takes_it(window, s4d):
    for m, tile in plans(s4d=s4d, window=window):
        full, codes = full_codes(m.matrix, tile, window), np.abs(tile.codes(m.matrix))
        assert (codes <= full).all()
        if window == "tensor":
            continue
        for value in np.unique(full[codes > 0]):
            assert (codes[full == value] == value).any()


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
def test_what_shares_a_bitline_in_a_read_has_one_step(window, s4d):
    for m, tile in plans(s4d=s4d, window=window):
        full = full_codes(m.matrix, tile, window)
        for phase in m.matrix.phases:
            rows, _ = m.lines_of(tile, phase.drives, "inputs")
            columns, _ = m.lines_of(tile, phase.reads, "outputs")
            part = full[np.ix_(rows, columns)]
            assert not part.size or (part == part[:1]).all()


@pytest.mark.parametrize("s4d", ["split", "fused"])
def test_smaller_groups_have_finer_windows(s4d):
    found = {
        window: [full_codes(m.matrix, tile, window) for m, tile in plans(s4d=s4d, window=window)]
        for window in WINDOWS
    }
    for coarse, fine in pairwise(WINDOWS):
        for a, b in zip(found[coarse], found[fine], strict=True):
            assert (b <= a).all()
    assert any((b < a).any() for a, b in zip(found["tile"], found["mode"], strict=True))


def test_a_mode_has_a_window_of_its_own():
    plan = map_model(
        kernel_model(n_states=(3,), is_complex=True), hardware_of(s4d="split", window="mode")
    )
    matrix = plan.matrices[0]
    full = full_codes(matrix.matrix, matrix.tiles[0], "mode")
    assert full[0].tolist() == [100, 100, 99, 99, 98, 98]
