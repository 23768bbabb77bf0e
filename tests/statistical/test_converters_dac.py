"""Law 5 of DACs: what was asked for is what is found; false-alarm rate 1e-5 a test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aimc_sim.rng import stream_key
from tests.statistical.bounds import ALARM, correlation_z, z_limit
from tests.statistical.test_converters import N, is_normal
from tests.unit.converters.drawn import draw_of
from tests.unit.converters.test_dac import stepped
from tests.unit.crossbar.test_kernels_drive import driven

pytestmark = pytest.mark.statistical


def test_gain_bow_and_steps_of_dacs():
    gain = stepped(bits=4, gain_sigma=0.1).levels(draw_of(13), N)[:, -1] / 15.0 - 1.0
    assert is_normal(gain, 0.1, 1 / 4)
    found = stepped(bits=5, inl_sigma_lsb=0.3).levels(draw_of(14), N)
    middle = found[:, 31 + 15] - 15.0, found[:, 31 - 15] + 15.0
    x = 15.0 / 31.0
    for side in middle:
        assert is_normal(side / (4 * x * (1 - x)), 0.3, 1 / 4)
    assert abs(correlation_z(*middle)) < z_limit(ALARM / 8)
    sigma, top = 0.02, 31
    steps = np.diff(stepped(bits=5, dnl_sigma_lsb=sigma).levels(draw_of(15), N), axis=1) - 1.0
    low, high = stats.chi2.ppf([ALARM / 16, 1 - ALARM / 16], df=2 * N * (top - 1))
    assert low * (1 - 2e-3) < np.square(steps / sigma).sum() < high * (1 + 2e-3)


def test_jitter_of_pulses():
    dac = stepped("pulse_width", 7, jitter_sigma_s=0.3e-9)
    n = 20_000
    x = np.tile(np.array([[5, 0, -90, 1]]), (n, 1))
    drive = driven(x, np.arange(4), None, 0, dac.jitter_lsb, key=stream_key(50, "read", "jitter"))
    noise = drive - x
    assert (noise[:, 1] == 0.0).all()
    assert is_normal(noise[:, [0, 2, 3]], 0.3, 1 / 4)
    for one, two in ((0, 2), (0, 3), (2, 3)):
        assert abs(correlation_z(noise[:, one], noise[:, two])) < z_limit(ALARM / 4)
