"""Maps of faults: a round trip, axes, digests, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.crossbar.io import read_fault_map
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.laws.build import linear_model
from tests.unit.crossbar.fault_tiles import DAC, DATA, MODEL, WEIGHT, tiles_of

N_TILES, PAIRS = 6, {"bitlines": (20,), "unit_cell": (20, 2)}


def empty_map(pair="bitlines", *chips):
    return np.full((*chips, N_TILES, 16, *PAIRS[pair]), np.nan)


def written(path, **arrays):
    np.savez_compressed(path, **arrays)
    return {"map": str(path)}


def test_a_map_comes_back_as_it_was_written(tmp_path):
    rng = np.random.default_rng(2)
    stuck_S = np.where(rng.random((N_TILES, 16, 20)) < 0.2, rng.uniform(0, 1e-3, 20), np.nan)
    tiles = tiles_of(written(tmp_path / "m.npz", stuck_S=stuck_S), n_chips=2)
    without = tiles_of(None, n_chips=2)
    n = 0
    for (chip, tile_id), state in tiles.states.items():
        rows, columns, _ = state.g_target_S.shape
        here = stuck_S[tile_id, :rows, : 2 * columns].reshape(rows, columns, 2)
        expected = np.where(np.isnan(here), without.g_S(chip, tile_id, 7.0), here)
        np.testing.assert_array_equal(tiles.g_S(chip, tile_id, 7.0), expected)
        n += (~np.isnan(here)).sum()
    assert tiles.n_faults == {"stuck_off": 0, "stuck_on": 0, "line": 0, "map": n}
    assert n > 100


def test_one_device_of_a_map_moves_its_bitline_alone(tmp_path):
    """A device stuck at 0 takes away its own product; the noise of other bitlines stays."""
    stuck_S = empty_map()
    stuck_S[0, 3, 5] = 0.0  # wordline 3, column 2, the negative device
    faults = written(tmp_path / "m.npz", stuck_S=stuck_S)
    exact = run(MODEL, tiles_of(faults, "ideal"), DATA, seed=1).y_code[0]
    shift = np.zeros_like(exact)
    last = DATA.x_code[np.arange(len(DATA)), DATA.lengths - 1]
    shift[:, 2] = last[:, 3] * max(-int(WEIGHT[3, 2]), 0)
    assert shift.any()
    np.testing.assert_array_equal(exact, last @ WEIGHT + shift)
    noisy, clean = (
        run(MODEL, tiles_of(f, dac=DAC), DATA, seed=1).y_code[0] for f in (faults, None)
    )
    others = np.arange(12) != 2
    np.testing.assert_array_equal(noisy[:, others], clean[:, others])
    assert (noisy[:, 2] != clean[:, 2]).any()


def test_a_map_may_tell_chips_apart(tmp_path):
    stuck_S = empty_map("bitlines", 3)
    stuck_S[1, 0, 0, 0], stuck_S[2, 0, 0, 1] = 7.0e-6, 8.0e-6
    faults = written(tmp_path / "m.npz", stuck_S=stuck_S)
    tiles = tiles_of(faults, n_chips=2, first_chip=1)
    assert set(tiles.faults.stuck_S) == {(1, 0), (2, 0)}
    assert (tiles.g_S(1, 0)[0, 0, 0], tiles.g_S(2, 0)[0, 0, 1]) == (7.0e-6, 8.0e-6)
    assert tiles.n_faults["map"] == 2
    with pytest.raises(InputError, match=r"has 3 chips; expected at least 4, or no axis"):
        tiles_of(faults, n_chips=4)


def test_a_unit_cell_has_two_devices_on_a_bitline(tmp_path):
    one = linear_model(WEIGHT[:16])
    stuck_S = np.full((1, 16, 20, 2), np.nan)
    stuck_S[0, 2, 4, 1] = 9.0e-6
    faults = written(tmp_path / "m.npz", stuck_S=stuck_S)
    tiles = tiles_of(faults, model=one, pair="unit_cell")
    assert tiles.g_S(0, 0)[2, 4, 1] == 9.0e-6
    assert tiles.n_faults["map"] == 1


def test_faults_of_lines_that_are_not_used_do_not_count(tmp_path):
    one = linear_model(WEIGHT[:15, :9])
    stuck_S = np.full((1, 16, 21), 0.0)
    stuck_S[:, :15, :18] = np.nan
    tiles = tiles_of(written(tmp_path / "m.npz", stuck_S=stuck_S), model=one, shape=(16, 21))
    assert tiles.n_faults["map"] == 0
    assert not tiles.faults.stuck_S


def test_the_digest_is_that_of_the_content(tmp_path):
    one = empty_map()
    one[0, 0, 0] = 1.0e-6
    other = one.copy()
    other[0, 0, 0] = 2.0e-6
    odd = one.copy()
    odd[1, 1, 1] = -np.nan  # another NaN, another byte order: the same content
    digests = [
        tiles_of(written(tmp_path / f"{i}.npz", stuck_S=a)).faults.map_digest
        for i, a in enumerate((one, other, odd.astype(">f8")))
    ]
    assert digests[0] == digests[2] != digests[1]
    assert len(digests[0]) == 64
    for i, digest in ((0, digests[0]), (1, digests[1])):
        pinned = {"map": str(tmp_path / f"{i}.npz"), "map_digest": digest}
        assert tiles_of(pinned).faults.map_digest == digest
    with pytest.raises(InputError, match=rf"0.npz: its content has digest {digests[0]}; device"):
        tiles_of({"map": str(tmp_path / "0.npz"), "map_digest": digests[1]})


def spoilt(value):
    stuck_S = empty_map()
    stuck_S[1, 2, 3] = value
    return stuck_S


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"stuck": empty_map()}, r"array 'stuck': is not expected here; a fault map holds 'stuck_"),
        ({}, r"array 'stuck_S' is missing"),
        ({"stuck_S": empty_map(), "rate": np.zeros(1)}, r"array 'rate': is not expected here"),
        ({"stuck_S": empty_map().astype(np.float32)}, r"'stuck_S': found float32; expected float6"),
        ({"stuck_S": np.zeros((6, 16, 20), int)}, r"'stuck_S': found int64; expected float64"),
        ({"stuck_S": np.zeros((6, 16, 20), complex)}, r"'stuck_S': found complex128"),
        ({"stuck_S": np.zeros((6, 20, 16))}, r"found shape \(6, 20, 16\); expected \[tile, wordl"),
        ({"stuck_S": np.zeros((5, 16, 20))}, r"expected \[tile, wordline, bitline\] = \(6, 16, 20"),
        ({"stuck_S": np.zeros((0, 6, 16, 20))}, r"has 0 chips; expected at least 1"),
        ({"stuck_S": np.zeros(())}, r"found shape \(\)"),
        ({"stuck_S": spoilt(np.inf)}, r"'stuck_S': found inf S at \[1, 2, 3\]; expected NaN"),
        ({"stuck_S": spoilt(-1.0e-9)}, r"found -1e-09 S at \[1, 2, 3\]; expected NaN \(healthy\)"),
    ],
)
def test_a_wrong_map_is_refused_in_one_line(tmp_path, arrays, says):
    path = tmp_path / "m.npz"
    with pytest.raises(InputError, match=says) as caught:
        tiles_of(written(path, **arrays))
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_map_that_is_no_archive_is_refused(tmp_path):
    plan = tiles_of(None).plan
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04")
    for name, says in (("none.npz", "no such file"), ("torn.npz", "a torn zip")):
        with pytest.raises(InputError, match=says):
            read_fault_map(tmp_path / name, plan, 1)
    np.savez(tmp_path / "object.npz", stuck_S=np.array([None, 1], dtype=object))
    with pytest.raises(InputError, match="has object dtype"):
        read_fault_map(tmp_path / "object.npz", plan, 1)


def test_a_map_is_found_from_the_current_directory(tmp_path, monkeypatch):
    stuck_S = empty_map()
    stuck_S[:] = 0.0
    written(tmp_path / "here.npz", stuck_S=stuck_S)
    monkeypatch.chdir(tmp_path)
    result = run(MODEL, tiles_of({"map": "here.npz"}), DATA, seed=1)
    assert not result.y_code.any()
