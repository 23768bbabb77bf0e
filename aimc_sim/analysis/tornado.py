"""Sensitivity of an energy to the constants of a chip: one at a time, over their intervals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aimc_sim.cost.component import Component
from aimc_sim.cost.costs import PROGRAMMING_ACTIONS, Costs
from aimc_sim.cost.terms import STATIC, terms_of
from aimc_sim.events import Events
from aimc_sim.mapping.plan import Plan

ENERGY_SUFFIXES = ("_J", "_W", "_F", "_factor")


@dataclass(frozen=True)
class Swing:
    """What one constant does to the energy.

    Parameters
    ----------
    path : str
        Dotted path of the constant, as ``--set`` takes it.
    value : float or tuple of float
        As the chip states it.
    factors : tuple of float
        Lowest and highest multiple that is tried.
    energy_J : tuple of float
        Energy with the lowest, and with the highest [J].
    grade : str
        Of its source.
    is_stated : bool
        Whether the interval is the constant's own; else it is that of the grade.
    """

    path: str
    value: float | tuple[float, ...]
    factors: tuple[float, float]
    energy_J: tuple[float, float]
    grade: str
    is_stated: bool

    @property
    def span_J(self) -> float:
        """Width of the interval that it makes [J]."""
        return abs(self.energy_J[1] - self.energy_J[0])


def tornado(
    events: Events, costs: Costs, plan: Plan, *, time_on_s: float = 0.0, n: int | None = 10
) -> tuple[Swing, ...]:
    """Return the constants that move the energy of a run most, largest first.

    Parameters
    ----------
    events : Events
        What was counted; programming is left out.
    costs : Costs
        Of the chip.
    plan : Plan
        That the events were counted on.
    time_on_s : float
        How long chips were on (`Bill.time_on_s`) [s].
    n : int, optional
        How many; None: all that move it.

    Returns
    -------
    tuple of Swing
        The energy is that of all events.

    Notes
    -----
    Each constant is set to the ends of its interval while all others stay: the interval that the
    chip states (``costs.NAME.intervals``), that of a published model (SAR converters), or else that
    of the grade of its source (`aimc_sim.cost.component.FACTORS_OF_GRADE`).

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> chip = load_chip("examples/chips/pcm_256.yaml")
    >>> events = Events({("a", 0, "adc.convert"): 8, ("a", -1, "adder.add"): 8})
    >>> [swing.path for swing in tornado(events, chip.costs, Plan("", chip.hardware, ()))]
    ['costs.adc.energy_factor', 'costs.adder.energy_J']
    """
    amounts: dict[str, float] = {}
    for term in terms_of(events, costs, plan):
        if term.action not in PROGRAMMING_ACTIONS:
            amounts[term.action] = math.fsum((amounts.get(term.action, 0.0), term.amount))
    swings = []
    for name, part in costs.components().items():
        for field, value in _constants(part):
            factors = part.factors(field)
            low_J, high_J = (
                _energy_J(amounts, _with(costs, name, field, value, f), plan, time_on_s)
                for f in factors
            )
            stated = field in part.intervals or factors == part.energy_factors
            path, grade = f"costs.{name}.{field}", part.source.grade
            swings.append(Swing(path, value, factors, (low_J, high_J), grade, stated))
    moving = sorted((s for s in swings if s.span_J > 0.0), key=lambda s: -s.span_J)
    return tuple(moving[:n])


def _constants(part: Component) -> Iterator[tuple[str, Any]]:
    """Return the constants of a part that energy may follow, with their values."""
    for field in part.constants():
        value = getattr(part, field)
        if not field.endswith(ENERGY_SUFFIXES) or field == "area_factor" or not value:
            continue
        if field == "energy_factor" and part.energy_factors is None:
            continue  # nothing but the constants that it multiplies
        yield field, value


def _with(costs: Costs, name: str, field: str, value: Any, factor: float) -> Costs:
    """Return the costs with one constant multiplied."""
    scaled = tuple(factor * v for v in value) if isinstance(value, tuple) else factor * value
    part = getattr(costs, name).model_copy(update={field: scaled})
    return costs.model_copy(update={name: part})


def _energy_J(amounts: Mapping[str, float], costs: Costs, plan: Plan, time_on_s: float) -> float:
    """Return the energy of the amounts of all actions, and of what is always on."""
    prices = costs.prices(plan.hardware)
    parts = [n * prices[action].cost.energy_J for action, n in amounts.items() if action != STATIC]
    parts += [time_on_s * costs.static_W(name, plan) for name in costs.components()]
    return math.fsum(parts)
