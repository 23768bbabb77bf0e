"""Hand-made faults of what lasts: noise, time, calibration, faults of the array."""

from __future__ import annotations

from mutation import Mutation

FLICKER = "tests/unit/crossbar/test_flicker.py::"
LASTING = "tests/statistical/test_lasting_noise.py::"
TIME = "tests/laws/test_time_passes.py::"
CALIBRATION = "tests/unit/crossbar/test_calibrate.py::"

# fmt: off
LIFETIME = [
    Mutation("frozen 1/f drawn for each sequence's chip alike", "crossbar/bind.py",
             "s.lasting, *self.path[1:]", "s.lasting, *self.path[2:]",
             LASTING + "test_frozen_noise_is_one_draw_a_chip"),
    Mutation("the frozen part has the variance of the whole", "devices/noise.py",
             "return BandShares(self.band - white - correlated,", "return BandShares(self.band,",
             FLICKER + "test_published_shares_at_a_day_and_784_steps"),
    Mutation("correlated band begins at the whole rate", "devices/noise.py",
             "slow / fast_s", "2.0 * slow / fast_s",
             FLICKER + "test_published_shares_at_a_day_and_784_steps"),
    Mutation("holds twice as long", "crossbar/flicker.py",
             "SHORTEST * holds.base_steps", "2.0 * SHORTEST * holds.base_steps",
             "tests/statistical/test_flicker.py::test_correlation_in_time_is_that_of_the_holds"),
    Mutation("all octaves draw the same", "crossbar/flicker.py",
             'f"flicker_correlated/{k}"', '"flicker_correlated/0"',
             FLICKER + "test_kernel_equals_the_sum_of_addressed_draws"),
    Mutation("correlated noise of a pair added with one sign", "crossbar/lines.py",
             "[1] if self.after else [1, -1]", "[1] if self.after else [1, 1]",
             TIME + "test_noise_of_a_device_has_the_sign_of_its_side"),
    Mutation("both levels high", "crossbar/kernels_correlated.py",
             "level = high[e] if levels[b, cell[e]] else low[e]", "level = high[e]",
             LASTING + "test_telegraph_levels_dwell_as_asked"),
    Mutation("levels drawn anew at every step", "crossbar/kernels_correlated.py",
             "* _UNIT < renewal", "* _UNIT < 1.0",
             LASTING + "test_telegraph_levels_dwell_as_asked"),
    Mutation("dwell times exchanged", "devices/noise.py",
             "return self.tau_high_s / (", "return self.tau_low_s / (",
             LASTING + "test_telegraph_levels_dwell_as_asked"),
    Mutation("a run does not age", "runner/chip_run.py",
             "if epoch != self.epoch:", "if epoch < self.epoch:",
             TIME + "test_conductances_fall_while_the_run_goes_on"),
    Mutation("levels of a continued run start anew", "runner/state.py",
             "{tile: value.copy() for", "{tile: 0 * value for",
             TIME + "test_two_parts_are_the_whole[1-hybrid]"),
    Mutation("array reads of an epoch are lost", "runner/ledger.py",
             "self.arrays[key] = reads if before is None else before + reads",
             "self.arrays[key] = reads",
             TIME + "test_batches_and_parts_of_the_data_change_nothing"),
    Mutation("drift switched off drifts", "crossbar/tile.py",
             "drifts = hardware.effects.drift", "drifts = True",
             TIME + "test_every_effect_off_is_the_reference"),
    Mutation("gain the wrong way up", "crossbar/calibrate.py",
             "then / np.where(usable, now, 1.0)", "now / np.where(usable, then, 1.0)",
             CALIBRATION + "test_drift_that_all_devices_share_is_undone[global-before_adc]"),
    Mutation("an offset for each slice", "crossbar/bind_slices.py",
             "found.offset / weight", "found.offset",
             CALIBRATION + "test_offsets_are_spread_over_slices"),
    Mutation("calibration reads not counted", "crossbar/calibrate.py",
             "counts[key] = counts.get(key, 0) + n\n", "counts[key] = 0\n",
             CALIBRATION + "test_reads_are_counted"),
    Mutation("cubes of codes take the coefficient of squares", "crossbar/read.py",
             "second @ part.curve[1]", "second @ part.curve[0]",
             "tests/unit/crossbar/test_curved.py::test_currents_by_hand"),
]
# fmt: on
