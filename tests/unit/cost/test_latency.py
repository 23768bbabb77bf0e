"""Latency: worked out by hand; layers and reads in series, tiles in parallel."""

from __future__ import annotations

import pytest

from aimc_sim.cost import cost_of
from aimc_sim.events import Events
from aimc_sim.spec import InputError
from tests.unit.cost.plans import chip, plan_of, steps

DAC_s, HOLD_s, SHIFT_s, READ_s, ADC_s, CONTROL_s = 0.909e-9, 1e-9, 0.8333e-9, 1e-7, 1 / 1.28e9, 1e-9


def read_s(n_conversions):
    return DAC_s + READ_s + HOLD_s + n_conversions * ADC_s + SHIFT_s


def times(c, counts, **plan):
    return cost_of(Events(counts), c.costs, plan_of(c.hardware, **plan)).latency_s


def test_a_step_and_an_inference_by_hand():
    found = times(chip(), steps(2, 10))
    assert found.per_step == pytest.approx(read_s(6) + CONTROL_s + CONTROL_s, rel=1e-12)
    once_s = CONTROL_s + read_s(2) + CONTROL_s
    assert found.per_inference == pytest.approx(5 * found.per_step + once_s, rel=1e-12)


def test_slices_are_read_one_after_another():
    one, two = (times(chip(), steps(1, 1), bits=b).per_step for b in (8, 16))
    assert two - one == pytest.approx(read_s(6), rel=1e-12)


def test_a_shared_adc_converts_one_bitline_after_another():
    found = {
        n: times(chip(hardware__tile__bitlines_per_adc=n), steps(1, 1), n_out=64).per_step
        for n in (1, 32, 64)
    }
    assert found[32] - found[1] == pytest.approx(31 * ADC_s, rel=1e-9)
    assert found[64] - found[1] == pytest.approx(63 * ADC_s, rel=1e-9)


def test_switching_takes_time_only_where_an_adc_is_shared():
    for n, expected_s in ((1, 0.0), (32, 6e-9)):
        slow, fast = (
            times(
                chip(hardware__tile__bitlines_per_adc=n, costs__mux__latency_s=t), steps(1, 1)
            ).per_step
            for t in (1e-9, 0.0)
        )
        assert slow - fast == pytest.approx(expected_s, abs=1e-15)


def test_tiles_of_a_layer_are_read_at_once():
    one, many = (times(chip(), steps(1, 1), n_in=n).per_step for n in (256, 1000))
    assert many == one


def test_digital_work_takes_whole_passes_of_its_lanes():
    c = chip()
    plain = times(c, steps(1, 3)).per_step
    for n, passes in ((1, 1), (16, 1), (17, 2), (160, 10)):
        counts = {**steps(1, 3), ("act", -1, "lut.read"): 3 * n}
        assert times(c, counts).per_step - plain == pytest.approx(passes * 1e-9, rel=1e-6)
    counts = {**steps(1, 3), ("act", -1, "multiplier.bit_product"): 3 * (64 * 256 + 1)}
    assert times(c, counts).per_step - plain == pytest.approx(2e-9, rel=1e-6)


def test_work_on_a_tile_overlaps_with_its_reads():
    c = chip()
    counts = {
        **steps(1, 3),
        ("encoder", 0, "buffer.read_bit"): 10**6,
        ("encoder", 0, "adc.convert"): 10**6,
    }
    assert times(c, counts) == times(c, steps(1, 3))


def test_work_of_layers_that_run_once_is_in_the_inference_alone():
    c = chip()
    plain = times(c, steps(2, 10))
    found = times(c, {**steps(2, 10), ("pool", -1, "requant.op"): 2 * 65})
    assert found.per_step == plain.per_step
    assert found.per_inference - plain.per_inference == pytest.approx(2e-9, rel=1e-6)


def test_no_step_or_no_inference_has_no_time():
    c = chip()
    assert times(c, {}).per_step is None
    assert times(c, {}).per_inference is None
    streamed = times(c, steps(0, 5))
    assert streamed.per_step == times(c, steps(1, 5)).per_step
    assert streamed.per_inference is None


def test_more_of_the_same_changes_no_time():
    c = chip()
    events = Events({**steps(2, 10), ("act", -1, "lut.read"): 170})
    plan = plan_of(c.hardware)
    one, three = (cost_of(e, c.costs, plan).latency_s for e in (events, events + events + events))
    assert one == three


def test_a_step_that_does_not_fit_is_refused():
    needed_s = times(chip(), steps(1, 1)).per_step
    times(chip(hardware__timing__t_step_s=needed_s), steps(1, 1))
    with pytest.raises(
        InputError, match=rf"t_step_s: found 1\.05e-07 s, .*{needed_s:g} s"
    ) as fault:
        times(chip(hardware__timing__t_step_s=1.05e-7), steps(1, 1))
    assert "\n" not in str(fault.value)


def test_a_step_shorter_than_one_read_is_refused_without_a_plan():
    with pytest.raises(InputError, match=r"t_step_s: found 1e-08 s; one read"):
        chip(hardware__timing__t_step_s=1e-8)


def test_a_layer_with_a_state_waits_for_itself():
    """Encoder: its reads; kernel: reads and digital work; the slowest one sets the interval."""
    work = {("s4d", -1, "control.step"): 4, ("s4d", -1, "requant.op"): 4 * 6400}
    found = times(chip(), {**steps(1, 4), **work}, state=(40, 16))
    by_name = {time.layer: time for time in found.critical_path}
    kernel, encoder = by_name["s4d"], by_name["encoder"]
    assert kernel.digital == pytest.approx(6400 / 64 * 1e-9 + CONTROL_s)
    assert kernel.interval == kernel.total == pytest.approx(kernel.reads + kernel.digital)
    assert encoder.interval == pytest.approx(encoder.reads) != encoder.total
    assert found.pipelined_interval == kernel.interval
    assert found.per_step == pytest.approx(sum(t.total for t in by_name.values() if t.per_step))


def test_reads_that_overlap_take_the_longer_of_two_neighbours():
    """Two slices of 16 bits; 64 bitlines an ADC convert longer than a read of 10 ns settles."""
    options = {"hardware__tile__bitlines_per_adc": 64, "hardware__timing__t_read_s": 1e-8}
    settle_s, convert_s = DAC_s + 1e-8 + HOLD_s, 64 * ADC_s
    apart, along = (
        times(
            chip(**options, costs__sample_hold__overlaps=overlaps), steps(1, 1), n_out=64, bits=16
        ).critical_path[0]
        for overlaps in (False, True)
    )
    assert apart.reads == pytest.approx(2 * (settle_s + convert_s + SHIFT_s))
    assert along.reads == pytest.approx(settle_s + 2 * convert_s + SHIFT_s)
    assert along.interval == pytest.approx(2 * convert_s)
