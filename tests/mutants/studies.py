"""Hand-made faults in studies: what is kept, who does it, what is concluded from it."""

from __future__ import annotations

from mutation import Mutation

STORE = "tests/unit/study/test_store.py::"
CONDUCT = "tests/unit/study/test_conduct.py::"
ROUNDS = "tests/unit/study/test_rounds.py::"
THRESHOLD = "tests/unit/study/test_threshold.py::"
SOBOL = "tests/unit/study/test_sobol_indices.py::"
POINTS = "tests/unit/study/test_points.py::"
LYAPUNOV = "tests/unit/analysis/test_lyapunov.py::"
SNR = "tests/unit/analysis/test_snr.py::"


# fmt: off
STUDIES = [
    Mutation("study: the last answer stays", "study/store.py",
             "INSERT OR IGNORE INTO result VALUES", "INSERT OR REPLACE INTO result VALUES",
             STORE + "test_the_first_answer_stays"),
    Mutation("study: claims of others do not count", "study/claims.py",
             "INSERT OR IGNORE INTO claim VALUES", "INSERT OR REPLACE INTO claim VALUES",
             STORE + "test_claims_keep_two_processes_apart"),
    Mutation("study: the dead keep their claims", "study/claims.py",
             "if owner != self.owner and is_dead(owner):", "if False:",
             STORE + "test_claims_of_the_dead_and_old_claims_are_free"),
    Mutation("study: a number that was given out again is alive", "study/claims.py",
             "return _began(int(number)) != began", "return False",
             STORE + "test_a_process_whose_number_was_given_out_again_is_dead"),
    Mutation("study: what failed half-way is kept", "study/database.py",
             'self.db.execute("ROLLBACK")', 'self.db.execute("COMMIT")',
             STORE + "test_a_transaction_that_fails_leaves_nothing"),
    Mutation("study: names do not know the seed", "study/task.py",
             '"seed": materials.seed,', '"seed": 0,',
             POINTS + "test_names_follow_from_everything_that_moves_an_answer"),
    Mutation("study: names do not know the code", "study/task.py",
             '"numerics": materials.numerics,', '"numerics": "",',
             CONDUCT + "test_other_numerics_are_other_tasks"),
    Mutation("study: workers outlive their parent", "study/worker.py",
             "    os._exit(1)", "    return",
             CONDUCT + "test_a_worker_is_gone_when_its_parent_is"),
    Mutation("study: a chip more than there is", "study/evaluate.py",
             "first_chip=task.chip)", "first_chip=task.chip + 1)",
             CONDUCT + "test_the_rows_are_those_of_aimc_run"),
    Mutation("study: factors add", "study/points.py",
             "products = [factor * v for v in values]", "products = [factor + v for v in values]",
             POINTS + "test_factors_multiply_what_the_chip_states"),
    Mutation("study: rounds stop by a plain interval", "study/rounds.py",
             "widening = 1.0 + 1.0 / self.first if self.first < self.most else 1.0",
             "widening = 1.0",
             ROUNDS + "test_the_interval_is_students_and_an_eighth_wider"),
    Mutation("study: a sample's spread by n", "study/student.py",
             "math.sqrt(squares / (len(values) - 1))", "math.sqrt(squares / len(values))",
             "tests/unit/study/test_student.py::test_the_interval_is_scipys"),
    Mutation("study: bootstrap from the global generator", "study/sobol_indices.py",
             "conf_level=confidence, seed=np.random.default_rng(seed)",
             "conf_level=confidence, seed=None",
             SOBOL + "test_no_global_generator_is_used_or_moved"),
    Mutation("study: blocks with holes count", "study/sobol_indices.py",
             "return blocks[np.isfinite(blocks).all(axis=1)]", "return np.nan_to_num(blocks)",
             SOBOL + "test_missing_rows_take_their_block_along"),
    Mutation("study: differing figures are not told", "study/merge.py",
             "return n_all - n_both, n_both - n_differ, n_differ",
             "return n_all - n_both, n_both, 0",
             CONDUCT + "test_results_of_two_machines_merge"),
    Mutation("snr: noise of a pole is left out", "analysis/lyapunov.py",
             "step[:, j, j, i, i] += V[:, i, j]", "step[:, j, j, i, i] += 0.0",
             LYAPUNOV + "test_noise_of_a_pole_adds_its_variance_to_the_denominator"),
    Mutation("snr: B and C one at a time", "analysis/snr.py",
             "both > 0.0, both * of_both", "both > 0.0, 0.0",
             SNR + "test_spreads_of_B_and_C_together_are_in_it"),
    Mutation("snr: variances go with the worth of a code", "analysis/kernel_errors.py",
             "(getattr(one, k) - getattr(zero, k)) * (getattr(summed, k)",
             "(getattr(summed, k)",
             SNR + "test_variances_are_those_of_programmed_chips[fused]"),
]
