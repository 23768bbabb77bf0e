"""Broken data, chip and device files: one line each, through the functions that read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aimc_sim.chip import load_chip
from aimc_sim.data import load_data
from aimc_sim.devices import load_device
from aimc_sim.model.check import check_model
from aimc_sim.model.layers import Linear, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Requant, Signal
from aimc_sim.spec import InputError
from tests.broken import data, yamls
from tests.broken.corpus import Broken, good_model
from tests.broken.test_models import assert_one_clear_line


@pytest.mark.parametrize("case", data.CASES, ids=lambda case: case.name)
def test_broken_data(case: Broken, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    with pytest.raises(InputError) as caught:
        load_data(path, good_model())
    assert_one_clear_line(str(caught.value), path, case)


@pytest.mark.parametrize("case", yamls.CHIPS, ids=lambda case: case.name)
def test_broken_chip(case: Broken, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    with pytest.raises(InputError) as caught:
        load_chip(path)
    assert_one_clear_line(str(caught.value), path, case)


@pytest.mark.parametrize("case", yamls.DEVICES, ids=lambda case: case.name)
def test_broken_device(case: Broken, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    with pytest.raises(InputError) as caught:
        load_device(path)
    assert_one_clear_line(str(caught.value), path, case)


def test_a_chip_tells_a_broken_device_file_by_its_own_name(tmp_path: Path) -> None:
    case = next(case for case in yamls.DEVICES if case.name == "device_nan")
    device = case.write(tmp_path)
    edit = yamls.setting("hardware.device", device.name)
    chip = yamls.from_tree("chip", yamls.CHIP, edit).write(tmp_path)
    with pytest.raises(InputError) as caught:
        load_chip(chip)
    assert_one_clear_line(str(caught.value), device, case)


def test_the_good_files_are_good(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, **data.good_arrays())
    assert load_data(path, good_model()).x_code.shape == (data.N, data.STEPS, 3)
    same = yamls.setting("version", "1.0")
    chip = yamls.from_tree("chip", yamls.CHIP, same).write(tmp_path)
    assert load_chip(chip).digest() == load_chip(yamls.CHIP).digest()
    device = yamls.from_tree("device", yamls.DEVICE, same).write(tmp_path)
    assert load_device(device).digest() == load_device(yamls.DEVICE).digest()


def test_raw_values_beyond_every_code_are_clipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    inputs = np.zeros((1, 2, 3))
    inputs[0, 0] = [1e308, -1e308, 0.03125]
    np.savez(path, inputs=inputs)
    read = load_data(path, good_model())
    assert read.x_code[0, 0].tolist() == [127, -128, 1]
    assert read.n_clipped == 2


@pytest.mark.parametrize(
    ("rule", "layer", "longest"), [("sum", "head", 63), ("mean", "pool", 32768)]
)
def test_sequences_too_long_for_64_bits(
    rule: str, layer: str, longest: int, tmp_path: Path
) -> None:
    """A bias of 2^53 times 8 counts 63 steps; a mean of 16 bits times 2^31 sums 32768."""
    codes, one = Signal(16, True, 1.0), np.array(1, dtype=np.int64)
    pool = Pool("pool", "input", rule, 2**31 - 1, 0, Signal(16, True, 1.0))
    bias = np.array([2**53 if rule == "sum" else 0], dtype=np.int64)
    head = Linear(
        "head",
        "pool",
        np.array([[1]]),
        2,
        bias,
        Requant(8 * one, one),
        codes,
        bias_times_length=rule == "sum",
    )
    model = Model(1, codes, (pool, head))
    check_model(model, "model")
    path = tmp_path / "data.npz"
    np.savez(path, inputs=np.zeros((2, longest, 1), dtype=np.int8))
    assert len(load_data(path, model)) == 2
    np.savez(path, inputs=np.zeros((2, longest + 1, 1), dtype=np.int8))
    with pytest.raises(InputError) as caught:
        load_data(path, model)
    assert f"found {longest + 1} steps; so many overflow layer {layer!r}" in str(caught.value)
