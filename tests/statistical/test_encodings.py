"""Law 5 of encodings: what spread and noise of devices become in the codes of a weight.

Each assertion alarms falsely with probability 1e-5 (seeds are fixed). Devices have a spread, or
white noise, of the same size at every conductance; formulas are written out.
"""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.read import bitline_currents
from aimc_sim.crossbar.setting import Address, ReadSetting
from tests.laws.build import device_of, hardware_of, linear_model, program_model
from tests.statistical.bounds import correlation_z, variance_is_within_chi_square, z_limit

pytestmark = pytest.mark.statistical
WINDOW_S, SPREAD_S = 200.0e-6, 1.0e-6
FULL = 127
BASE = {"g_min_S": 20.0e-6, "g_max_S": 220.0e-6, "flicker_law": None, "drift_law": None}
WRITTEN = device_of(
    "gaussian", **BASE, sigma_coefficients_S=(SPREAD_S,), sigma_g_max_S=BASE["g_max_S"]
)
NOISY = device_of(
    "gaussian", **BASE, sigma_coefficients_S=(0.0,),
    white_law={"sigma_S": SPREAD_S, "source": {"cite": "a spread to test", "grade": "assumed"}},
)  # fmt: skip
WEIGHT = np.random.default_rng(1).integers(20, 100, (60, 60))
WEIGHT[0, 0] = FULL


def errors(n_sequences=1, device=WRITTEN, x_row=None, form="cell", **mapping):
    """Return what converters see less exact sums, [sequence, current], and the bound read."""
    hardware = hardware_of(device, (60, 600), noise_form=form, **mapping)
    tiles = program_model(linear_model(WEIGHT), hardware, seed=4)
    (m,) = tiles.plan.matrices
    read = bind_phase(ReadSetting(tiles, 0, 0.0, 9), m, m.matrix.phases[0]).reads[0]
    x = np.tile(x_row, (n_sequences, 1))
    i = bitline_currents(read, 0, x, Address(np.arange(n_sequences), 0), form)
    return i, read


ONE = np.eye(60, dtype=np.int64)


def single_cells(**mapping):
    """Return errors of single weights in codes: one wordline a read, all wordlines in turn."""
    found = [errors(x_row=ONE[r], **mapping)[0][0] - WEIGHT[r] for r in range(1, 60)]
    return np.array(found)


@pytest.mark.parametrize("copies", [1, 2, 5])
@pytest.mark.parametrize("encoding", ["one_sided", "two_sided"])
def test_copies_average_the_spread_of_a_pair(encoding, copies):
    found = single_cells(weights={"encoding": encoding, "redundancy": copies})
    step_S = WINDOW_S / FULL
    std = np.sqrt(2.0 / copies) * SPREAD_S / step_S
    assert variance_is_within_chi_square(found, 0.0, std)


@pytest.mark.parametrize("form", ["bitline", "cell"])
def test_copies_average_white_noise(form):
    x_row = np.arange(-30, 30) * 4
    weights = {"encoding": "one_sided", "redundancy": 3}
    i, _ = errors(400, NOISY, x_row, form, weights=weights)
    std = SPREAD_S / (WINDOW_S / FULL) * np.sqrt(2.0 / 3.0 * np.square(x_row).sum())
    assert variance_is_within_chi_square(i - x_row @ WEIGHT, 0.0, std)


def test_one_device_a_weight_has_twice_the_code_spread_and_a_common_reference():
    offset = {"weights": {"encoding": "offset_column"}, "unused": "programmed"}
    found = single_cells(**offset)
    step_S = WINDOW_S / (2 * FULL)
    common = found.mean(axis=1)  # of the wordline's reference device, and 1/60 of the others
    own = found - common[:, None]
    std = SPREAD_S / step_S
    assert variance_is_within_chi_square(own[:, 1:] * np.sqrt(60 / 59), 0.0, std, 1e-5 / 2)
    assert variance_is_within_chi_square(common, 0.0, std * np.sqrt(1 + 1 / 60), 1e-5 / 2)


def test_slices_have_windows_of_their_own():
    weights = {"encoding": "one_sided", "cell_bits": (3, 4)}
    seen = np.array([errors(x_row=ONE[r], weights=weights)[0][0] for r in range(1, 60)])
    low, high = seen[:, :60] - (WEIGHT[1:] & 7), seen[:, 60:] - (WEIGHT[1:] >> 3)
    for found, full in ((low, 7), (high, FULL >> 3)):
        std = np.sqrt(2.0) * SPREAD_S / (WINDOW_S / full)
        assert variance_is_within_chi_square(found, 0.0, std, 1e-5 / 2)


@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
def test_noise_of_a_reference_is_common_to_all_bitlines(subtraction):
    x_row = np.arange(-30, 30) * 4
    i, read = errors(
        2000, NOISY, x_row, weights={"encoding": "offset_column"}, unused="programmed",
        subtraction=subtraction,
    )  # fmt: skip
    deviation = i - i.mean(axis=0)
    if subtraction == "after_adc":
        assert read.n_reference == 1
        assert abs(correlation_z(deviation[:, 0], deviation[:, 1])) < z_limit()
        deviation = deviation[:, :-1] - deviation[:, -1:]
    std = SPREAD_S / (WINDOW_S / (2 * FULL)) * np.sqrt(np.square(x_row).sum())
    found = np.corrcoef(deviation[:, :8].T)[np.triu_indices(8, 1)]
    assert np.abs(found - 0.5).max() < z_limit(1e-5 / 28) * 0.75 / np.sqrt(2000)
    spread = deviation.std(axis=0)
    assert np.abs(spread / (np.sqrt(2) * std) - 1).max() < z_limit(1e-5 / 60) / np.sqrt(4000)


def test_an_open_bitline_divides_its_noise_by_its_conductance():
    """V = sum V g / sum g: a cell moves both sums, so what counts of its drive is x - V."""
    x_row = np.arange(-20, 40) * 3
    i, read = errors(
        2000, NOISY, x_row, pair="unit_cell", sensing="voltage", subtraction="before_adc"
    )
    plus_S = 20.0e-6 + WEIGHT * (WINDOW_S / FULL)
    minus_S = np.full(WEIGHT.shape, 20.0e-6)
    total_S = (plus_S + minus_S).sum(axis=0)
    mean = x_row @ (plus_S - minus_S) / total_S
    each = np.square(x_row[:, None] - mean) + np.square(x_row[:, None] + mean)
    std = SPREAD_S / (WINDOW_S / FULL) * np.sqrt(each.sum(axis=0))
    deviation = i - x_row @ WEIGHT
    spread = deviation.std(axis=0)
    assert np.abs(spread / std - 1.0).max() < z_limit(1e-5 / 60) / np.sqrt(4000) + 2e-3
    np.testing.assert_allclose(read.voltage.asked_S, total_S)
