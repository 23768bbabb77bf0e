"""The error budget: what each source of error costs alone, and what is won without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from aimc_sim.analysis.budget_rows import Budget, BudgetRow, Measure
from aimc_sim.analysis.sources import SOURCES, plan_like, sources_of, with_sources
from aimc_sim.chip import Chip
from aimc_sim.crossbar.tile import program
from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.network import Model
from aimc_sim.runner.result import Result
from aimc_sim.runner.run import BATCH, run
from aimc_sim.spec import InputError

Progress = Callable[[int, int, str], None]
"""Called with (steps done, all of them, what runs)."""


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

    Where the hardware asks for a calibration, every run has one, with its own sources.

    Parameters
    ----------
    model, chip, data : Model, Chip, Data
        What to compute, on what (its hardware decides which sources there are), which sequences.
    build_seed, run_seed : int
        The same in all runs, so that a source draws the same numbers in each.
    n_chips, age_s : int, float
        Chip instances, and the time since the reference read [s].
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
    names = sources_of(plan, model, seed=build_seed, age_s=age_s)
    everything, sets = frozenset(names), _runs(names)
    runs = _Runs(model, data, plan, _fixed_time(chip.hardware, plan), build_seed, n_chips)
    call = partial(run, seed=run_seed, age_s=age_s, batch_size=batch_size)
    found, reference = _measured(sets, partial(runs.result, call, sets, progress))
    rows = tuple(BudgetRow(n, found[frozenset({n})], found[everything - {n}]) for n in names)
    return Budget(names, found[everything], found[frozenset()], rows, len(data), reference)


@dataclass(frozen=True)
class _Runs:
    """The same model, data and chips with other sources of error."""

    model: Model
    data: Data
    plan: Plan
    hardware: Hardware
    build_seed: int
    n_chips: int

    def result(
        self,
        call: Callable[..., Result],
        sets: Mapping[frozenset[str], str],
        progress: Progress | None,
        i: int,
        sources: frozenset[str],
    ) -> Result:
        """Return what run number i gives, with some of the sources."""
        tell = progress and partial(_told, progress, i, len(sets), sets[sources])
        placed = plan_like(self.plan, self.model, with_sources(self.hardware, sources))
        tiles = program(placed, placed.hardware, seed=self.build_seed, n_chips=self.n_chips)
        return call(self.model, tiles, self.data, progress=tell)


def _measured(
    sets: Mapping[frozenset[str], str], result_of: Callable[[int, frozenset[str]], Result]
) -> tuple[dict[frozenset[str], Measure], float | None]:
    """Run every set of sources; return what each gave, and the accuracy of the reference."""
    found: dict[frozenset[str], Measure] = {}
    reference = None
    for i, (sources, text) in enumerate(sets.items()):
        try:
            result = result_of(i, sources)
        except InputError as error:
            raise InputError(f"budget, {text}: {error}") from None
        found[sources], reference = _measure(result), result.accuracy_reference
    return found, reference


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
