"""Pruned models on tiles: they cost less, and run exactly where devices are ideal."""

from __future__ import annotations

import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from prune import Shares, prune

from aimc_sim import cost_of, load_chip, load_data, load_model, map_model, program, run
from aimc_sim.model.calibration import load_calibration
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model

EXAMPLES = pathlib.Path(__file__).resolve().parents[1]


def pruned(shares: Shares) -> Model:
    """The bundled model of the spoken digits with less in it."""
    batch = load_calibration(EXAMPLES / "data/digits_calibration.npz", 64)
    return prune(load_model(EXAMPLES / "models/digits.npz"), batch, shares)


def figures(model: Model, chip_name: str, mapping: str) -> tuple[float, ...]:
    """Tiles, devices, energy of two sequences and area."""
    chip = load_chip(
        EXAMPLES / f"chips/{chip_name}.yaml",
        {"hardware.mapping.s4d": mapping, "hardware.mapping.allow_narrow_state": True},
    )
    plan = map_model(model, chip.hardware)
    tiles = program(plan, chip.hardware, seed=1)
    data = load_data(EXAMPLES / "data/digits_test.npz", model).rows(0, 2)
    bill = cost_of(run(model, tiles, data, seed=1).events, chip.costs, plan)
    n_weights = sum(m.matrix.n_weights for m in plan.matrices)
    return len(plan.tiles), n_weights, bill.energy_J.total, bill.area_m2.total


@pytest.mark.parametrize("mapping", ["hybrid", "split"])
@pytest.mark.parametrize("chip_name", ["pcm_256", "rram_64"])
def test_a_smaller_model_costs_less(chip_name: str, mapping: str) -> None:
    shares = (Shares(), Shares(0.5), Shares(0.25), Shares(0.25, channels=0.5))
    found = np.array([figures(pruned(s), chip_name, mapping) for s in shares])
    n_tiles, n_weights, energy_J, area_m2 = np.diff(found, axis=0).T
    assert np.all(n_tiles <= 0)
    assert np.all(n_weights < 0)
    assert np.all(energy_J < 0.0)
    assert np.all(area_m2 <= 0.0)
    assert found[-1, 0] < found[0, 0]
    assert found[-1, 3] < found[0, 3]


def test_a_pruned_model_is_exact_on_ideal_tiles() -> None:
    """Channels with other numbers of modes, one with none, in every mapping."""
    smaller = pruned(Shares(0.2, channels=0.8, least=0))
    assert min(x.n_states.min() for x in smaller.layers if isinstance(x, S4D)) == 0
    data = load_data(EXAMPLES / "data/digits_test.npz", smaller).rows(0, 2)
    for mapping in ("hybrid", "split", "fused"):
        chip = load_chip(EXAMPLES / "chips/ideal.yaml", {"hardware.mapping.s4d": mapping})
        tiles = program(map_model(smaller, chip.hardware), chip.hardware, seed=0)
        found = run(smaller, tiles, data, seed=0)
        assert np.array_equal(found.y_code[0], found.reference_y_code), mapping
