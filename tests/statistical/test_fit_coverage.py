"""Coverage: 95 % intervals hold the truth in 90 to 98 % of 200 refits of generated data.

Were the true coverage 95 %, a count outside 180 to 196 of 200 would have a chance of 1.2 %; seeds
are fixed. Measured figures are in docs/fit.md.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.fit import FitOptions, fit_device, measurements_of

pytestmark = [pytest.mark.statistical, pytest.mark.slow]
N_REFITS = 200
N_BOOTSTRAP = 80


def coverage(device, family, targets_uS, times_s, n_devices, truths):
    """Return the share of refits whose interval holds the truth, by parameter."""
    hits = Counter(dict.fromkeys(truths, 0))
    for i in range(N_REFITS):
        data = measurements_of(device, np.array(targets_uS) * 1e-6, times_s, n_devices, 4, 1000 + i)
        fit = fit_device(
            data, family, name="back", options=FitOptions(n_bootstrap=N_BOOTSTRAP, seed=i)
        )
        for name, truth in truths.items():
            p = fit.parameter(name)
            hits[name] += p.low <= truth <= p.high
    return {name: count / N_REFITS for name, count in hits.items()}


def assert_covers(found):
    assert all(0.90 <= share <= 0.98 for share in found.values()), found


def test_pcm():
    device = load_device(device_model_path("pcm_joshi2020")).device
    law, noise = device.drift_law, device.flicker_law
    truths = {"q_s.scale": 0.0088, "q_s.exponent": 0.65}
    for g_uS in (0, 2, 8, 25):
        truths[f"sigma_S[{g_uS} uS]"] = float(device.sigma_programming(g_uS * 1e-6))
    for g_uS in (4, 8, 25):
        truths[f"nu_mean[{g_uS} uS]"] = float(law.nu_mean.at(g_uS / 25))
        truths[f"nu_std[{g_uS} uS]"] = float(law.nu_std.at(g_uS / 25))
        truths[f"q_s[{g_uS} uS]"] = float(noise.q_s.at(g_uS / 25))
    times_s = [0.0, 100.0, 1e3, 1e4, 1e5]
    assert_covers(coverage(device, "pcm", [0, 1, 2, 4, 8, 12, 18, 25], times_s, 60, truths))


def test_rram():
    device = load_device(device_model_path("rram_wan2022")).device
    truths = {"read_sigma_S": 0.4e-6}
    for t_s, when in ((1.0, "1s"), (86400.0, "1d")):
        for g_uS in (0, 5, 22, 40):
            truths[f"sigma_S[{g_uS} uS] at {when}"] = float(device.sigma_at(g_uS * 1e-6, t_s))
    found = coverage(device, "rram", [0, 2, 5, 12, 22, 32, 40], [1.0, 86400.0], 50, truths)
    assert_covers(found)


def test_table():
    """Levels of 50 devices each, drawn from the PCM model."""
    device = load_device(device_model_path("pcm_joshi2020")).device
    truths = {}
    for g_uS in (0, 2, 10, 25):
        truths[f"mean_S[{g_uS} uS]"] = g_uS * 1e-6
        truths[f"sigma_S[{g_uS} uS]"] = float(device.sigma_programming(g_uS * 1e-6))
    for g_uS in (2, 10, 25):
        truths[f"nu_mean[{g_uS} uS]"] = float(device.drift_law.nu_mean.at(g_uS / 25))
        truths[f"nu_std[{g_uS} uS]"] = float(device.drift_law.nu_std.at(g_uS / 25))
    assert_covers(coverage(device, "table", [0, 2, 10, 25], [0.0, 100.0, 1e3, 1e4], 50, truths))
