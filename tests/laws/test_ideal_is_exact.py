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

from aimc_sim.data import Data, load_data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan, slices_of
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.model.reference import run_reference
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.generate import KERNEL_ONLY, models, random_model
from tests.laws.build import (
    IDEAL_ADC,
    IDEAL_DAC,
    all_probes,
    device_of,
    hardware_of,
    kernel_model,
    program_model,
    random_data,
)

RATIOS = (0.0, 0.1, 0.5, 2.5)
MAPPINGS = ("hybrid", "split", "fused")
BUNDLED = ("digits", "smnist196", "smnist784")
WIDE = {"kind": "uniform", "bits": 24, "range": "unit"}


def hardware_for(model: Model, ratio: float, *, which: int = 0, **options: Any) -> Hardware:
    """Return an ideal chip whose g_min is `ratio` code steps of its tensor number `which`."""
    plan = map_model(model, hardware_of(**options))
    fulls = [full for m in plan.matrices for full in m.matrix.code_full.values()]
    g_min_S = ratio * 25.0e-6 / fulls[which % len(fulls)] if fulls else 0.0
    device = device_of("ideal", g_min_S=g_min_S, g_max_S=g_min_S + 25.0e-6)
    return hardware_of(device, **options)


def assert_exact(model: Model, hardware: Hardware, data: Data, batch_size: int = 3) -> None:
    """Check every layer and state at every step, and what follows the pool."""
    probes = all_probes(model)
    expected = run_reference(model, data.x_code, data.lengths, probes=probes)
    found = run(
        model, program_model(model, hardware), data, seed=2, probes=probes, batch_size=batch_size
    )
    for name in probes:
        np.testing.assert_array_equal(found.probes[name][0], expected.probes[name], err_msg=name)
    np.testing.assert_array_equal(found.y_code[0], expected.y_code)
    assert not found.error_square.any()
    assert not any(found.saturated.values())
    assert all(
        bits == model.by_name[name].state.bits for name, bits in found.effective_state_bits.items()
    )


def largest_current(plan: Plan) -> float:
    """Return a bound of all bitline currents in units of a weight code, pedestal included."""
    device, worst = plan.hardware.device, 0.0
    for m in plan.matrices:
        pedestal_S = max(device.g_min_S, plan.hardware.mapping.unused_S or 0.0)
        window_S = device.g_max_S - device.g_min_S
        pedestal = pedestal_S * max(m.matrix.code_full.values()) / window_S
        dense = np.zeros((m.matrix.n_rows, m.matrix.n_cols))
        for block in m.matrix.blocks:
            rows, cols = block.codes.shape
            dense[block.row0 : block.row0 + rows, block.col0 : block.col0 + cols] = abs(block.codes)
        for phase in m.matrix.phases:
            for slices in slices_of(m.matrix, phase, plan.hardware):
                size = np.zeros(m.matrix.n_rows)
                for name, part in slices.items():
                    size[m.matrix.input(name).lines] = part.magnitude
                worst = max(worst, float((size @ (dense + pedestal)).max(initial=0.0)))
    return worst


@st.composite
def chips(draw: st.DrawFn) -> dict[str, Any]:
    """Draw tile shapes, converters and mapping of an ideal chip."""
    dac = draw(
        st.one_of(
            st.just(IDEAL_DAC),
            st.integers(1, 16).map(lambda bits: {"kind": "uniform", "bits": bits, "v_read_V": 0.2}),
        )
    )
    return {
        "tile": (draw(st.integers(8, 512)), draw(st.integers(8, 512))),
        "dac": dac,
        "pair": draw(st.sampled_from(["bitlines", "unit_cell"])),
        "bitlines_per_adc": draw(st.sampled_from([1, 8])),
        "s4d": draw(st.sampled_from(MAPPINGS)),
        "ratio": draw(st.sampled_from(RATIOS)),
        "which": draw(st.integers(0, 9)),
        "subtraction": draw(st.sampled_from(["before_adc", "after_adc"])),
        "unused": draw(st.sampled_from(["stated", "programmed"])),
        "unused_S": draw(st.sampled_from([None, 0.0, 7.7e-6])),
    }


def check_drawn(model: Model, chip: dict[str, Any], seed: int) -> None:
    """Check one drawn case; where float64 cannot hold its sums, do what the refusal advises."""
    data = random_data(np.random.default_rng(seed), model, 4, 6)
    try:
        assert_exact(model, hardware_for(model, adc=IDEAL_ADC, **chip), data)
    except InputError as refusal:
        if "float64 keeps them exact" not in str(refusal):
            raise
        narrow = chip | {"dac": {"kind": "uniform", "bits": 1, "v_read_V": 0.2}}
        assert_exact(model, hardware_for(model, adc=IDEAL_ADC, **narrow), data)


@given(models(), chips(), st.integers(0, 2**32 - 1))
@settings(max_examples=120)
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
@settings(max_examples=40)
def test_uniform_converter_that_is_wide_enough(model, chip, kind, seed):
    if kind == "worst_case":  # its step is no unit: both sides of a pair would round on their own
        chip = chip | {"subtraction": "before_adc"}
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


@pytest.mark.parametrize("is_complex", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("tied", [False, True], ids=["free", "tied"])
@pytest.mark.parametrize("readout", ["new", "old"])
def test_every_corner(readout, tied, is_complex):
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
    for case in CASES:
        case.check(model, (11, 13), data)


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


def bundled(name: str) -> tuple[Model, Data]:
    """Return a committed model and its test batch."""
    model = load_model(f"examples/models/{name}.npz")
    return model, load_data(f"examples/data/{name}_test.npz", model)


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
