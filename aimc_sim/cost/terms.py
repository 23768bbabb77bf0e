"""Terms: amounts times what one costs; all energies of a bill are sums of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aimc_sim.cost.costs import PROGRAMMING_ACTIONS, Costs
from aimc_sim.cost.crossbar import array_energy_J
from aimc_sim.events import Events
from aimc_sim.mapping.plan import Plan

ALWAYS = "(always on)"
"""Stands for the layer of what is drawn whether a layer runs or not."""
STATIC = "static power"
"""Stands for the action of it; its amount is a time [s]."""


@dataclass(frozen=True)
class Term:
    """One amount, priced.

    Parameters
    ----------
    component, layer, action : str
        Whose it is; `ALWAYS` and `STATIC` where no layer and no action is.
    tile_id : int
        Tile, or -1.
    amount : float
        How often; of an array, joules in its cells; of static power, seconds.
    each_J : float
        Of one [J].
    energy_J : float
        Product [J].
    """

    component: str
    layer: str
    action: str
    tile_id: int
    amount: float
    each_J: float
    energy_J: float

    @property
    def is_programming(self) -> bool:
        """Whether it is of programming, which stands apart."""
        return self.action in PROGRAMMING_ACTIONS


def terms_of(events: Events, costs: Costs, plan: Plan, time_on_s: float = 0.0) -> Iterator[Term]:
    """Return all terms: of the counts, of the arrays, of what is always on.

    Parameters
    ----------
    events : Events
        What was counted.
    costs : Costs
        Of the chip.
    plan : Plan
        That the events were counted on.
    time_on_s : float
        How long chips were on, all together [s].
    """
    prices = costs.prices(plan.hardware)
    for (layer, tile_id, action), n in events.counts.items():
        price = prices[action]
        each_J = price.cost.energy_J
        yield Term(price.component, layer, action, tile_id, n, each_J, n * each_J)
    array = prices["crossbar.x2"]
    for (layer, tile_id, *_), reads in events.arrays.items():
        cells_J = array_energy_J(reads, plan.hardware.timing.t_read_s)
        factor = array.cost.energy_J
        yield Term(
            array.component, layer, "crossbar.x2", tile_id, cells_J, factor, factor * cells_J
        )
    for name in costs.components():
        power_W = costs.static_W(name, plan)
        if power_W and time_on_s:
            yield Term(name, ALWAYS, STATIC, -1, time_on_s, power_W, power_W * time_on_s)
