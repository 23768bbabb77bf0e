"""Law 5 of faults: rates asked for are rates found, values are even, and devices independent.

Each assertion alarms falsely with probability 1e-5 (seeds are fixed); rates of 0 and 1 are exact.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aimc_sim.crossbar.faults import draw_faults
from aimc_sim.devices.faults import Faults
from aimc_sim.hardware import TileShape
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.partition import Piece
from aimc_sim.mapping.tile_plan import TilePlan
from tests.laws.build import device_of, hardware_of, linear_model, program_model
from tests.statistical.bounds import ALARM, correlation_z, mean_z, z_limit

pytestmark = pytest.mark.statistical
RATES = [0.0, 0.0005, 0.01, 0.05, 0.16, 0.5, 1.0]
OFF = {"low_S": 0.01e-6, "high_S": 1.0e-6}
ON = {"low_S": 300.0e-6, "high_S": 1200.0e-6}
CELLS = (300, 200)


def is_binomial(found: int, n: int, rate: float) -> bool:
    """Tell whether a count of independent devices is within its bounds; at 0 and 1, exact."""
    low, high = stats.binom.ppf([ALARM / 2.0, 1.0 - ALARM / 2.0], n, rate)
    return bool((low <= found <= high) if 0.0 < rate < 1.0 else found == n * rate)


def drawn(faults, cells=CELLS, *, layer="a", index=0, seed=3, chip=0, pair="bitlines"):
    """Return the stuck conductances of one tile [S], and the counts."""
    piece = Piece(0, 0, 0, *cells, 0, 0)
    n_bitlines = cells[1] * (2 if pair == "bitlines" else 1)
    shape = TileShape(n_wordlines=cells[0], n_bitlines=n_bitlines, pair=pair)
    tile = TilePlan(0, layer, "weight", index, (piece,))
    return draw_faults(Faults.model_validate(faults), tile, Layout(), shape, seed, chip)


def hits(**address):
    """Return which devices are stuck at a rate of 30 %."""
    return ~np.isnan(drawn({"stuck_off": OFF | {"rate": 0.3}}, **address)[0])


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("kind", "part"), [("stuck_off", OFF), ("stuck_on", ON)])
def test_share_of_stuck_devices_of_programmed_tiles(kind, part, rate):
    """On the tiles of two chips, as they are read: 12 tiles of 50 x 25 pairs each."""
    device = device_of("ideal", g_min_S=2.0e-6, faults={kind: part | {"rate": rate}})
    model = linear_model(np.full((150, 100), 64))
    tiles = program_model(model, hardware_of(device, (50, 50)), seed=5, n_chips=2)
    found = n = 0
    for key in tiles.states:
        g_S = tiles.g_S(*key, 60.0)
        found += int(((g_S >= part["low_S"]) & (g_S <= part["high_S"])).sum())
        n += g_S.size
    assert n == 2 * 2 * 150 * 100
    assert is_binomial(found, n, rate)
    assert tiles.n_faults[kind] == found == sum(tiles.n_faults.values())


@pytest.mark.parametrize(("off", "on"), [(0.01, 0.05), (0.0, 0.16), (0.3, 0.3), (0.9, 0.1)])
def test_shares_of_both_kinds(off, on):
    stuck_S, n = drawn({"stuck_off": OFF | {"rate": off}, "stuck_on": ON | {"rate": on}})
    low, high = stuck_S <= 1.0e-6, stuck_S >= 300.0e-6
    assert (n["stuck_off"], n["stuck_on"]) == (low.sum(), high.sum())
    assert is_binomial(n["stuck_off"], stuck_S.size, off)
    assert is_binomial(n["stuck_on"], stuck_S.size, on)
    assert is_binomial(np.isnan(stuck_S).sum(), stuck_S.size, round(1.0 - off - on, 12))


@pytest.mark.parametrize("rate", [0.05, 1.0])
@pytest.mark.parametrize(("kind", "part"), [("stuck_off", OFF), ("stuck_on", ON)])
def test_values_are_even_over_the_range(kind, part, rate):
    stuck_S, _ = drawn({kind: part | {"rate": rate}})
    values_S = stuck_S[~np.isnan(stuck_S)]
    low_S, high_S = part["low_S"], part["high_S"]
    assert low_S <= values_S.min() < values_S.max() <= high_S
    width_S = high_S - low_S
    assert stats.kstest(values_S, stats.uniform(low_S, width_S).cdf).pvalue > ALARM
    assert abs(mean_z(values_S, (low_S + high_S) / 2.0, width_S / np.sqrt(12.0))) < z_limit()


def test_values_are_independent_of_each_other():
    stuck_S, _ = drawn({"stuck_on": ON | {"rate": 1.0}})
    for one, two in (
        (stuck_S[1:], stuck_S[:-1]),
        (stuck_S[:, 1:], stuck_S[:, :-1]),
        (stuck_S[..., 0], stuck_S[..., 1]),
    ):
        assert abs(correlation_z(one, two)) < z_limit()


def test_devices_are_independent():
    """Neighbours on a line and in a pair; tiles, layers, chips, seeds."""
    hit = hits()
    others = (
        hits(index=1),
        hits(layer="b"),
        hits(chip=1),
        hits(seed=4),
        ~np.isnan(drawn({"stuck_on": ON | {"rate": 0.3}}, index=2)[0]),
    )
    near = ((hit[1:], hit[:-1]), (hit[:, 1:], hit[:, :-1]), (hit[..., 0], hit[..., 1]))
    for one, two in (*near, *((hit, other) for other in others)):
        assert abs(correlation_z(one, two)) < z_limit()


def test_the_same_address_breaks_the_same_devices():
    np.testing.assert_array_equal(hits(), hits())


@pytest.mark.parametrize("axis", [0, 1])
def test_broken_devices_are_spread_evenly_over_the_lines(axis):
    """Counts a line scatter as a binomial: chi-square of dispersion."""
    hit = hits()
    hit = hit.reshape(hit.shape[0], -1)
    counts, n = hit.sum(axis=axis), hit.shape[axis]
    dispersion = float(((counts - 0.3 * n) ** 2).sum() / (n * 0.3 * 0.7))
    low, high = stats.chi2.ppf([ALARM / 2.0, 1.0 - ALARM / 2.0], df=len(counts))
    assert low < dispersion < high


def open_lines(kind, rate, n, pair="bitlines", **address):
    """Return which lines of a tile with n wordlines or n bitlines are open."""
    wordlines = kind == "wordline_rate"
    per_pair = 2 if pair == "bitlines" else 1
    cells = (n, 2) if wordlines else (2, n // per_pair)
    stuck_S, counts = drawn({kind: rate}, cells, pair=pair, **address)
    assert counts["line"] == (stuck_S == 0.0).sum() == (~np.isnan(stuck_S)).sum()
    dead = stuck_S == 0.0
    if wordlines:
        return dead[:, 0, 0]
    return dead[0].ravel() if pair == "bitlines" else dead[0, :, 0]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", ["wordline_rate", "bitline_rate"])
@pytest.mark.parametrize("pair", ["bitlines", "unit_cell"])
def test_share_of_open_lines(kind, pair, rate):
    found = open_lines(kind, rate, 8192, pair)
    assert found.size == 8192
    assert is_binomial(int(found.sum()), 8192, rate)


@pytest.mark.parametrize("kind", ["wordline_rate", "bitline_rate"])
def test_lines_are_independent(kind):
    found = open_lines(kind, 0.3, 8192)
    others = [open_lines(kind, 0.3, 8192, **a) for a in ({"chip": 1}, {"index": 1}, {"layer": "b"})]
    other_kind = open_lines({"wordline_rate": "bitline_rate"}.get(kind, "wordline_rate"), 0.3, 8192)
    for one, two in ((found[1:], found[:-1]), *((found, o) for o in (*others, other_kind))):
        assert abs(correlation_z(one, two)) < z_limit()


def test_stuck_devices_do_not_depend_on_open_lines():
    """Off the open lines, the share of stuck devices is the rate asked for."""
    lines = {"wordline_rate": 0.2, "bitline_rate": 0.2}
    stuck_S, n = drawn(lines | {"stuck_on": ON | {"rate": 0.05}})
    left = stuck_S.size - n["line"]
    assert is_binomial(n["stuck_on"], left, 0.05)
    assert n["line"] == (stuck_S == 0.0).sum()
    np.testing.assert_array_equal(stuck_S == 0.0, drawn(lines)[0] == 0.0)
