"""Law 5 of noise that lasts: frozen and correlated 1/f, telegraph noise, as accumulators see them.

Each assertion alarms falsely with probability 1e-5 (seeds are fixed).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.data import Data
from aimc_sim.runner.run import run
from tests.laws.build import SILENT, device_of, hardware_of, linear_model, program_model
from tests.statistical.bounds import (
    correlation_z,
    mean_z,
    variance_is_within_chi_square,
    z_limit,
)

pytestmark = pytest.mark.statistical
CODE = 127
STEP_S = 25.0e-6 / CODE
WEIGHT = np.array([[CODE, 64, -100, 30]])
X = 100
ONLY = dict.fromkeys(
    ("read_white", "flicker_frozen", "flicker_correlated", "flicker_white", "telegraph"), False
)
DAY_S = 86400.0


def only(*names):
    """Return effects with these parts of read noise alone; devices are written exactly."""
    return {**ONLY, "programming": False, "drift": False, **dict.fromkeys(names, True)}


def outputs(hardware, n, steps, *, seed=3, age_s=0.0, n_chips=1):
    """Return accumulators of input X, shape (n_chips, n, steps, n_out), of constant input."""
    model = linear_model(WEIGHT, y_bits=24)
    tiles = program_model(model, hardware, n_chips=n_chips)
    data = Data(np.full((n, steps, 1), X), np.full(n, steps))
    return run(model, tiles, data, seed=seed, age_s=age_s, probes=("enc",)).probes["enc"]


def strength():
    """Published Q_s g of each weight [units of the accumulator]."""
    gr = np.abs(WEIGHT[0]) / CODE
    return X * np.abs(WEIGHT[0]) * np.minimum(0.0088 / np.maximum(gr**0.65, 1e-3), 0.2)


def pcm_hardware(*names, t_step_s=1.0e-6, n_band_steps=784, **options):
    return hardware_of(
        device_of("pcm_joshi2020"),
        effects=only(*names),
        timing={"t_step_s": t_step_s, "n_band_steps": n_band_steps},
        **options,
    )


@pytest.mark.parametrize(
    ("age_s", "t_step_s", "n_chips"),
    [
        (3600.0, 1.0e-2, 300),
        *(
            pytest.param(age_s, t_step_s, 1500, marks=pytest.mark.slow)
            for age_s in (0.0, 3600.0, DAY_S)
            for t_step_s in (1.0e-6, 1.0e-2)
        ),
    ],
)
def test_parts_have_their_shares_and_sum_to_the_published_variance(age_s, t_step_s, n_chips):
    """At the reference time, an hour and a day: each part alone, over chips, then all at once."""
    t_s = age_s + 20.0
    whole = math.log((t_s + 250e-9) / 500e-9)
    slow = min(t_s + 250e-9, 784 * t_step_s)
    share = {"flicker_white": math.log(t_step_s / 250e-9),
             "flicker_correlated": math.log(slow / (2.0 * t_step_s))}  # fmt: skip
    share["flicker_frozen"] = whole - sum(share.values())
    share["flicker_white flicker_correlated flicker_frozen"] = whole
    for names, band in share.items():
        hardware = pcm_hardware(*names.split(), t_step_s=t_step_s)
        y = outputs(hardware, 1, 1, age_s=age_s, n_chips=n_chips)[:, 0, 0]
        spread = np.sqrt(strength() ** 2 * band + 1.0 / 12.0)
        for j in range(4):
            mean = X * WEIGHT[0, j]
            assert abs(mean_z(y[:, j], mean, spread[j])) < z_limit()
            assert variance_is_within_chi_square(y[:, j], mean, spread[j]), names


def test_frozen_noise_is_one_draw_a_chip():
    y = outputs(pcm_hardware("flicker_frozen"), 3, 4, n_chips=2)
    assert (y == y[:, :1, :1]).all()
    assert (y[0, 0, 0] != y[1, 0, 0]).all()
    again = outputs(pcm_hardware("flicker_frozen"), 3, 4, n_chips=2, seed=4)
    assert (again != y).all()


def test_correlated_noise_differs_between_sequences_and_lasts_over_steps():
    y = outputs(pcm_hardware("flicker_correlated"), 4000, 40)[0] - X * WEIGHT[0]
    assert abs(correlation_z(y[1:, 0, 0], y[:-1, 0, 0])) < z_limit()
    assert abs(correlation_z(y[:, 0, 0], y[:, 0, 1])) < z_limit()
    T = np.exp(np.linspace(math.log(0.5), math.log(0.5 * 392), 20001))
    for lag in (1, 5, 30):
        expected = float(np.maximum(0.0, 1.0 - lag / T).mean()) * strength()[0] ** 2
        expected *= math.log(392.0)
        product = (y[:, 5, 0] * y[:, 5 + lag, 0]).astype(np.float64)
        assert abs(mean_z(product, expected, float(product.std()))) < z_limit()


def test_slices_of_a_step_see_the_same_device():
    """Two reads of one step: correlated noise of all slices is one number times the code."""
    dac = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
    whole = outputs(pcm_hardware("flicker_correlated"), 500, 2)[0]
    sliced = outputs(pcm_hardware("flicker_correlated", dac=dac), 500, 2)[0]
    assert np.abs(whole - sliced).max() <= 9  # each slice rounds apart: (16 + 1) / 2


def telegraph_device(share, amplitude=0.4, tau_low_s=30.0e-6, tau_high_s=10.0e-6):
    source = {"cite": "a test", "grade": "assumed"}
    return device_of("pcm_joshi2020", flicker_law=SILENT, telegraph={
        "share": share, "relative_amplitude": amplitude, "tau_low_s": tau_low_s,
        "tau_high_s": tau_high_s, "source": source})  # fmt: skip


def telegraph(share, **options):
    return hardware_of(
        telegraph_device(share, **options), effects=only("telegraph"), timing={"t_step_s": 2.0e-6}
    )


def test_telegraph_levels_dwell_as_asked():
    """Two levels, the mean kept; P(high) = 1/4; autocorrelation exp(-t (1/tau_l + 1/tau_h))."""
    y = outputs(telegraph(1.0), 6000, 30, n_chips=1)[0, ..., 0].astype(np.float64)
    low, high = (X * CODE * (1.0 + 0.4 * d) for d in (-0.25, 0.75))
    assert set(np.unique(y)) == {np.floor(low + 0.5), np.floor(high + 0.5)}
    is_high = (y > X * CODE).astype(np.float64)
    late = is_high[:, -1]
    assert abs(mean_z(late, 0.25 + (is_high[0, 0] - 0.25) * math.exp(-29 * 2.0 / 7.5),
                      math.sqrt(0.25 * 0.75))) < z_limit()  # fmt: skip
    for lag in (1, 3):
        stay = is_high[:, 20] * is_high[:, 20 + lag]
        rho = math.exp(-lag * 2.0 / 7.5)
        p = 0.25 * (0.25 + 0.75 * rho)
        assert abs(mean_z(stay, p, math.sqrt(p * (1.0 - p)))) < z_limit()


@pytest.mark.parametrize(
    ("share", "n_chips"),
    [
        (0.1, 600),
        *(pytest.param(share, 4000, marks=pytest.mark.slow) for share in (0.0, 0.1, 1.0)),
    ],
)
def test_share_of_cells_that_switch(share, n_chips):
    y = outputs(telegraph(share), 1, 1, n_chips=n_chips)[:, 0, 0]
    switching = (y != X * WEIGHT[0]).sum()
    n, spread = y.size, math.sqrt(max(y.size * share * (1.0 - share), 0.0))
    assert abs(switching - n * share) <= z_limit() * spread


def test_levels_begin_as_the_chip_is_and_part_later():
    y = outputs(telegraph(1.0), 200, 40)[0, ..., 0]
    assert (y[:, 0] == y[0, 0]).all()
    assert len(np.unique(y[:, -1])) == 2


def test_sides_and_bitlines_switch_apart():
    y = outputs(telegraph(1.0), 4000, 40)[0, :, -1].astype(np.float64)
    for j in range(1, 4):
        assert abs(correlation_z(y[:, 0], y[:, j])) < z_limit()
