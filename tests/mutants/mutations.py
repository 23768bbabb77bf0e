"""Hand-made faults: where, what is replaced by what, and the test that must notice."""

from __future__ import annotations

from dataclasses import dataclass

KERNELS = "tests/unit/crossbar/test_kernels.py::"
ENDS = KERNELS + "test_ties_round_up_and_ends_do_not_count"
DOUBLES = KERNELS + "test_kernels_equal_their_doubles_uncompiled"
READ = "tests/unit/crossbar/test_read.py::"
EXACT = "tests/laws/test_ideal_is_exact.py::"
CORNER = EXACT + "test_every_corner[old-tied-complex]"
SEEDS = "tests/laws/test_seeds_are_names.py::"
COUNTS = "tests/laws/test_counts_add.py::"
REALISED = "tests/laws/test_requested_is_realised.py::"
NOISE = "tests/statistical/test_read_noise.py::"
DEVICES = "tests/unit/devices/test_"
REFERENCE = "tests/unit/model/test_reference.py::"
EQUAL = REFERENCE + "test_equals_the_reference_in_unbounded_integers"


@dataclass(frozen=True)
class Mutation:
    """One fault: a text that stands once in a file below aimc_sim/, and what replaces it."""

    label: str
    file: str
    old: str
    new: str
    test: str


# fmt: off
MUTATIONS = [
    Mutation("a sign in the currents", "crossbar/kernels.py",
             "i[j] += drive * g[r, j]", "i[j] -= drive * g[r, j]",
             DOUBLES),
    Mutation("rounding half down", "crossbar/kernels.py",
             "np.floor(i[j] / lsb[j] + 0.5)", "np.ceil(i[j] / lsb[j] - 0.5)",
             ENDS),
    Mutation("saturation at the top not counted", "crossbar/kernels.py",
             "code = np.float64(code_max)\n            saturated += 1",
             "code = np.float64(code_max)",
             ENDS),
    Mutation("a slice weighs twice as much", "crossbar/kernels.py",
             "(units << shift)", "(units << (shift + 1))",
             ENDS),
    Mutation("variance by the code, not its square", "crossbar/kernels.py",
             "square = drive * drive", "square = drive",
             DOUBLES),
    Mutation("step's high word dropped", "rng_kernels.py",
             "    high = np.uint32(np.uint64(step) >> np.uint64(32))\n    w0",
             "    high = np.uint32(0)\n    w0",
             "tests/unit/test_rng.py::test_every_part_of_an_address_moves_the_draws"),
    Mutation("slices start one too late", "crossbar/bind.py",
             "shift = i * (self", "shift = (i + 1) * (self",
             CORNER),
    Mutation("sides of a pair added", "crossbar/bind.py",
             "[1, -1] if self.after", "[1, 1] if self.after",
             CORNER),
    Mutation("pair swapped", "mapping/encode.py",
             "[np.maximum(codes, 0), np.maximum(-codes, 0)]",
             "[np.maximum(-codes, 0), np.maximum(codes, 0)]",
             "tests/unit/mapping/test_encode.py::test_each_cell_has_its_own_window"),
    Mutation("both sides of a pair share their draws", "crossbar/bind.py",
             "[2 * self.columns, 2 * self.columns + 1]", "[2 * self.columns, 2 * self.columns]",
             NOISE + "test_variance_is_the_sum_of_squared_codes_times_cell_variances"
             "[4e-06-after_adc-bitline]"),
    Mutation("layer not in the name of a read", "crossbar/bind.py",
             "s.chip, self.tile.layer, self.tile.name, source)", "s.chip, self.tile.name, source)",
             REALISED + "test_every_read_has_a_stream_of_its_own[hybrid]"),
    Mutation("reads ignore the age", "crossbar/bind.py",
             "s.tiles.g_S(s.chip, tile, s.age_s)", "s.tiles.g_S(s.chip, tile, 0.0)",
             REALISED + "test_a_run_reads_the_conductances_as_written_and_drifted"),
    Mutation("build seed off by one", "crossbar/tile.py",
             "stream(seed, \"program\"", "stream(seed + 1, \"program\"",
             "tests/unit/crossbar/test_tile.py::"
             "test_streams_are_named_by_chip_layer_tile_and_source"),
    Mutation("all chips written alike", "crossbar/tile.py",
             "\"program\", chip, tile.layer", "\"program\", 0, tile.layer",
             REALISED + "test_cells_sides_tiles_and_chips_are_distinct_and_independent"),
    Mutation("squares tallied on the wrong wordline", "crossbar/read.py",
             "x[:, read.gather])", "x[:, read.gather[::-1]])",
             READ + "test_squares_are_tallied_per_wordline"),
    Mutation("programming spread times 1.1", "devices/gaussian.py",
             "g_S + self.sigma_programming(g_S) *", "g_S + 1.1 * self.sigma_programming(g_S) *",
             REALISED + "test_programmed_mean_and_spread_of_both_sides[64]"),
    Mutation("read noise times 1.1", "devices/gaussian.py",
             "np.asarray(g_S * q_s)", "np.asarray(g_S * q_s * 1.1)",
             NOISE + "test_tiles_draw_apart[bitline]"),
    Mutation("conductances drift upwards", "devices/laws.py",
             "/ t0_s) ** -nu)", "/ t0_s) ** nu)",
             REALISED + "test_drift_is_the_power_law_of_each_cell[64]"),
    Mutation("drift exponents not folded", "devices/gaussian.py",
             "nu = np.abs(self.drift_law", "nu = (self.drift_law",
             DEVICES + "pcm.py::test_exponent_is_folded_not_cut"),
    Mutation("PCM spread not rescaled with g_max", "devices/gaussian.py",
             " * (self.g_max_S / self.sigma_g_max_S)", "",
             DEVICES + "pcm.py::test_spread_scales_with_g_max"),
    Mutation("RRAM spread not rescaled with g_max", "devices/rram.py",
             "return sigma_S * scale", "return sigma_S",
             DEVICES + "rram.py::test_spread_scales_with_g_max"),
    Mutation("clipped cells not counted", "devices/laws.py",
             "np.count_nonzero(clipped != g_S)", "0",
             DEVICES + "pcm.py::test_clipped_cells_are_counted"),
    Mutation("pieces of a curve swapped", "devices/curves.py",
             "inside < self.gr_switch", "inside >= self.gr_switch",
             DEVICES + "hermes.py::test_laws_at_full_conductance_by_hand"),
    Mutation("Q_s extrapolated beyond g_max", "devices/curves.py",
             "np.minimum(np.asarray(gr, dtype=np.float64), 1.0)",
             "np.asarray(gr, dtype=np.float64)",
             DEVICES + "hermes.py::test_curves_of_one_value_take_their_ends_outside"),
    Mutation("times between fits always linear", "devices/times.py",
             'if between == "log_time":', "if False:",
             DEVICES + "rram.py::test_between_fitted_times_the_spread_may_be_linear_in_log_time"),
    Mutation("acceptance window ignored", "devices/cmo.py",
             "getattr(self.windows, self.acceptance)", "self.windows.pct_0p2",
             DEVICES + "cmo.py::test_spread_by_hand"),
    Mutation("relaxation not that of the cell", "devices/cmo.py",
             "sigma_S * state.z_relaxation", "sigma_S * state.z_relaxation[::-1]",
             DEVICES + "cmo.py::test_read_at_two_times_it_is_the_same_cell"),
    Mutation("relaxation before a second", "devices/cmo.py",
             "if t_s < self.first_age_s:", "if False:",
             DEVICES + "cmo.py::test_before_one_second_is_refused_by_name"),
    Mutation("I-V curve extrapolated", "devices/hfo2.py",
             "np.clip(np.asarray(g_S, np.float64), self.g_low_S, self.g_high_S)",
             "np.maximum(np.asarray(g_S, np.float64), 1e-9)",
             DEVICES + "hfo2.py::test_coefficients_outside_are_those_of_the_nearest_end"),
    Mutation("SONOS spread at the target's current", "devices/sonos.py",
             "sigma.at(mean_A)", "sigma.at(current_A)",
             DEVICES + "sonos.py::test_one_cell_on_each_day"),
    Mutation("a table's mean taken as its target", "devices/table.py",
             'self.column("mean_S", g_S) + ', "g_S + ",
             DEVICES + "table.py::test_linear_between_levels_by_hand"),
    Mutation("one code too many", "converters/adc.py",
             "else self.bits)) - 1", "else self.bits))",
             "tests/unit/converters/test_adc.py::test_two_to_the_bits_codes"),
    Mutation("every slice signed", "converters/dac.py",
             "signed and start + self.bits >= bits", "signed",
             "tests/unit/converters/test_dac.py::test_slices_recompose"),
    Mutation("tiles overfull", "mapping/partition.py",
             "if wordline + part.n_rows > n_wordlines or", "if",
             "tests/unit/mapping/test_plan.py::test_every_weight_lies_on_one_tile_and_fits"),
    Mutation("narrow states pass unseen", "mapping/mapper.py",
             "width >= layer.state.bits", "width >= 2",
             EXACT + "test_a_state_wider_than_the_adc_is_refused[fused]"),
    Mutation("imaginary block transposed", "mapping/kernel.py",
             "[[a, b], [-b, a]]", "[[a, -b], [b, a]]",
             CORNER),
    Mutation("limits of accumulators too tight", "runner/bound.py",
             "1 << (width + lead)", "1 << (width + lead - 1)",
             "tests/unit/runner/test_run.py::test_column_peaks_bound_every_exact_sum"),
    Mutation("bias not multiplied by the length", "runner/advance.py",
             "layer.bias * lengths[:, None] if layer.bias_times_length else layer.bias",
             "layer.bias",
             "tests/unit/runner/test_run.py::"
             "test_a_bias_is_multiplied_by_the_length_where_the_layer_says_so"),
    Mutation("readout old and new swapped", "model/equations.py",
             "x_new if layer.readout == \"new\" else x",
             "x if layer.readout == \"new\" else x_new",
             CORNER),
    Mutation("factor 2 of complex modes dropped", "model/equations.py",
             "factor = 2 if layer.is_complex else 1", "factor = 1",
             EQUAL),
    Mutation("pool rounds down", "model/equations.py",
             "total * layer.m + (n << layer.k)", "total * layer.m",
             EQUAL),
    Mutation("requantisation rounds down", "model/equations.py",
             "clip((acc * m + half) >> k", "clip((acc * m) >> k",
             REFERENCE + "test_requantisation_rounds_half_up_and_clips"),
    Mutation("every step draws as the first", "runner/chip_run.py",
             "Address(sequence, step)", "Address(sequence, 0)",
             NOISE + "test_bitlines_steps_sequences_and_chips_are_independent[bitline]"),
    Mutation("sequences numbered from 0 in every part", "runner/chip_run.py",
             "data.first_sequence + rows", "rows",
             SEEDS + "test_limit_and_offset[hybrid-bitline]"),
    Mutation("events counted twice", "runner/chip_run.py",
             "= amount * n\n", "= 2 * amount * n\n",
             COUNTS + "test_split_by_hand"),
    Mutation("steps counted once a batch", "runner/chip_run.py",
             "self.n_steps += n", "self.n_steps += 1",
             COUNTS + "test_fused_by_hand"),
    Mutation("a continued run starts from zero states", "runner/state.py",
             "{name: array.copy() for", "{name: 0 * array for",
             SEEDS + "test_continued_runs[hybrid-bitline-(0, 4, 9)]"),
    Mutation("sums of events forget the first", "events.py",
             "counts[key] = counts.get(key, 0) + amount\n        arrays",
             "counts[key] = amount\n        arrays",
             COUNTS + "test_steps_chips_and_sequences_add"),
    Mutation("price of an event doubled", "cost/bill.py",
             "n * price.cost.energy_J", "2 * n * price.cost.energy_J",
             "tests/unit/cost/test_bill.py::test_conversions_by_hand"),
    Mutation("price of the array doubled", "cost/bill.py",
             "array.cost.energy_J * energy_J", "2 * array.cost.energy_J * energy_J",
             "tests/unit/cost/test_bill.py::test_array_energy_is_v2_g_t"),
    Mutation("error relative to one chip", "runner/result.py",
             "int(r) * chips", "int(r)",
             "tests/unit/runner/test_result.py::"
             "test_error_by_step_is_relative_and_falls_back_to_codes"),
]
# fmt: on
