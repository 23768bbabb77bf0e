"""Hand-made faults of what makes runs fast: products by BLAS, draws that are kept, threads."""

from __future__ import annotations

from mutation import Mutation

FLICKER = "tests/unit/crossbar/test_flicker.py::"
BLAS = "tests/unit/test_blas.py::"
SCHEDULE = "tests/unit/runner/test_schedule.py::"
EXITS = "tests/unit/commands/test_exits.py::"

# fmt: off
SPEED = [
    Mutation("kept draws of other weights", "crossbar/held.py",
             "if flicker is not self.flicker or step != self.step:", "if step != self.step:",
             FLICKER + "test_kept_draws_of_one_step_take_the_weights_of_their_age"),
    Mutation("holds that never end", "crossbar/held.py",
             "else before != now", "else before > now",
             FLICKER + "test_what_is_kept_is_what_would_be_drawn"),
    Mutation("kept draws serve any devices", "crossbar/held.py",
             "and np.array_equal(flicker.block, mine.block)", "",
             FLICKER + "test_kept_draws_serve_other_weights_and_holds_and_no_other_devices"),
    Mutation("fresh draws in the wrong place", "crossbar/kernels_correlated.py",
             "own[4 * moved[start + c] + lane]", "own[4 * moved[c] + lane]",
             FLICKER + "test_what_is_kept_is_what_would_be_drawn"),
    Mutation("parts of a batch of any size", "blas.py",
             "min(max(-(-n_sequences // n_threads()), SMALLEST), LARGEST)", "LARGEST",
             BLAS + "test_shares_cover_a_batch_evenly"),
    Mutation("BLAS keeps its threads", "blas.py",
             "limits=1, user_api", "limits=None, user_api",
             BLAS + "test_all_libraries_are_held_and_let_go"),
    Mutation("states of a stretch are lost", "runner/stretch.py",
             "own[:n] = states[:, at : at + width].reshape(own[:n].shape)", "pass",
             SCHEDULE + "test_reference_is_the_reference"),
    Mutation("all steps of a stretch draw as its first", "runner/kernels_steps.py",
             "first_step + t,", "first_step,",
             SCHEDULE + "test_a_run_is_the_same[hybrid]"),
    Mutation("a stretch counts as one step", "runner/ledger.py",
             "self.n_steps += done.n_done", "self.n_steps += 1",
             SCHEDULE + "test_a_run_is_the_same[hybrid]"),
    Mutation("negative codes drive as positive ones", "runner/kernels_driving.py",
             "value = max(-value, 0.0)", "value = max(value, 0.0)",
             SCHEDULE + "test_a_run_is_the_same[unipolar]"),
    Mutation("all sequences draw as the first", "runner/kernels_reading.py",
             "sequence[i], step, block[c]", "sequence[0], step, block[c]",
             SCHEDULE + "test_a_run_is_the_same[hybrid]"),
    Mutation("sums as if float64 were wider", "runner/schedule_rows.py",
             "EXACT = 1 << 52", "EXACT = 1 << 62",
             SCHEDULE + "test_sums_beyond_float64_are_refused"),
    Mutation("ends of an epoch are overrun", "runner/chip_run.py",
             "bisect.bisect_right(steps, self.epoch, key=self.clock.epoch)", "most",
             SCHEDULE + "test_time_passes_inside_a_run"),
    Mutation("a compiler is interrupted", "commands/exits.py",
             "wait = _compiles(frame)", "wait = False",
             EXITS + "test_a_compiler_is_not_interrupted"),
    Mutation("a lost interruption stays lost", "commands/exits.py",
             "SOON_S if wait else AGAIN_S", "SOON_S if wait else 0.0",
             EXITS + "test_an_interruption_that_is_lost_comes_again"),
]
