"""Figures of a result, from outputs written down by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from aimc_sim.data import Data
from aimc_sim.runner.result import Result, mean_interval
from aimc_sim.runner.run import run
from tests.laws.build import hardware_of, linear_model, program_model


@pytest.fixture
def result() -> Result:
    """Two chips, four sequences, three classes; the last sequence has not ended."""
    model = linear_model(np.eye(3, dtype=np.int64))
    tiles = program_model(model, hardware_of(), n_chips=2)
    data = Data(np.zeros((4, 2, 3), np.int64), np.array([1, 2, 2, 2]), np.array([0, 1, 2, 0]))
    found = run(model, tiles, data, seed=0)
    return replace(
        found,
        y_code=np.array(
            [
                [[9, 1, 1], [1, 9, 1], [9, 1, 1], [9, 9, 9]],
                [[5, 5, 5], [1, 9, 9], [1, 9, 1], [0, 0, 0]],
            ]
        ),
        reference_y_code=np.array([[9, 1, 1], [1, 9, 1], [1, 1, 9], [9, 0, 0]]),
        ended=np.array([True, True, True, False]),
        error_square=np.array([[3, 0], [5, 7]]),
        reference_square=np.array([2, 0]),
    )


def test_classes_are_the_lowest_index_on_ties(result):
    assert result.prediction.tolist() == [[0, 1, 0, 0], [0, 1, 1, 0]]


def test_scores_count_sequences_that_ended(result):
    assert result.accuracy_reference == pytest.approx(1.0)
    assert result.accuracy_per_chip == pytest.approx([2 / 3, 2 / 3])
    assert result.agreement == pytest.approx(4 / 6)


def test_without_labels_or_ends_there_is_no_score(result):
    bare = replace(result, labels=None)
    assert (bare.accuracy_reference, bare.accuracy_per_chip) == (None, None)
    early = replace(result, ended=np.zeros(4, dtype=bool))
    assert (early.accuracy_reference, early.agreement) == (None, None)


def test_error_by_step_is_relative_and_falls_back_to_codes(result):
    assert result.error_by_step == pytest.approx([math.sqrt(8 / (2 * 2)), math.sqrt(7)])
    calm = replace(result, error_square=np.zeros((2, 2), np.int64))
    assert calm.error_by_step == [0.0, 0.0]


def test_interval_is_students():
    values = [0.9, 0.92, 0.97, 0.95]
    found = mean_interval(values)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert found["mean"] == pytest.approx(np.mean(values))
    assert found["ci95"] == pytest.approx([low, high])
    assert found["per_chip"] == values
    assert mean_interval([1.0])["ci95"] is None
