"""Bill: events times costs, by component and by layer; energy adds, latency and area do not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from aimc_sim.cost.costs import PROGRAMMING_ACTIONS, Costs, Scaling
from aimc_sim.cost.latency import LatencyBill, latency_s, n_inferences, n_steps, time_on_s
from aimc_sim.cost.terms import ALWAYS, Term, terms_of
from aimc_sim.display import Displayed, si
from aimc_sim.events import Events
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class EnergyBill:
    """Energies over all chips, sequences and steps; programming stands apart.

    Parameters
    ----------
    total : float
        Without programming [J].
    per_inference : float or None
        `total` over the sequences finished on all chips [J]; None where there is none.
    programming : float
        Pulses, verify and calibration reads of all chips [J]; in no other figure.
    by_component, by_layer : mapping
        `total` split up [J]; what is drawn whether a layer runs or not stands as a layer
        ``(always on)``.
    per_step : float or None
        Of the layers that run every step, and of what is always on, over the steps made [J].
    interval : tuple of float
        Lowest and highest `total` [J], from the components whose model is an interval; all of them
        low, or all high.
    by_layer_and_component : mapping
        ``layer -> component -> energy`` [J].
    """

    total: float
    per_inference: float | None
    programming: float
    by_component: Mapping[str, float]
    by_layer: Mapping[str, float]
    per_step: float | None = None
    interval: tuple[float, float] = (0.0, 0.0)
    by_layer_and_component: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class AreaBill:
    """Area of one chip that holds the plan.

    Parameters
    ----------
    total : float
        [m2]
    by_component : mapping
        [m2]
    """

    total: float
    by_component: Mapping[str, float]


@dataclass(frozen=True, repr=False)
class Bill(Displayed):
    """What a run cost; each field's name carries its unit.

    Parameters
    ----------
    energy_J, latency_s, area_m2 : EnergyBill, LatencyBill, AreaBill
        Energy, time, area.
    time_on_s : float
        How long chips were on, all together [s].
    power_W : float or None
        Energy, programming apart, over that time [W].
    scaled : mapping
        ``component -> Scaling`` of what was moved to the chip's technology node.
    cost_notes : tuple of str
        What is to be said of models that were used outside of their range.
    """

    energy_J: EnergyBill
    latency_s: LatencyBill
    area_m2: AreaBill
    time_on_s: float = 0.0
    power_W: float | None = None
    scaled: Mapping[str, Scaling] = field(default_factory=dict)
    cost_notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts and floats, as the JSON of a run holds them."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows, with SI prefixes."""
        energy_J, latency_s = self.energy_J, self.latency_s
        return [
            ("energy, without programming", si(energy_J.total, "J")),
            ("energy per inference", si(energy_J.per_inference, "J")),
            ("energy of programming", si(energy_J.programming, "J")),
            ("power", si(self.power_W, "W")),
            ("latency per step", si(latency_s.per_step, "s")),
            ("latency per inference", si(latency_s.per_inference, "s")),
            ("area of a chip", si(self.area_m2.total, "m2")),
        ]


def cost_of(events: Events, costs: Costs, plan: Plan) -> Bill:
    """Price what was counted.

    Parameters
    ----------
    events : Events
        ``tiles.events + result.events``, or either.
    costs : Costs
        Of the chip.
    plan : Plan
        That the events were counted on.

    Returns
    -------
    Bill
        Energy is linear in `events` and does not depend on their order.

    Raises
    ------
    InputError
        Events of layers that the plan does not have; ``hardware.timing.t_step_s`` below the
        latency of a step; a component that cannot price the hardware of the plan.

    Notes
    -----
    Energy = sum of amount times energy of one, and V^2 G t for the array. Sums are correctly
    rounded (`math.fsum`), so no order of keys, chips or threads moves a bit.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> chip = load_chip("examples/chips/pcm_256.yaml")
    >>> bill = cost_of(Events(), chip.costs, Plan("", chip.hardware, ()))
    >>> bill.energy_J.total, bill.energy_J.per_inference
    (0.0, None)
    """
    _check_layers(events, plan)
    latency = latency_s(plan, events, costs, _programming_s(events, costs, plan))
    on_s = time_on_s(plan, events, latency)
    energy = _energy(events, costs, plan, on_s)
    return Bill(
        energy,
        latency,
        _area(costs, plan),
        on_s,
        energy.total / on_s if on_s else None,
        costs.scalings,
        costs.adc.notes(),
    )


def _check_layers(events: Events, plan: Plan) -> None:
    known = {layer.layer for layer in plan.layers}
    for layer, *_ in (*events.counts, *events.arrays):
        if layer not in known:
            raise InputError(
                f"events: layer {layer!r} is not in the plan; its layers: "
                f"{', '.join(sorted(known))}"
            )


def _programming_s(events: Events, costs: Costs, plan: Plan) -> float:
    """Return how long writing and calibrating take, one action after another [s]."""
    prices = costs.prices(plan.hardware)
    return math.fsum(
        n * prices[action].cost.latency_s / prices[action].cost.n_parallel
        for (_, _, action), n in events.counts.items()
        if action in PROGRAMMING_ACTIONS
    )


def _energy(events: Events, costs: Costs, plan: Plan, time_on_s: float) -> EnergyBill:
    terms = list(terms_of(events, costs, plan, time_on_s))
    running = [term for term in terms if not term.is_programming]
    total = _sum(running)
    n, steps = n_inferences(plan, events), n_steps(plan, events)
    names = [name for name in costs.components() if name != "programming"]
    layers = [layer.layer for layer in plan.layers]
    if any(term.layer == ALWAYS for term in running):
        layers.append(ALWAYS)
    both: dict[str, dict[str, list[float]]] = {layer: {} for layer in layers}
    for term in running:
        both[term.layer].setdefault(term.component, []).append(term.energy_J)
    by_component = {
        name: math.fsum(e for parts in both.values() for e in parts.get(name, ())) for name in names
    }
    each_step = {layer.layer for layer in plan.layers if layer.per_step} | {ALWAYS}
    return EnergyBill(
        total,
        total / n if n else None,
        _sum(term for term in terms if term.is_programming),
        by_component,
        {
            name: math.fsum(e for part in parts.values() for e in part)
            for name, parts in both.items()
        },
        _sum(term for term in running if term.layer in each_step) / steps if steps else None,
        _interval(by_component, costs),
        {
            layer: {name: math.fsum(parts[name]) for name in names if name in parts}
            for layer, parts in both.items()
        },
    )


def _interval(by_component: Mapping[str, float], costs: Costs) -> tuple[float, float]:
    """Return the lowest and highest sum over components whose model is an interval."""
    low, high = [], []
    for name, energy_J in by_component.items():
        factors = costs.components()[name].energy_factors or (1.0, 1.0)
        low.append(factors[0] * energy_J)
        high.append(factors[1] * energy_J)
    return math.fsum(low), math.fsum(high)


def _sum(terms: Iterable[Term]) -> float:
    return math.fsum(term.energy_J for term in terms)


def _area(costs: Costs, plan: Plan) -> AreaBill:
    by_component = {name: costs.area_m2(name, plan) for name in costs.components()}
    return AreaBill(math.fsum(by_component.values()), by_component)
