"""The error budget: what each source of error costs alone, and what is won without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from aimc_sim.analysis.sources import SOURCES, plan_like, sources_of, with_sources
from aimc_sim.chip import Chip
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.tile import program
from aimc_sim.data import Data
from aimc_sim.display import Displayed, percent
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.network import Model
from aimc_sim.runner.result import Result, mean_interval
from aimc_sim.runner.run import BATCH, run
from aimc_sim.spec import InputError

Progress = Callable[[int, int, str], None]
"""Called with (steps done, all of them, what runs)."""


@dataclass(frozen=True)
class Measure:
    """What one run of a budget gave.

    Parameters
    ----------
    per_chip : tuple of float or None
        Accuracy of each chip; None without labels.
    agreement : float or None
        Share of classes that are those of the integer reference; None where no sequence ended.
    error : float
        RMS(analog - reference) / RMS(reference) of the last layer before the pool, over all steps,
        sequences, channels and chips.
    exact : bool
        Whether every code of that layer and every output code is that of the reference.
    """

    per_chip: tuple[float, ...] | None
    agreement: float | None
    error: float
    exact: bool

    @property
    def accuracy(self) -> float | None:
        """Mean accuracy over the chips."""
        return None if self.per_chip is None else math.fsum(self.per_chip) / len(self.per_chip)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "accuracy": interval_of(self.per_chip),
            "agreement": self.agreement,
            "output_error": self.error,
        }


@dataclass(frozen=True)
class BudgetRow:
    """One source of error: the chip with it alone, and the chip without it alone."""

    source: str
    alone: Measure
    without: Measure


@dataclass(frozen=True)
class Budget(Displayed):
    """An error budget.

    Parameters
    ----------
    sources : tuple of str
        Sources that the chip has, in the order of `aimc_sim.analysis.sources.SOURCES`.
    all_on, all_off : Measure
        The chip as it is, and without any source.
    rows : tuple of BudgetRow
        One a source.
    n_sequences : int
        Sequences that each run took.
    reference : float or None
        Accuracy of the integer reference.

    Notes
    -----
    Rows need not sum to the whole: sources mask each other, or meet in one wrong class.
    """

    sources: tuple[str, ...]
    all_on: Measure
    all_off: Measure
    rows: tuple[BudgetRow, ...]
    n_sequences: int
    reference: float | None

    def cost(self, row: BudgetRow) -> dict[str, Any] | None:
        """Return the accuracy that a source costs alone: without any source, less with it only."""
        return _difference(self.all_off, row.alone)

    def gain(self, row: BudgetRow) -> dict[str, Any] | None:
        """Return the accuracy that is won without a source: without it, less with all."""
        return _difference(row.without, self.all_on)

    @property
    def ranked(self) -> tuple[BudgetRow, ...]:
        """The rows, the largest output error alone first."""
        return tuple(sorted(self.rows, key=lambda row: -row.alone.error))

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "n_sequences": self.n_sequences,
            "reference": self.reference,
            "exact_without_sources": self.all_off.exact,
            "all_on": self.all_on.to_json(),
            "all_off": self.all_off.to_json(),
            "sources": {
                row.source: {
                    "alone": row.alone.to_json(),
                    "cost": self.cost(row),
                    "without": row.without.to_json(),
                    "gain": self.gain(row),
                }
                for row in self.rows
            },
        }

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows."""
        ends = [("all on", self.all_on), ("all off", self.all_off)]
        rows = [(f"{row.source} alone", row.alone) for row in self.ranked]
        return [
            (name, f"accuracy {percent(m.accuracy)}, output error {percent(m.error)}")
            for name, m in (*ends, *rows)
        ]


def interval_of(per_chip: tuple[float, ...] | None) -> dict[str, Any] | None:
    """Return mean, 95 % interval and values of one figure a chip; None where there is none."""
    return None if per_chip is None else mean_interval(list(per_chip))


def _difference(a: Measure, b: Measure) -> dict[str, Any] | None:
    """Return a - b in accuracy, chip by chip: both ran on the same draws."""
    if a.per_chip is None or b.per_chip is None:
        return None
    return interval_of(tuple(x - y for x, y in zip(a.per_chip, b.per_chip, strict=True)))


def error_budget(
    model: Model,
    chip: Chip,
    data: Data,
    *,
    build_seed: int = 0,
    run_seed: int = 0,
    n_chips: int = 1,
    age_s: float = 0.0,
    plan: Plan | None = None,
    batch_size: int = BATCH,
    progress: Progress | None = None,
) -> Budget:
    """Run a model with every source of error alone and with every one alone switched off.

    Parameters
    ----------
    model : Model
        What to compute.
    chip : Chip
        What to compute it on; which sources it has, its hardware decides.
    data : Data
        Sequences.
    build_seed, run_seed : int
        The same in all runs, so that a source draws the same numbers in each.
    n_chips : int
        Chip instances.
    age_s : float
        Time since the reference read [s].
    plan : Plan, optional
        Where the weights lie; by default as `aimc_sim.map_model` places them.
    batch_size : int
        Sequences stepped together; no result depends on it.
    progress : callable, optional
        Called with (sequence-steps done, all of them, what runs).

    Returns
    -------
    Budget
        One row a source that the chip has.

    Raises
    ------
    InputError
        What `aimc_sim.run` refuses; the message names the run.

    Notes
    -----
    Where the hardware asks for a calibration, every run is calibrated anew, with its own sources.

    Examples
    --------
    >>> from aimc_sim import load_chip, load_data, load_model
    >>> model = load_model("examples/models/digits.npz")
    >>> data = load_data("examples/data/digits_test.npz", model).rows(0, 2)
    >>> chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.device": "ideal"})
    >>> budget = error_budget(model, chip, data)
    >>> budget.sources, budget.all_off.exact
    (('dac', 'adc'), True)
    """
    plan = plan or map_model(model, chip.hardware)
    hardware = _fixed_time(chip.hardware, plan)
    names = sources_of(plan, model, seed=build_seed, age_s=age_s)
    everything = frozenset(names)
    sets = _runs(names)
    found: dict[frozenset[str], Measure] = {}
    reference = None
    for i, (sources, text) in enumerate(sets.items()):
        variant = with_sources(hardware, sources)
        try:
            placed = plan_like(plan, model, variant)
            tiles = program(placed, variant, seed=build_seed, n_chips=n_chips)
            tiles = calibrate(tiles, age_s=age_s, seed=run_seed)
            tell = progress and partial(_told, progress, i, len(sets), text)
            result = run(
                model,
                tiles,
                data,
                seed=run_seed,
                age_s=age_s,
                batch_size=batch_size,
                progress=tell,
            )
        except InputError as error:
            raise InputError(f"budget, {text}: {error}") from None
        found[sources], reference = _measure(result), result.accuracy_reference
    rows = tuple(
        BudgetRow(name, found[frozenset({name})], found[everything - {name}]) for name in names
    )
    return Budget(names, found[everything], found[frozenset()], rows, len(data), reference)


def _runs(names: tuple[str, ...]) -> Mapping[frozenset[str], str]:
    """Return every set of sources to run, once, and what to call it."""
    everything = frozenset(names)
    runs = {frozenset({name}): f"{name} alone" for name in names}
    runs |= {everything - {name}: f"without {name}" for name in names}
    return {**runs, everything: "all on", frozenset(): "all off"}


def _fixed_time(hardware: Hardware, plan: Plan) -> Hardware:
    """Return the hardware with its time between steps stated, whatever converters it gets."""
    timing = hardware.timing.model_copy(update={"t_step_s": plan.t_step_s})
    return hardware.model_copy(update={"timing": timing})


def _told(progress: Progress, i: int, n: int, text: str, done: int, all_steps: int) -> None:
    progress(i * all_steps + done, n * all_steps, text)


def _measure(result: Result) -> Measure:
    error, square = int(result.error_square.sum()), int(result.reference_square.sum())
    per_chip = result.accuracy_per_chip
    same = (result.y_code == result.reference_y_code)[:, result.ended].all()
    return Measure(
        None if per_chip is None else tuple(per_chip),
        result.agreement,
        math.sqrt(error / (square * len(result.chips))) if square else math.sqrt(error),
        error == 0 and bool(same),
    )


__all__ = ["SOURCES", "Budget", "BudgetRow", "Measure", "error_budget"]
