"""Hand-made faults of costs: terms, static power, scaling, overlap, what is counted and priced."""

from __future__ import annotations

from mutation import Mutation

COST = "tests/unit/cost/"
PULSES = "tests/unit/runner/test_counts_pulses.py::"

# fmt: off
COSTS = [
    Mutation("price of an event doubled", "cost/terms.py",
             "tile_id, n, each_J, n * each_J", "tile_id, n, each_J, 2 * n * each_J",
             COST + "test_bill.py::test_conversions_by_hand"),
    Mutation("price of the array doubled", "cost/terms.py",
             "factor * cells_J", "2 * factor * cells_J",
             COST + "test_bill.py::test_array_energy_is_v2_g_t"),
    Mutation("static power free", "cost/terms.py",
             "power_W * time_on_s)", "0.0 * time_on_s)",
             COST + "test_static.py::test_power_times_the_time_of_all_steps_and_inferences"),
    Mutation("idling not charged", "cost/latency.py",
             "plan.hardware.timing.t_step_s or latency.per_step", "latency.per_step",
             COST + "test_static.py::test_idling_between_steps_is_charged"),
    Mutation("a state that does not wait", "cost/latency.py",
             'layer.kind == "s4d"', 'layer.kind == "none"',
             COST + "test_latency.py::test_a_layer_with_a_state_waits_for_itself"),
    Mutation("the shorter of two overlapping reads", "cost/read_time.py",
             "sum(map(max, between))", "sum(map(min, between))",
             COST + "test_latency.py::test_reads_that_overlap_take_the_longer_of_two_neighbours"),
    Mutation("one supply for both nodes", "cost/scaling.py",
             "_energy(from_nm, from_vdd_V)", "_energy(from_nm, to_vdd_V)",
             COST + "test_scaling.py::test_one_supply_for_both_nodes_is_wrong_by_more_than_two"),
    Mutation("a complex product of two MACs", "cost/products.py",
             'parts**2 * n, bits["A"]', 'parts * n, bits["A"]',
             COST + "test_complexity.py::test_a_kernel_by_hand"),
    Mutation("one sample a slice", "runner/counts.py",
             '("sample_hold.hold", n_currents * n_pulses)', '("sample_hold.hold", n_currents)',
             PULSES + "test_counts_of_two_phases"),
    Mutation("lower slices resolved whole", "runner/counts.py",
             "bits_above(phase.slices, part.index)", "0 * bits_above(phase.slices, part.index)",
             PULSES + "test_counts_of_two_phases"),
    Mutation("energy of bits by their weight", "crossbar/tally.py",
             "np.bitwise_count(x).sum(axis=0", "np.abs(x).sum(axis=0",
             "tests/unit/runner/test_schedule.py::test_a_run_is_the_same[bits]"),
    Mutation("zeros not skipped", "runner/counts.py",
             "0 if dac.zero_skipping else", "part.n_driven if dac.zero_skipping else",
             PULSES + "test_a_converter_that_skips_zeros_counts_the_rest"),
    Mutation("a tornado of the lower ends", "analysis/tornado.py",
             "(low_J, high_J), grade", "(low_J, low_J), grade",
             "tests/unit/analysis/test_tornado.py::test_each_end_is_a_bill_with_that_constant"),
]
