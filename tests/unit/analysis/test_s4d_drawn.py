"""Poles and kernels in the JSON of a run: small, and the same picture when drawn again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from aimc_sim.analysis.s4d import LayerPicture, s4d_pictures
from aimc_sim.analysis.s4d_drawn import (
    MOST_MODES,
    chosen_channels,
    drawn_json,
    drawn_picture,
    steps_shown,
)
from tests.generate import KERNEL_ONLY, random_model
from tests.laws.build import device_of, hardware_of, program_model


def picture_of(mapping: str) -> LayerPicture:
    """Poles and kernels of one layer on three chips after an hour."""
    model = random_model(
        np.random.default_rng(4), **KERNEL_ONLY, complex=True, weight_bits=(8, 8),
        state_bits=(8, 8), max_channels=6,
    )  # fmt: skip
    tiles = program_model(model, hardware_of(device_of("pcm_joshi2020"), s4d=mapping), n_chips=3)
    (picture,) = s4d_pictures(model, tiles, age_s=3600.0).values()
    return picture


def tree_of(picture: LayerPicture) -> Any:
    """What stands in the JSON, read back from text."""
    tree = {**picture.to_json(), "drawn": drawn_json(picture)}
    return json.loads(json.dumps(tree, allow_nan=False))


@pytest.mark.parametrize("mapping", ["hybrid", "split"])
def test_what_is_drawn_again_is_the_same(mapping: str) -> None:
    picture = picture_of(mapping)
    again = drawn_picture(picture.layer, tree_of(picture))
    assert again is not None
    assert (again.layer, again.mapping) == (picture.layer, picture.mapping)
    np.testing.assert_allclose(again.quantised, picture.quantised, rtol=1e-5)
    assert chosen_channels(again) == chosen_channels(picture)
    for h in chosen_channels(picture).values():
        n = steps_shown(picture.kernels[h])
        np.testing.assert_allclose(again.kernels[h, :n], picture.kernels[h, :n], rtol=1e-5)
        for name, stage in picture.stages.items():
            kept = again.stages[name]
            np.testing.assert_allclose(kept.kernels[0, h, :n], stage.kernels[0, h, :n], rtol=1e-5)
            np.testing.assert_array_equal(kept.per_channel, stage.per_channel)
    for name, stage in picture.stages.items():
        if stage.poles is None:
            assert again.stages[name].poles is None
            continue
        poles = again.stages[name].poles
        assert poles is not None
        np.testing.assert_allclose(poles[0, :, 0], stage.poles[0, :, 0], rtol=1e-5, atol=1e-12)
        size, expected = (np.abs(p).max(axis=-1)[0] for p in (poles, stage.poles))
        np.testing.assert_allclose(size, expected, rtol=1e-5)


def test_many_modes_are_thinned() -> None:
    picture = picture_of("split")
    n = 3 * MOST_MODES + 1
    many = LayerPicture(
        "x", "split", np.zeros(n, complex), np.arange(n) + 0j, picture.kernels,
        {name: type(s)(s.age_s, np.zeros((3, n, 2), complex), s.kernels, s.error)
         for name, s in picture.stages.items()},
    )  # fmt: skip
    drawn = drawn_json(many)
    assert drawn["every"] == 4
    assert drawn["quantised"]["re"] == list(range(0, n, 4))
    assert len(drawn["stages"]["drifted"]["poles"]["size"]) == len(drawn["trained"]["im"]) < n / 3


def test_a_kernel_that_grows_beyond_numbers_is_bounded() -> None:
    picture = picture_of("split")
    (h, *_) = chosen_channels(picture).values()
    picture.stages["drifted"].kernels[0, h, 2:5] = np.inf, -np.inf, np.nan
    kept = tree_of(picture)["drawn"]["stages"]["drifted"]["kernels"][str(h)]
    assert kept[2:5] == [1e30, -1e30, 0.0]


def test_older_files_hold_nothing_to_draw() -> None:
    assert drawn_picture("x", picture_of("split").to_json()) is None
