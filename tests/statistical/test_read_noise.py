"""Law 5 of reads: white noise of an accumulator against closed forms, a draw a bitline or a cell.

Each assertion alarms falsely with probability 1e-5 (seeds are fixed). Conductances are known here:
programming spread and drift are off, or taken from the tiles as written. Formulas are written out
from the published coefficients; an output is the accumulator itself, so that rounding adds 1/12.
Only the white part of 1/f noise is on here (test_lasting_noise.py has the others): at steps of 1 ms
its share of the band is ln(1 ms / 250 ns).
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from aimc_sim.data import Data
from aimc_sim.model.layers import Linear, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Signal
from aimc_sim.runner.run import run
from tests.laws.build import device_of, hardware_of, linear_model, program_model, requant_by
from tests.statistical.bounds import (
    ALARM,
    correlation_z,
    mean_z,
    variance_is_within_chi_square,
    z_limit,
)

pytestmark = pytest.mark.statistical
N, STEPS = 3000, 4
WEIGHT = np.array([[127, -90], [127, 60], [-64, 33], [50, 127], [-127, 1], [90, -127]])
X = np.array([100, -128, 51, 7, -77, 0])
STEP_S = 25.0e-6 / 127
FORMS = ["bitline", "cell"]
T_STEP_S = 1.0e-3
WHITE = {"flicker_frozen": False, "flicker_correlated": False}


def known_pcm(**changes):
    """Return PCM that is written exactly and does not drift (at age 0)."""
    return device_of("pcm_joshi2020", sigma_coefficients_S=(0.0,), **changes)


def white_only(*args, **options):
    """Return hardware whose reads have the white part of 1/f noise alone."""
    return hardware_of(*args, effects=WHITE, timing={"t_step_s": T_STEP_S}, **options)


def published_sigma_S(g_S, g_programmed_S, g_max_S=25.0e-6):
    """White part of the read noise of Nandakumar 2019 with reads of 250 ns."""
    q = np.minimum(0.0088 / np.maximum((g_programmed_S / g_max_S) ** 0.65, 1e-3), 0.2)
    return g_S * q * math.sqrt(math.log(T_STEP_S / 250e-9))


def conductances_S(weight, g_min_S=0.0, step_S=STEP_S):
    """Return what exact writing gives, [row, column, side]."""
    return np.stack([np.maximum(weight, 0), np.maximum(-weight, 0)], axis=-1) * step_S + g_min_S


def samples(model, hardware, x=X, *, seed=5, age_s=0.0, n=N, **chips):
    """Return the accumulators of constant inputs, shape (n_chips, n, STEPS, n_out)."""
    x_code = np.broadcast_to(x, (n, STEPS, len(x)))
    tiles = program_model(model, hardware, **chips)
    layers = tuple(layer.name for layer in model.layers[: model.pool_index])
    found = run(
        model, tiles, Data(x_code, np.full(n, STEPS)), seed=seed, age_s=age_s, probes=layers
    )
    return (*(found.probes[name] for name in layers), tiles)


def assert_noise(values, mean, variance):
    """Check mean and variance of each output, over sequences and steps."""
    for j in range(values.shape[-1]):
        spread = math.sqrt(variance[j] + 1 / 12)
        assert abs(mean_z(values[..., j], mean[j], spread)) < z_limit()
        assert variance_is_within_chi_square(values[..., j], mean[j], spread)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
@pytest.mark.parametrize("g_min_S", [0.0, 4.0e-6])
def test_variance_is_the_sum_of_squared_codes_times_cell_variances(form, subtraction, g_min_S):
    step_S = (25.0e-6 - g_min_S) / 127
    g_S = conductances_S(WEIGHT, g_min_S, step_S)
    cell = (published_sigma_S(g_S, g_S) / step_S) ** 2
    y, _ = samples(
        linear_model(WEIGHT),
        white_only(known_pcm(g_min_S=g_min_S), noise_form=form, subtraction=subtraction),
    )
    assert_noise(y[0], X @ WEIGHT, X**2 @ cell.sum(axis=2))


@pytest.mark.parametrize("form", FORMS)
def test_slices_draw_apart(form):
    """Equal slices (0x33) would add their draws with weights 1 + 16 if they shared them."""
    x = np.array([0x33, 0x55, 0x11])
    weight = WEIGHT[:3]
    g_S = conductances_S(weight)
    cell = ((published_sigma_S(g_S, g_S) / STEP_S) ** 2).sum(axis=2)
    y, _ = samples(
        linear_model(weight),
        white_only(
            known_pcm(), noise_form=form, dac={"kind": "uniform", "bits": 4, "v_read_V": 0.2}
        ),
        x,
    )
    assert_noise(y[0], x @ weight, (1 + 16**2) * (x % 16) ** 2 @ cell)


@pytest.mark.parametrize("form", FORMS)
def test_tiles_draw_apart(form):
    """The same rows on three tiles would triple the spread if they shared their draws."""
    weight, x = np.tile(WEIGHT, (3, 1)), np.tile(X, 3)
    g_S = conductances_S(WEIGHT)
    cell = ((published_sigma_S(g_S, g_S) / STEP_S) ** 2).sum(axis=2)
    y, tiles = samples(linear_model(weight), white_only(known_pcm(), (6, 4), noise_form=form), x)
    assert len(tiles.plan.tiles) == 3
    assert_noise(y[0], x @ weight, 3 * X**2 @ cell)


@pytest.mark.parametrize("form", FORMS)
def test_bitlines_steps_sequences_and_chips_are_independent(form):
    weight = np.repeat(WEIGHT, 2, axis=1)  # equal bitlines, neighbours and not
    y, _ = samples(linear_model(weight), white_only(known_pcm(), noise_form=form), n_chips=2)
    spread = float(y[0, ..., 0].std())
    y = y - np.repeat(X @ WEIGHT, 2)
    for i, j in combinations(range(4), 2):
        assert abs(correlation_z(y[0, ..., i], y[0, ..., j])) < z_limit()
    assert abs(correlation_z(y[0], y[1])) < z_limit()
    for lag in (1, 2):
        assert abs(correlation_z(y[0, :, lag:], y[0, :, :-lag])) < z_limit()
        assert abs(correlation_z(y[0, lag:], y[0, :-lag])) < z_limit()
    for a, b in ((y[0], y[1]), (y[0, 1:], y[0, :-1]), (y[0, :, 1:], y[0, :, :-1])):
        assert np.count_nonzero(a == b) / a.size < 3.0 / spread  # equal by chance: 1/(3.5 spread)


@pytest.mark.parametrize("form", FORMS)
def test_layers_are_independent(form):
    signal = Signal(24, True, 1.0)
    layers = [
        Linear(name, "input", WEIGHT, 8, np.zeros(2, np.int64), requant_by(2, 1), signal)
        for name in ("one", "two")
    ]
    pool = Pool("pool", "two", "last", 1, 0, signal)
    model = Model(len(X), Signal(8, True, 1.0), (*layers, pool))
    one, two, _ = samples(model, white_only(known_pcm(), noise_form=form))
    assert abs(correlation_z(one - one.mean((0, 1, 2)), two - two.mean((0, 1, 2)))) < z_limit()
    assert one.std() == pytest.approx(two.std(), rel=0.05)


@pytest.mark.parametrize("form", FORMS)
def test_the_shape_is_gaussian(form):
    g_S = conductances_S(WEIGHT)
    variance = X**2 @ ((published_sigma_S(g_S, g_S) / STEP_S) ** 2).sum(axis=2)
    y, _ = samples(linear_model(WEIGHT), white_only(known_pcm(), noise_form=form), seed=9)
    for j in range(2):
        z = (y[0, ..., j].reshape(-1) - X @ WEIGHT[:, j]) / math.sqrt(variance[j])
        assert stats.kstest(z, "norm").pvalue > ALARM


def test_both_forms_agree_in_distribution():
    """Two-sample tests of one draw a bitline against one a cell, on real (spread) conductances."""
    pcm = device_of("pcm_joshi2020")
    one, two = (
        samples(linear_model(WEIGHT), white_only(pcm, noise_form=form), seed=21, age_s=3600.0)[0][0]
        for form in FORMS
    )
    for j in range(2):
        a, b = one[..., j].reshape(-1), two[..., j].reshape(-1)
        assert stats.ttest_ind(a, b, equal_var=False).pvalue > ALARM
        assert stats.levene(a, b).pvalue > ALARM
        assert stats.ks_2samp(a, b).pvalue > ALARM
        assert (a != b).any()
    for found in (one, two):  # bitlines share no device, so neither form correlates them
        first, second = (found[..., j] for j in range(2))
        assert abs(correlation_z(first, second)) < z_limit()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("age_s", [0.0, 86400.0])
def test_noise_follows_conductances_as_written_and_drifted(form, age_s):
    pcm = device_of("pcm_joshi2020")
    y, tiles = samples(
        linear_model(WEIGHT), white_only(pcm, noise_form=form), age_s=age_s, n_chips=2
    )
    for c, chip in enumerate(tiles.chips):
        state = tiles.states[chip, 0]
        g_S = state.g_programmed_S * ((age_s + 20.0) / 20.0) ** -state.drift_nu
        cell = (published_sigma_S(g_S, state.g_programmed_S) / STEP_S) ** 2
        mean = X @ (g_S[..., 0] - g_S[..., 1]) / STEP_S
        assert_noise(y[c], mean, X**2 @ cell.sum(axis=2))


def test_no_input_no_noise():
    y, _ = samples(linear_model(WEIGHT), white_only(known_pcm()), np.zeros(6, np.int64), n=50)
    assert not y.any()
