"""Bill: events times costs, by component and by layer; energy adds, latency and area do not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aimc_sim.cost.costs import PROGRAMMING_ACTIONS, Costs, Price
from aimc_sim.cost.crossbar import array_energy_J
from aimc_sim.cost.latency import LatencyBill, latency_s, n_inferences
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
        `total` split up [J].
    """

    total: float
    per_inference: float | None
    programming: float
    by_component: Mapping[str, float]
    by_layer: Mapping[str, float]


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


@dataclass(frozen=True)
class Bill(Displayed):
    """What a run cost; each field's name carries its unit."""

    energy_J: EnergyBill
    latency_s: LatencyBill
    area_m2: AreaBill

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts and floats, as the JSON of a run holds them."""
        return asdict(self)

    def display_rows(self) -> list[tuple[str, str]]:
        """Return the rows that a notebook shows, with SI prefixes."""
        energy_J, latency_s = self.energy_J, self.latency_s
        return [
            ("energy, without programming", si(energy_J.total, "J")),
            ("energy per inference", si(energy_J.per_inference, "J")),
            ("energy of programming", si(energy_J.programming, "J")),
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
    prices = costs.prices(plan.hardware)
    known = {layer.layer for layer in plan.layers}
    for layer, *_ in (*events.counts, *events.arrays):
        if layer not in known:
            raise InputError(
                f"events: layer {layer!r} is not in the plan; its layers: "
                f"{', '.join(sorted(known))}"
            )
    programming_s = math.fsum(
        n * prices[action].cost.latency_s / prices[action].cost.n_parallel
        for (_, _, action), n in events.counts.items()
        if action in PROGRAMMING_ACTIONS
    )
    return Bill(
        _energy(events, costs, plan, prices),
        latency_s(plan, events, prices, programming_s),
        _area(costs, plan),
    )


@dataclass(frozen=True)
class _Term:
    """One amount, priced."""

    component: str
    layer: str
    programming: bool
    energy_J: float


def _terms(events: Events, plan: Plan, prices: Mapping[str, Price]) -> Iterator[_Term]:
    for (layer, _, action), n in events.counts.items():
        price = prices[action]
        yield _Term(price.component, layer, action in PROGRAMMING_ACTIONS, n * price.cost.energy_J)
    array = prices["crossbar.x2"]
    for (layer, *_), reads in events.arrays.items():
        energy_J = array_energy_J(reads, plan.hardware.timing.t_read_s)
        yield _Term(array.component, layer, False, array.cost.energy_J * energy_J)


def _energy(events: Events, costs: Costs, plan: Plan, prices: Mapping[str, Price]) -> EnergyBill:
    terms = list(_terms(events, plan, prices))
    running = [term for term in terms if not term.programming]
    by_component: dict[str, list[float]] = {
        name: [] for name in costs.components() if name != "programming"
    }
    by_layer: dict[str, list[float]] = {layer.layer: [] for layer in plan.layers}
    for term in running:
        by_component[term.component].append(term.energy_J)
        by_layer[term.layer].append(term.energy_J)
    total = math.fsum(term.energy_J for term in running)
    n = n_inferences(plan, events)
    return EnergyBill(
        total,
        total / n if n else None,
        math.fsum(term.energy_J for term in terms if term.programming),
        {name: math.fsum(parts) for name, parts in by_component.items()},
        {name: math.fsum(parts) for name, parts in by_layer.items()},
    )


def _area(costs: Costs, plan: Plan) -> AreaBill:
    by_component = {name: part.total_area_m2(plan) for name, part in costs.components().items()}
    return AreaBill(math.fsum(by_component.values()), by_component)
