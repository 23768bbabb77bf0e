"""Differences of two classifiers on the same sequences, over training seeds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.study.student import half_width

Bools = npt.NDArray[np.bool_]


def paired(right: Bools, right_float: Bools) -> tuple[float, float]:
    """Return the mean difference to float over seeds and half of its 95 % interval.

    Parameters
    ----------
    right, right_float : [seed, sequence]
        Whether each was classified right.

    Notes
    -----
    The interval is that of the mean over sequences, each averaged over seeds (normal, 2,000
    sequences), or Student's over seeds, whichever is wider; of one seed, that over sequences.
    """
    difference = right.astype(float) - right_float.astype(float)
    by_sequence = difference.mean(axis=0)
    of_sequences = 1.96 * by_sequence.std(ddof=1) / np.sqrt(len(by_sequence))
    by_seed = [float(x) for x in difference.mean(axis=1)]
    of_seeds = half_width(by_seed, 0.025) if len(by_seed) > 1 else 0.0
    return float(difference.mean()), max(float(of_sequences), of_seeds)
