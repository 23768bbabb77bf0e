"""What the tests of law 1 share: ideal chips, their limits, and the comparison at every step."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.reads import reads_of
from aimc_sim.mapping.support import check_supported
from aimc_sim.model.network import Model
from aimc_sim.model.reference import run_reference
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.laws.build import IDEAL_DAC, all_probes, device_of, hardware_of, program_model

RATIOS = (0.0, 0.1, 0.5, 2.5)
MAPPINGS = ("hybrid", "split", "fused")


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
            for read in reads_of(m.matrix, phase, plan.hardware):
                size = np.zeros(m.matrix.n_rows)
                for name, part in read.slices.items():
                    size[m.matrix.input(name).lines] = part.magnitude
                worst = max(worst, float((size @ (dense + pedestal)).max(initial=0.0)))
    return worst


def dacs() -> st.SearchStrategy[dict[str, Any]]:
    """Draw converters without faults: voltages or pulses, of any slices and polarity."""
    stepped = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["uniform", "pulse_width", "bit_pulse"]),
            "bits": st.integers(1, 16),
            "v_read_V": st.just(0.2),
            "polarity": st.sampled_from(["bipolar", "unipolar", "sign_magnitude"]),
        }
    )

    def whole(dac: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        times = {
            "uniform": {},
            "pulse_width": {"lsb_time_s": 1.0e-13},
            "bit_pulse": {"t_pulse_s": 1.0e-13, "t_integrate_s": 1.0e-13},
        }
        widths = st.lists(st.integers(1, dac["bits"]), min_size=1, max_size=3).map(tuple)
        slices = st.one_of(st.none(), widths).map(lambda w: {"slice_bits": w})
        if dac["kind"] == "bit_pulse":
            slices = st.one_of(slices, st.integers(1, 6).map(lambda n: {"halve_above": n}))
        return slices.map(lambda cut: dac | times[dac["kind"]] | cut)

    return st.one_of(st.just(IDEAL_DAC), stepped.flatmap(whole))


def is_refused(options: dict[str, Any]) -> bool:
    """Return whether choices contradict each other, and are refused by name for that."""
    known = {k: v for k, v in options.items() if k not in ("ratio", "which")}
    try:
        check_supported(hardware_of(**known))
    except InputError:
        return True
    return False


@st.composite
def encodings(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what one weight, one state matrix and one tile can be made of."""
    cell_bits = draw(
        st.one_of(
            st.none(),
            st.integers(1, 8),
            st.lists(st.integers(1, 8), min_size=1, max_size=3).map(tuple),
        )
    )
    return {
        "weights": {
            "encoding": draw(st.sampled_from(["one_sided", "two_sided", "offset_column"])),
            "cell_bits": cell_bits,
            "redundancy": draw(st.integers(1, 3)),
        },
        "window": draw(st.sampled_from(["tensor", "tile", "kernel", "mode"])),
        "a_stored": draw(st.sampled_from(["A", "A_minus_I"])),
        "pole_gain": draw(st.sampled_from(["none", "magnitude", "complex"])),
        "share_tiles": draw(st.booleans()),
        "wordline_order": draw(st.sampled_from(["as_mapped", "reversed", "heavy_first"])),
        "column_order": draw(st.sampled_from(["as_mapped", "reversed", "heavy_first"])),
        "sensing": draw(st.sampled_from(["current", "current", "voltage"])),
        "noise_form": "cell",
    }


@st.composite
def chips(draw: st.DrawFn) -> dict[str, Any]:
    """Draw tile shapes, converters and mapping of an ideal chip."""
    made_of = draw(encodings())
    least = 40 if made_of["weights"]["cell_bits"] is None else 200  # bitlines of one weight
    options = {
        "tile": (draw(st.integers(8, 512)), draw(st.integers(least, 512))),
        "dac": draw(dacs()),
        "pair": draw(st.sampled_from(["bitlines", "unit_cell"])),
        "bitlines_per_adc": draw(st.sampled_from([1, 8])),
        "s4d": draw(st.sampled_from(MAPPINGS)),
        "ratio": draw(st.sampled_from(RATIOS)),
        "which": draw(st.integers(0, 9)),
        "subtraction": draw(st.sampled_from(["before_adc", "after_adc"])),
        "unused": draw(st.sampled_from(["stated", "programmed"])),
        "unused_S": draw(st.sampled_from([None, 0.0, 7.7e-6])),
        **made_of,
    }
    assume(not is_refused(options))
    return options
