"""The floor plan as plain data, and drawn from it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from aimc_sim.mapping.floor import floors_of
from aimc_sim.mapping.floor_json import MOST_TILES, floor_json, runs
from aimc_sim.mapping.mapper import map_model
from aimc_sim.report.results.floor import floor_figure
from tests.generate import KERNEL_ONLY, random_model
from tests.laws.build import device_of, hardware_of


@pytest.mark.parametrize("mapping", ["hybrid", "split", "fused"])
def test_it_holds_what_lies_on_the_tiles(mapping: str) -> None:
    model = random_model(
        np.random.default_rng(4), **KERNEL_ONLY, complex=True, weight_bits=(8, 8),
        state_bits=(8, 8), max_channels=4,
    )  # fmt: skip
    plan = map_model(model, hardware_of(device_of("pcm_joshi2020"), s4d=mapping))
    tree = json.loads(json.dumps(floor_json(plan)))
    floors = floors_of(plan)
    assert tree["n_tiles"] == len(floors) > 0
    assert len(tree["tiles"]) == min(len(floors), MOST_TILES)
    for told, floor in zip(tree["tiles"], floors, strict=False):
        assert told["share_used"] == floor.share_used
        for region, drawn in zip(floor.regions, told["regions"], strict=True):
            assert drawn["n_weights"] == region.n_weights
            assert lines_of(drawn["wordlines"]) == region.wordlines.tolist()
            assert lines_of(drawn["bitlines"]) == region.bitlines.tolist()
            crossings = len(region.wordlines) * len(region.bitlines)
            assert drawn["share_held"] * crossings == pytest.approx(region.n_used)
    figure = floor_figure(tree)
    assert "tile 0" in figure.svg()
    assert len(figure.rows) >= sum(len(tile["regions"]) for tile in tree["tiles"])


def lines_of(pieces: list[list[int]]) -> list[int]:
    return [line for first, n in pieces for line in range(first, first + n)]


def test_lines_in_many_pieces_are_one_span() -> None:
    assert runs(np.arange(0, 70, 2)) == [[0, 69]]
    assert runs(np.array([3])) == [[3, 1]]
