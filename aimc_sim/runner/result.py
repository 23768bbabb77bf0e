"""Result: outputs, probes, errors and events of a run, per chip; figures derive from them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.display import Displayed, percent
from aimc_sim.events import Events
from aimc_sim.model.reference import classify
from aimc_sim.model.signal import Ints
from aimc_sim.runner.state import RunState


@dataclass(frozen=True, repr=False)
class Result(Displayed):
    """What a run gave.

    Parameters
    ----------
    chips : tuple of int
        Chip instances.
    sequence : int array, shape (n_sequences,)
        Index of each sequence in its file.
    y_code : int array, shape (n_chips, n_sequences, n_classes)
        Output codes; 0 for a sequence that has not ended.
    reference_y_code : int array, shape (n_sequences, n_classes)
        The same of the integer reference.
    ended : bool array, shape (n_sequences,)
        Whether the sequence ended within the steps run so far.
    labels : int array, optional
        Classes.
    error_square, reference_square : int arrays, (n_chips, n_steps) and (n_steps,)
        Sums over valid sequences and channels of (analog - reference)^2 and reference^2, of the
        last layer before the pool.
    events : Events
        Of all chips.
    saturated, converted : mapping
        Saturated conversions and all conversions, per layer.
    effective_state_bits : mapping
        Per S4D layer whose state passes a converter: bits left of it.
    rounding_lsb : float or None
        What sums in 16-bit integers move a current by at most [ADC steps]; None in float64.
    probes : mapping
        ``name -> codes [chip, sequence, step, ...]``.
    state : RunState
        Continues the run.
    seeds : mapping
        "build" and "run".
    digests : mapping
        "model", "chip" (of the hardware), "data".
    noise_form : str
        "bitline" or "cell".
    """

    chips: tuple[int, ...]
    sequence: Ints
    y_code: Ints
    reference_y_code: Ints
    ended: npt.NDArray[np.bool_]
    labels: Ints | None
    error_square: Ints
    reference_square: Ints
    events: Events
    saturated: Mapping[str, int]
    converted: Mapping[str, int]
    effective_state_bits: Mapping[str, float]
    rounding_lsb: float | None
    probes: Mapping[str, Ints]
    state: RunState
    seeds: Mapping[str, int]
    digests: Mapping[str, str]
    noise_form: str

    @cached_property
    def prediction(self) -> Ints:
        """Class of each sequence on each chip, shape (n_chips, n_sequences)."""
        return classify(self.y_code)

    def _score(self, prediction: Ints) -> float | None:
        if self.labels is None or not self.ended.any():
            return None
        return float((prediction == self.labels)[self.ended].mean())

    @property
    def accuracy_reference(self) -> float | None:
        """Share of sequences that the integer reference classifies right."""
        return self._score(classify(self.reference_y_code))

    @property
    def accuracy_per_chip(self) -> list[float] | None:
        """The same of each chip."""
        scores = [self._score(row) for row in self.prediction]
        return None if None in scores else [s for s in scores if s is not None]

    @property
    def agreement(self) -> float | None:
        """Share of sequences, over all chips, put into the class that the reference gives."""
        if not self.ended.any():
            return None
        same = self.prediction == classify(self.reference_y_code)
        return float(same[:, self.ended].mean())

    @property
    def error_by_step(self) -> list[float]:
        """RMS(analog - reference) / RMS(reference) per step, over chips, sequences, channels."""
        chips = max(len(self.chips), 1)
        return [
            _ratio(int(e), int(r) * chips)
            for e, r in zip(self.error_square.sum(axis=0), self.reference_square, strict=True)
        ]

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows."""
        per_chip = self.accuracy_per_chip
        analog = None if per_chip is None else mean_interval(per_chip)["mean"]
        total, converted = sum(self.saturated.values()), sum(self.converted.values())
        last = self.error_by_step[-1] if self.error_by_step else None
        return [
            ("chips", str(len(self.chips))),
            ("sequences", f"{len(self.sequence)}, {int(self.ended.sum())} of them ended"),
            ("accuracy, integer reference", percent(self.accuracy_reference)),
            ("accuracy, analog", percent(analog)),
            ("agreement", percent(self.agreement)),
            ("output error, last step", percent(last)),
            ("saturated conversions", f"{total} of {converted}"),
        ]


def _ratio(error: int, reference: int) -> float:
    if reference:
        return math.sqrt(error / reference)
    return 0.0 if error == 0 else math.sqrt(error)


def mean_interval(values: list[float]) -> dict[str, Any]:
    """Return mean and 95 % interval (Student t over chips); no interval for one value.

    Examples
    --------
    >>> mean_interval([0.5])
    {'mean': 0.5, 'ci95': None, 'per_chip': [0.5]}
    """
    n = len(values)
    mean = math.fsum(values) / n
    interval = None
    if n > 1:
        from scipy.special import stdtrit

        spread = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
        half = float(stdtrit(n - 1, 0.975)) * spread
        interval = [mean - half, mean + half]
    return {"mean": mean, "ci95": interval, "per_chip": values}
