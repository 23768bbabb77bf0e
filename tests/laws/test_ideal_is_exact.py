"""Law 1: an ideal device behind a wide converter equals the integer reference, bit for bit.

"Wide" is: a step of one unit of the accumulator, mid-tread, no value beyond the ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aimc_sim.data import Data
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.reference import run_reference
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.generate import KERNEL_ONLY, drawn, models, random_model
from tests.laws.build import (
    IDEAL_ADC,
    hardware_of,
    kernel_model,
    program_model,
    random_data,
)
from tests.laws.exact import (
    MAPPINGS,
    RATIOS,
    assert_exact,
    chips,
    hardware_for,
    is_refused,
    largest_current,
)

WIDE = {"kind": "uniform", "bits": 24, "range": "unit"}


def check_drawn(model: Model, chip: dict[str, Any], seed: int) -> None:
    """Check one drawn case; where its numbers are too large, do what the refusal advises."""
    data = random_data(np.random.default_rng(seed), model, 4, 6)
    advised: dict[str, dict[str, Any]] = {
        "use hardware.mapping.a_stored=A": {"a_stored": "A"},
        "float64 keeps them exact": {"dac": {"kind": "uniform", "bits": 1, "v_read_V": 0.2}},
    }
    while True:
        try:
            assert_exact(model, hardware_for(model, adc=IDEAL_ADC, **chip), data)
        except InputError as refusal:
            words = next((text for text in advised if text in str(refusal)), None)
            if words is None:
                raise
            chip = chip | advised.pop(words)
        else:
            return


@given(models(), chips(), st.integers(0, 2**32 - 1))
@drawn(50)
def test_generated_models(model, chip, seed):
    check_drawn(model, chip, seed)


@pytest.mark.slow
@given(models(max_channels=20, max_modes=24), chips(), st.integers(0, 2**32 - 1))
@settings(max_examples=600)
def test_many_generated_models(model, chip, seed):
    check_drawn(model, chip, seed)


@given(
    models(weight_bits=(2, 6), activation_bits=(2, 8), state_bits=(2, 10)),
    chips(),
    st.sampled_from(["unit", "worst_case"]),
    st.integers(0, 2**32 - 1),
)
@drawn(30)
def test_uniform_converter_that_is_wide_enough(model, chip, kind, seed):
    if kind == "worst_case":  # its step is no unit: both sides of a pair would round on their own
        chip = chip | {"subtraction": "before_adc"}
        assume(not is_refused(chip))
    hardware = hardware_for(model, adc={"kind": "uniform", "bits": 24, "range": kind}, **chip)
    assume(largest_current(map_model(model, hardware)) < 2**23 - 1)
    assert_exact(model, hardware, random_data(np.random.default_rng(seed), model, 4, 6))


@dataclass(frozen=True)
class Case:
    """One corner of the product of what law 1 names."""

    mapping: str
    subtraction: str
    ratio: float
    pair: str
    bits: int

    def check(self, model: Model, tile: tuple[int, int], data: Data) -> None:
        """Check one model on it."""
        assert_exact(
            model,
            hardware_for(
                model,
                self.ratio,
                tile=tile,
                pair=self.pair,
                s4d=self.mapping,
                subtraction=self.subtraction,
                dac={"kind": "uniform", "bits": self.bits, "v_read_V": 0.2},
            ),
            data,
        )


CASES = [
    Case(*values)
    for values in product(
        MAPPINGS, ("before_adc", "after_adc"), RATIOS, ("bitlines", "unit_cell"), (3, 8)
    )
]


THIRDS = [0, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]


@pytest.mark.parametrize("third", THIRDS)
@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("tied", [False, True], ids=["free", "tied"])
@pytest.mark.parametrize("readout", ["new", "old"])
def test_every_corner(readout, tied, is_complex, third):
    """A kernel of each kind meets every third case at first; three kinds meet them all."""
    kind = 4 * is_complex + 2 * tied + (readout == "new")
    rng = np.random.default_rng([41, tied, is_complex, readout == "new"])
    model = random_model(
        rng,
        complex=is_complex,
        tied=tied,
        readout=readout,
        n_blocks=1,
        weight_bits=(8, 8),
        activation_bits=(8, 8),
        state_bits=(16, 16),
    )
    data = random_data(rng, model, 3, 4)
    for case in CASES[(kind + third) % 3 :: 3]:
        case.check(model, (11, 13), data)


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("tile", [(1, 2), (2, 3), (3, 5)])
def test_tiles_of_a_few_lines(mapping, tile):
    rng = np.random.default_rng(4)
    model = random_model(
        rng, n_blocks=1, weight_bits=(4, 8), state_bits=(8, 12), activation_bits=(6, 8)
    )
    for subtraction in ("before_adc", "after_adc"):
        hardware = hardware_for(
            model, 0.1, s4d=mapping, tile=tile, subtraction=subtraction, bitlines_per_adc=3
        )
        assert_exact(model, hardware, random_data(rng, model, 3, 4))


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("readout", ["new", "old"])
def test_kernels_without_a_mode(mapping, readout):
    rng = np.random.default_rng(3)
    model = random_model(rng, max_modes=0, n_blocks=1, readout=readout, tied=True)
    assert_exact(model, hardware_for(model, 0.5, s4d=mapping), random_data(rng, model, 3, 4))


def test_states_and_outputs_clip_at_the_same_codes():
    rng = np.random.default_rng(5)
    model = random_model(rng, **KERNEL_ONLY, state_bits=(6, 6), activation_bits=(6, 8))
    signal = model.input
    x_code = np.full((2, 40, model.n_input), signal.code_max)
    x_code[1] = signal.code_min
    layer = model.layers[0]
    for mapping in MAPPINGS:
        data = Data(x_code, np.array([40, 40]))
        assert_exact(model, hardware_for(model, 0.5, s4d=mapping), data)
    states = run_reference(model, x_code, probes=("s4d0/x",)).probes["s4d0/x"]
    assert isinstance(layer, S4D)
    assert states.max() == layer.state.code_max
    assert states.min() == layer.state.code_min


@pytest.mark.parametrize(
    ("tied", "readout", "phases"),
    [
        (True, "old", {"all": ("xu", "xy")}),
        (True, "new", {"state": ("xu", "x"), "C": ("x", "y")}),
        (False, "old", {"x": ("x", "xy"), "u": ("u", "x")}),
        (False, "new", {"x": ("x", "x"), "u": ("u", "x"), "C": ("x", "y")}),
    ],
)
def test_fused_shares_a_bitline_only_where_tied(tied, readout, phases):
    model = kernel_model(tied=tied, readout=readout)
    hardware = hardware_of(s4d="fused")
    plan = map_model(model, hardware)
    found = {p.name: ("".join(p.drives), "".join(p.reads)) for p in plan.matrices[0].matrix.phases}
    assert found == phases
    data = Data(np.full((1, 3, 2), 9), np.array([3]))
    assert_exact(model, hardware, data)
    events = run(model, program_model(model, hardware), data, seed=0).events
    size = {"x": 3, "y": 2, "u": 2}  # three states, two outputs, two inputs
    for action, side in (("dac.convert", 0), ("adc.convert", 1)):
        per_step = sum(size[v] for lines in phases.values() for v in lines[side])
        assert events.total(action) == 3 * per_step
    assert events.total("crossbar.mvm") == 3 * len(phases)


@pytest.mark.parametrize("mapping", ["split", "fused"])
def test_a_state_wider_than_the_adc_is_refused(mapping):
    model = kernel_model()  # a state of 12 bits
    with pytest.raises(InputError, match=r"'ssm'.*12 bits.*ADC of 10.*allow_narrow_state"):
        map_model(model, hardware_of(adc=WIDE | {"bits": 10}, s4d=mapping))
    map_model(model, hardware_of(adc=WIDE | {"bits": 12}, s4d=mapping))
    map_model(model, hardware_of(adc=WIDE | {"bits": 10}, s4d="hybrid"))


def test_effective_state_bits_are_what_the_converter_leaves():
    model = kernel_model()
    adc = {"kind": "uniform", "bits": 8, "range": "worst_case"}
    hardware = hardware_of(adc=adc, s4d="split", allow_narrow_state=True)
    data = Data(np.full((1, 5, 2), 60), np.array([5]))
    result = run(model, program_model(model, hardware), data, seed=0)
    step = (
        100 * 2**11 / 127 * 2 / 2**8
    )  # largest A code times state magnitude over codes, times m/2^k
    assert result.effective_state_bits == {"ssm": pytest.approx(12 - np.log2(step), abs=0.02)}
    hybrid = hardware_of(adc=adc, s4d="hybrid")
    assert run(model, program_model(model, hybrid), data, seed=0).effective_state_bits == {}
