"""Published figures of chips against those of their files: what is calibrated, and what is blind.

`docs/validation.md` shows the same figures as a table; `aimc cost --chip CHIP` prints them.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from aimc_sim.analysis.busy import BusyChip, busy_chip
from aimc_sim.chip import load_chip
from aimc_sim.spec import InputError
from tests.unit.cost.plans import CHIPS

PUBLISHED = Path(__file__).parents[2] / "examples/published"


@cache
def busy(name: str, changes: tuple[tuple[str, object], ...] = (), **options: object) -> BusyChip:
    """A fully busy chip; `changes` are overrides of its file."""
    return busy_chip(load_chip(CHIPS / f"{name}.yaml", dict(changes)), **options)


def isaac() -> BusyChip:
    return busy("isaac_ce", n_vectors=4)


ISAAC_TILES = 168
MM2 = 1.0e-6


def test_isaac_is_as_fast_as_published():
    found = isaac()
    assert found.ops_per_s == pytest.approx(41.29e12, rel=1e-2)
    assert found.ops_per_s_m2 == pytest.approx(478.95e9 / MM2, rel=1e-2)
    assert found.interval_s == pytest.approx(16 * 100e-9, rel=1e-6)


def test_isaac_draws_what_is_published_by_its_events():
    found = isaac()
    assert found.power_W == pytest.approx(65.8, rel=1e-2)
    assert found.ops_per_J == pytest.approx(627.5e9, rel=1e-2)
    link_W = 10.4
    assert (found.power_W - link_W) / ISAAC_TILES == pytest.approx(0.330, rel=1e-2)
    adc_W = found.n_tiles * found.energy_J["adc"] / found.interval_s
    assert adc_W == pytest.approx(32.0, rel=2e-2)  # "about 32 W"


def test_isaac_is_as_large_as_published():
    found = isaac()
    link_m2 = 22.88e-6
    assert sum(found.area_m2.values()) == pytest.approx(85.4e-6, rel=1e-2)
    assert (sum(found.area_m2.values()) - link_m2) / ISAAC_TILES == pytest.approx(
        0.372e-6, rel=1e-2
    )


def test_isaac_converts_macs_times_cells_times_slices_over_rows():
    found = isaac()
    cells, slices, rows, n_vectors, n_run = 8, 16, 128, 4, 96
    macs = found.macs_per_tile * n_vectors * n_run
    assert found.events.total("adc.convert") == macs * cells * slices // rows
    assert found.events.total("crossbar.mvm") == n_vectors * n_run * slices


def test_the_nameplate_of_isaac_adds_up_to_the_same():
    """Powers of Table I, group totals, with no event."""
    ima_W = 16.0e-3 + 4.0e-3 + 0.01e-3 + 2.4e-3 + 0.2e-3 + 1.24e-3 + 0.23e-3
    tile_W = 12 * ima_W + (20.7 + 7.0 + 42.0 / 4 + 0.52 + 0.05 + 0.4 + 1.68) * 1e-3
    found = isaac()
    assert tile_W == pytest.approx(0.330, rel=2e-3)
    assert found.power_W == pytest.approx(ISAAC_TILES * tile_W + 10.4, rel=1e-2)


def test_a_zero_input_costs_isaac_its_conversions_and_no_array_energy():
    full, none = (busy("isaac_ce", inputs=inputs, n_vectors=1) for inputs in ("uniform", "zero"))
    assert none.energy_J["crossbar"] == 0.0 < full.energy_J["crossbar"]
    for part in ("adc", "dac", "buffer", "shift_add"):
        assert none.energy_J[part] == full.energy_J[part] > 0.0


def test_hermes_core_is_calibrated():
    found = busy("hermes_core")
    assert found.latency_s == pytest.approx(130e-9, rel=5e-3)
    assert found.ops_per_s == pytest.approx(1.008e12, rel=5e-3)
    assert found.ops_per_J == pytest.approx(10.5e12, rel=5e-3)
    assert found.ops_per_s_m2 == pytest.approx(1.59e12 / MM2, rel=5e-3)
    assert found.energy_per_mvm_J == pytest.approx(12.48e-9, rel=5e-3)


def test_shares_of_the_hermes_core_are_plausible():
    """Reviews of such tiles: output encoding 50 to 70 %, array 15 to 20 % (secondary)."""
    found = busy("hermes_core")
    share = {name: e / found.energy_per_mvm_J for name, e in found.energy_J.items()}
    assert 0.5 <= share["adc"] <= 0.7
    assert 0.14 <= share["crossbar"] <= 0.2
    assert found.energy_J["adc"] / 256 >= 24e-12  # inferred of its converters


def test_the_chip_of_64_cores_is_blind():
    """No constant was fitted to it; the errors are ours, so that a change is seen."""
    found = busy("hermes_core", (("costs.static.n_tiles_of_chip", 64),))
    assert found.n_tiles == 64
    assert found.ops_per_s / 63.1e12 - 1.0 == pytest.approx(0.0226, abs=2e-3)
    assert found.ops_per_J / 9.76e12 - 1.0 == pytest.approx(0.0757, abs=5e-3)
    assert found.interval_s / 133e-9 - 1.0 == pytest.approx(-0.0226, abs=2e-3)


def neurram_rows() -> list[dict[str, float]]:
    """Published energies [fJ an operation] and throughput of NeuRRAM by input width."""
    with (PUBLISHED / "neurram.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [{name: float(value) for name, value in row.items()} for row in rows]


def neurram(in_bits: int, out_bits: int) -> BusyChip:
    return busy("neurram", (("hardware.adc.bits", out_bits),), input_bits=in_bits, weight_bits=4)


@pytest.mark.parametrize("row", neurram_rows(), ids=lambda row: f"{row['in_bits']:.0f} bits")
def test_every_part_of_neurram_at_every_width(row):
    """Word lines, neurons, input pulses: each within 10 %, throughput within 6 %."""
    found = neurram(int(row["in_bits"]), int(row["out_bits"]))
    ops = 65536
    assert 2 * found.macs_per_tile == ops
    fJ = {name: 1e15 * energy_J / ops for name, energy_J in found.energy_J.items()}
    assert fJ["line"] == pytest.approx(row["word_lines_fJ"], rel=0.10)
    assert fJ["adc"] + fJ["sample_hold"] == pytest.approx(row["neurons_fJ"], rel=0.10)
    assert fJ["dac"] + fJ["crossbar"] == pytest.approx(row["pulses_fJ"], rel=0.10)
    assert found.ops_per_s == pytest.approx(1e12 * row["tops"], rel=0.06)


def test_neurons_of_neurram_by_hand():
    """8 bits in, 10 out: 22 integrations, 16 steps, 7 samples of one neuron."""
    found = neurram(8, 10)
    n = 256
    by_hand_J = 22 * 0.25e-12 + 16 * 0.4e-12 + 7 * 1.2e-12
    assert (found.energy_J["adc"] + found.energy_J["sample_hold"]) / n == pytest.approx(by_hand_J)
    assert found.latency_s == pytest.approx(22 * 0.27e-6 + 16 * 0.3e-6 + 2 * 0.3e-6)


def test_a_chip_of_whole_groups():
    with pytest.raises(InputError, match=r"tiles: found 100; .*n_tiles_of_group is 96"):
        busy("isaac_ce", n_tiles=100)
