"""Round trip: what a shipped model gives, fitted back, is the model, within the intervals.

Coefficients of a spread are degenerate, so its curve is compared, at the targets; exponents and
strengths of 1/f noise likewise, and scale and exponent of the latter too.
For each parameter, |estimate - truth| in units of its standard error (half the interval over 1.96)
is below the two-sided limit of ALARM / 100 (fewer than 100 parameters a test); and so many of the
95 % intervals hold the truth that a binomial would have fewer with a chance below ALARM (with 0.93
for 0.95: the least coverage that is asked for below).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.fit import FitOptions, fit_device, measurements_of
from tests.statistical.bounds import ALARM, z_limit

pytestmark = pytest.mark.statistical
OPTIONS = FitOptions(n_bootstrap=200, seed=3)


def assert_recovered(fit, truths):
    """Compare parameters with true values by name; all names are there."""
    inside = 0
    for name, truth in truths.items():
        p = fit.parameter(name)
        assert not math.isnan(p.low), name
        positive = p.low > 0.0 and p.high * p.low == pytest.approx(p.value**2, rel=1e-6)
        of = np.log if positive else np.asarray
        error = abs(of(p.value) - of(truth))
        half = 0.5 * (of(p.high) - of(p.low))
        assert error < half / 1.96 * z_limit(ALARM / 100), (name, p, truth)
        inside += p.low <= truth <= p.high
    assert stats.binom.cdf(inside, len(truths), 0.93) > ALARM, (inside, len(truths))


def at(name, g_S):
    return f"{name}[{1e6 * g_S:.6g} uS]"


def test_pcm():
    device = load_device(device_model_path("pcm_joshi2020")).device
    targets_S = np.array([0.0, 1.0, 2.0, 4.0, 8.0, 12.0, 18.0, 25.0]) * 1e-6
    data = measurements_of(device, targets_S, [0.0, 100.0, 1e3, 1e4, 1e5], 200, 10, seed=11)
    fit = fit_device(data, "pcm", name="back", options=OPTIONS)
    truths = {at("sigma_S", g): float(device.sigma_programming(g)) for g in targets_S}
    law, noise = device.drift_law, device.flicker_law
    for g_S in targets_S[1:]:
        gr = g_S / device.g_max_S
        truths[at("nu_mean", g_S)] = float(law.nu_mean.at(gr))
        truths[at("nu_std", g_S)] = float(law.nu_std.at(gr))
        truths[at("q_s", g_S)] = float(noise.q_s.at(gr))
    truths |= {"q_s.scale": 0.0088, "q_s.exponent": 0.65}
    assert_recovered(fit, truths)
    assert fit.worst_p > ALARM


@pytest.mark.parametrize("name", ["rram_wan2022", "rram_wan2022_crosssim"])
def test_rram(name):
    device = load_device(device_model_path(name)).device
    times_s = [part.t_s for part in device.spread_fits]
    targets_S = np.linspace(0.0, 1.0, 9) * device.g_max_S
    data = measurements_of(device, targets_S, times_s, 150, 4, seed=12)
    order = len(device.spread_fits[0].sigma_coefficients_S) - 1
    options = FitOptions(n_bootstrap=100, seed=3, order=order)
    fit = fit_device(data, "rram", name="back", options=options)
    when = {1.0: "1s", 86400.0: "1d", 172800.0: "2d"}
    truths = {
        f"{at('sigma_S', g)} at {when[t_s]}": float(device.sigma_at(g, t_s))
        for t_s in times_s
        for g in targets_S
    }
    truths["read_sigma_S"] = device.read_sigma_relative * device.g_max_S
    assert_recovered(fit, truths)
    assert fit.worst_p > ALARM


@pytest.mark.parametrize("name", ["table_example", "pcm_hermes2023_one_device", "taox_64x64"])
def test_table(name):
    """A table takes any model: at each level mean, spread and exponents are the model's."""
    device = load_device(device_model_path(name)).device
    low_S = max(device.g_min_S, 0.2 * device.g_max_S)
    targets_S = [low_S + f * (device.g_max_S - low_S) for f in (0.0, 0.3, 0.7, 1.0)]
    if name == "taox_64x64":
        targets_S = [float(device.nearest_level(g)) for g in targets_S]
    data = measurements_of(device, targets_S, [0.0, 100.0, 1e4], 200, 10, seed=13)
    t0_s = device.time_scale_s
    fit = fit_device(data, "table", name="back", options=FitOptions(t0_s=t0_s, seed=3))
    truths = {}
    for g_S in targets_S:
        if name == "table_example":
            columns = ("mean_S", "sigma_S", "nu_mean", "nu_std")
            truths |= {at(c, g_S): float(device.column(c, g_S)) for c in columns}
        elif name == "taox_64x64":
            truths |= {at("mean_S", g_S): g_S, at("sigma_S", g_S): device.sigma_write_S}
        else:
            law, gr = device.drift_law, g_S / device.g_max_S
            truths |= {at("mean_S", g_S): g_S}
            truths |= {at("sigma_S", g_S): float(device.sigma_programming(g_S))}
            truths |= {at("nu_mean", g_S): float(law.nu_mean.at(gr))}
            truths |= {at("nu_std", g_S): float(law.nu_std.at(gr))}
    assert_recovered(fit, truths)
