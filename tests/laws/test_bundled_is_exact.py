"""Law 1 for the bundled models: first steps in every mapping, and whole runs."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.data import Data, load_data
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from tests.laws.exact import MAPPINGS, RATIOS, assert_exact, hardware_for

BUNDLED = ("digits", "digits01", "smnist196", "smnist784", "vowels")


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
def test_bundled_model_over_its_first_steps(name, mapping):
    model, data = bundled(name)
    short = Data(data.x_code[:2, :12], np.array([12, 7]))
    subtraction, ratio, tile = {
        "hybrid": ("before_adc", 0.1, (100, 70)),
        "split": ("after_adc", 0.5, (64, 64)),
        "fused": ("before_adc", 2.5, (256, 256)),
    }[mapping]
    assert_exact(
        model,
        hardware_for(
            model,
            ratio,
            tile=tile,
            s4d=mapping,
            subtraction=subtraction,
            dac={"kind": "uniform", "bits": 8, "v_read_V": 0.2},
        ),
        short,
    )


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_model_over_a_whole_run(name):
    model, data = bundled(name)
    assert_exact(model, hardware_for(model, 0.0, tile=(256, 512)), data.rows(0, 2))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
@pytest.mark.parametrize("ratio", RATIOS)
def test_bundled_model_over_whole_runs_of_every_mapping(name, mapping, subtraction, ratio):
    model, data = bundled(name)
    assert_exact(
        model,
        hardware_for(
            model,
            ratio,
            tile=(100, 70),
            s4d=mapping,
            subtraction=subtraction,
            dac={"kind": "uniform", "bits": 8, "v_read_V": 0.2},
        ),
        data.rows(0, 2),
    )


ENCODINGS = ("one_sided", "two_sided", "offset_column")
SLICES = {"whole": None, "2 bits": 2, "4 and 3 bits": (4, 3)}
INPUTS = {
    "8 bits": {"kind": "uniform", "bits": 8},
    "bit-serial": {"kind": "uniform", "bits": 1, "polarity": "unipolar"},
    "pulses": {"kind": "pulse_width", "bits": 8, "lsb_time_s": 1.0e-10},
    "uneven": {"kind": "uniform", "bits": 8, "polarity": "unipolar", "slice_bits": (3, 8)},
}
RECURRENCES = {
    "A": {},
    "A - I": {"a_stored": "A_minus_I", "window": "mode"},
    "A - I, gains": {"a_stored": "A_minus_I", "window": "kernel", "pole_gain": "complex"},
}


def chip_of(model, mapping, encoding, slices, inputs="8 bits", recurrence="A", **options):
    """Return an ideal chip of these choices; an offset column wants its unused cells at zero."""
    unused = "programmed" if encoding == "offset_column" else "stated"
    return hardware_for(
        model,
        options.pop("ratio", 0.1),
        tile=(128, 600),
        s4d=mapping,
        weights={"encoding": encoding, "cell_bits": SLICES[slices], "redundancy": 1},
        dac={"v_read_V": 0.2, **INPUTS[inputs]},
        unused=unused,
        noise_form="cell",
        **RECURRENCES[recurrence],
        **options,
    )


def cycled(n):
    """Return `n` combinations, in which neighbouring choices meet in many pairs, on all models."""
    axes = (BUNDLED, MAPPINGS, ENCODINGS, tuple(SLICES), tuple(INPUTS), tuple(RECURRENCES))
    strides = (1, 1, 3, 9, 2, 5)
    return [
        tuple(
            axis[(k // stride + k) % len(axis)] for axis, stride in zip(axes, strides, strict=True)
        )
        for k in range(n)
    ]


@pytest.mark.parametrize("choices", cycled(12), ids=", ".join)
def test_bundled_model_over_its_first_steps_in_other_encodings(choices):
    name, mapping, *others = choices
    model, data = bundled(name)
    short = Data(data.x_code[:2, :4], np.array([4, 3]))
    assert_exact(model, chip_of(model, mapping, *others, share_tiles=mapping == "split"), short)


def test_an_offset_column_after_the_adc():
    model, data = bundled("digits")
    short = Data(data.x_code[:2, :4], np.array([4, 3]))
    for slices in SLICES:
        chip = chip_of(model, "split", "offset_column", slices, subtraction="after_adc", ratio=0.5)
        assert_exact(model, chip, short)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("slices", SLICES)
def test_bundled_model_over_whole_runs_of_every_encoding(name, mapping, encoding, slices):
    model, data = bundled(name)
    assert_exact(model, chip_of(model, mapping, encoding, slices), data.rows(0, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("recurrence", RECURRENCES)
def test_bundled_model_over_whole_runs_of_every_input_and_recurrence(
    name, mapping, inputs, recurrence
):
    model, data = bundled(name)
    chip = chip_of(model, mapping, "two_sided", "whole", inputs, recurrence)
    assert_exact(model, chip, data.rows(0, 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("pair", ["bitlines", "unit_cell"])
def test_bundled_model_over_whole_runs_of_open_bitlines(name, mapping, pair):
    model, data = bundled(name)
    subtraction = "before_adc" if pair == "unit_cell" else "after_adc"
    chip = chip_of(
        model, mapping, "one_sided", "whole", pair=pair, sensing="voltage", subtraction=subtraction
    )
    assert_exact(model, chip, data.rows(0, 1))


def bundled(name: str) -> tuple[Model, Data]:
    """Return a committed model and its test batch."""
    model = load_model(f"examples/models/{name}.npz")
    return model, load_data(f"examples/data/{name}_test.npz", model)
