"""Law 5 of the other families: moments at ten conductances and at each time, and independence.

Every assertion alarms falsely with probability 1e-5 (seeds are fixed). Laws are written out here in
microsiemens from the published coefficients; moments are those of the clipped or folded
distribution. A law gives mean and spread of a conductance, before it is clipped at 0.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.rng import stream
from tests.fixtures.make_table_example import LEVELS_S, level
from tests.statistical.bounds import (
    ALARM,
    clipped_normal_moments,
    correlation_z,
    folded_normal_moments,
    mean_z,
    variance_z,
    z_limit,
)
from tests.unit.devices.draws import named
from tests.unit.devices.test_hermes import nu_mean, nu_std, q_s, spread
from tests.unit.devices.test_sonos import moments_nA

pytestmark = pytest.mark.statistical
SHAPE = (160, 250)
DAY_S = 86400.0
TENTHS = [0.0, 0.02, 0.09, 0.2, 0.31, 0.45, 0.6, 0.75, 0.9, 1.0]
TABLE = [level(target_S, i) for i, target_S in enumerate(LEVELS_S)]


def cmo_law(offset, slope):
    def law(g_uS, t_s):
        log = math.log(t_s)
        sigma = math.hypot(offset + slope * g_uS, 0.04201137 * log + 0.41183342)
        return g_uS - 0.08900206 * log, sigma

    return law


def sonos_law(g_uS, t_s):
    mean_nA, sigma_nA = moments_nA(g_uS * 200.0, round(t_s / DAY_S))
    return mean_nA / 200.0, sigma_nA / 200.0


def table_law(g_uS, _):
    i = min(int(g_uS / 2.5), 9)
    share = g_uS / 2.5 - i
    return tuple(
        1e6 * ((1.0 - share) * TABLE[i][name] + share * TABLE[i + 1][name])
        for name in ("mean_S", "sigma_S")
    )


def crosssim_law(g_uS, _):
    return g_uS, -0.00178767 * g_uS**2 + 0.07585724 * g_uS + 0.28638599


LAWS = {
    "gaussian": ([0.0], lambda g_uS, _: (g_uS, 0.2)),
    "pcm_joshi2020_crosssim": ([0.0, DAY_S], crosssim_law),
    "pcm_hermes2023_one_device": ([0.0], lambda g_uS, _: (g_uS, spread(1, g_uS / 10.35))),
    "pcm_hermes2023_two_devices": ([0.0], lambda g_uS, _: (g_uS, spread(2, g_uS / 20.7))),
    "rram_milo2021": ([0.0], lambda g_uS, _: (g_uS, 4.782321 - 0.009107 * g_uS)),
    "rram_milo2021_linear": ([0.0], lambda g_uS, _: (g_uS, 4.782321 - 0.009107 * g_uS)),
    "cmo_hfox_falcone_0p2pct": ([1.0, DAY_S, 3e8], cmo_law(0.00081107, 0.00106879)),
    "cmo_hfox_falcone_2pct": ([1.0, DAY_S, 3e8], cmo_law(0.0112185391, 0.01129027418)),
    "sonos_agrawal2022": ([0.0, DAY_S, 5 * DAY_S], sonos_law),
    "table_example": ([0.0], table_law),
}
EXPONENTS = {
    "gaussian": lambda _: (0.1, 0.05),
    "pcm_hermes2023_one_device": lambda gr: (nu_mean(gr), nu_std(1, gr)),
    "pcm_hermes2023_two_devices": lambda gr: (nu_mean(gr), nu_std(2, gr)),
}


def written(name, tenth):
    """Return a device, a target within its range [uS], and cells written to it."""
    device = load_device(device_model_path(name)).device
    g_S = device.g_min_S + tenth * (device.g_max_S - device.g_min_S)
    return (
        device,
        g_S * 1e6,
        device.program(np.full(SHAPE, g_S), named(61, SHAPE, name, str(tenth))),
    )


def assert_moments(values, mean, variance, fourth):
    assert abs(mean_z(values, mean, math.sqrt(variance))) < z_limit()
    assert abs(variance_z(values, mean, variance, fourth)) < z_limit()


@pytest.mark.parametrize("tenth", TENTHS)
@pytest.mark.parametrize("name", LAWS)
def test_mean_and_spread_at_each_time(name, tenth):
    device, g_uS, state = written(name, tenth)
    times_s, law = LAWS[name]
    for t_s in times_s:
        mean_uS, sigma_uS = law(g_uS, t_s)
        values = device.drift(state, t_s) * 1e6
        if sigma_uS == 0.0:
            assert (values == max(mean_uS, 0.0)).all()
        else:
            assert_moments(values, *clipped_normal_moments(mean_uS, sigma_uS))


@pytest.mark.parametrize("name", sorted(set(LAWS) - {"sonos_agrawal2022"}))
def test_share_of_clipped_cells(name):
    device, g_uS, state = written(name, 0.0)
    law = LAWS[name][1]
    mean_uS, sigma_uS = (g_uS, 0.1) if device.kind == "cmo" else law(g_uS, 0.0)
    share = stats.norm.cdf(-mean_uS / sigma_uS)
    assert stats.binomtest(state.n_clipped, state.g_programmed_S.size, share).pvalue > ALARM
    assert state.n_clipped == np.count_nonzero(state.g_programmed_S == 0.0)


@pytest.mark.parametrize("tenth", TENTHS)
@pytest.mark.parametrize("name", EXPONENTS)
def test_drift_exponents_are_folded_normals(name, tenth):
    device, _, state = written(name, tenth)
    assert_moments(state.drift_nu, *folded_normal_moments(*EXPONENTS[name](tenth)))
    t0_s = device.drift_law.t0_s
    above = state.g_programmed_S > 0.0
    left = (device.drift(state, DAY_S) / np.where(above, state.g_programmed_S, 1.0))[above]
    assert -np.log(left) / math.log((DAY_S + t0_s) / t0_s) == pytest.approx(state.drift_nu[above])


@pytest.mark.parametrize("tenth", TENTHS)
def test_exponents_of_a_table_are_normals(tenth):
    _, g_uS, state = written("table_example", tenth)
    i = min(int(g_uS / 2.5), 9)
    share = g_uS / 2.5 - i
    mean, std = (
        (1.0 - share) * TABLE[i][name] + share * TABLE[i + 1][name]
        for name in ("nu_mean", "nu_std")
    )
    assert_moments(state.drift_nu, mean, std**2, 3.0 * std**4)


@pytest.mark.parametrize("tenth", TENTHS[1:])
@pytest.mark.parametrize("n", [1, 2])
def test_read_noise_of_hermes_is_the_published_one(n, tenth):
    name = ["pcm_hermes2023_one_device", "pcm_hermes2023_two_devices"][n - 1]
    device, _, state = written(name, tenth)
    t0_s, g_S = device.drift_law.t0_s, device.drift(state, DAY_S)
    sigma_S = device.read_noise(state, g_S, DAY_S).sigma_S()
    z = stream(62, "read", name, str(tenth)).normal(g_S.size, 0, 5).reshape(SHAPE)
    gr = np.minimum(state.g_programmed_S / device.g_max_S, 1.0)
    band = math.log((DAY_S + t0_s + 512e-9) / 1024e-9)
    published_S = g_S * np.vectorize(q_s)(n, gr) * math.sqrt(band)
    alive = g_S > 0.0
    assert_moments((z * sigma_S)[alive] / published_S[alive], 0.0, 1.0, 3.0)


@pytest.mark.parametrize("name", LAWS)
def test_cells_and_sources_are_independent(name):
    _, _, state = written(name, 0.6)
    sources = [state.g_programmed_S, state.drift_nu, state.z_relaxation]
    drawn = [values for values in sources if values is not None]
    for i, values in enumerate(drawn):
        for one, two in ((values[1:], values[:-1]), (values[:, 1:], values[:, :-1])):
            assert abs(correlation_z(one, two)) < z_limit()
        for other in drawn[:i]:
            assert abs(correlation_z(values, other)) < z_limit()


def test_relaxation_of_one_cell_is_one_normal_for_all_times():
    device, _, state = written("cmo_hfox_falcone_2pct", 0.6)
    written_S = state.g_programmed_S
    early_S, late_S = (device.drift(state, t_s) - written_S for t_s in (1.0, DAY_S))
    assert np.corrcoef(early_S.ravel(), late_S.ravel())[0, 1] == pytest.approx(1.0, abs=1e-9)
