"""Costs: all components of a chip, and the price list that they make together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from aimc_sim.cost.adc import IntegratingAdcCost, SteppedAdc, TableAdc
from aimc_sim.cost.adc_sar import AccelergySarAdc
from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.cost.crossbar import CalibrationCost, CrossbarCost, LineCost, ProgrammingCost
from aimc_sim.cost.digital import AdderCost, ControlCost, LutCost, MultiplierCost, RequantCost
from aimc_sim.cost.periphery import DacCost, MuxCost, SampleHoldCost, ShiftAddCost
from aimc_sim.cost.scaling import area_factor, energy_factor, nominal_vdd_V
from aimc_sim.cost.sram import NO_ROUTER, BufferCost, BusCost, RouterCost, StateCost
from aimc_sim.cost.static import NO_BLOCKS, StaticCost
from aimc_sim.events import ACTIONS
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import Spec

PROGRAMMING_ACTIONS = frozenset(
    action for action in ACTIONS if action.startswith("program.") or action == "calibrate.read"
)
"""Actions done once, before the first step; they stand apart in a bill."""

AdcCost = Annotated[
    TableAdc | AccelergySarAdc | SteppedAdc | IntegratingAdcCost, Field(discriminator="kind")
]


class Technology(Spec):
    """The node that all logic of a chip is scaled to.

    Parameters
    ----------
    node_nm : float
        Node [nm].
    vdd_V : float, optional
        Supply [V]; by default the nominal one of the node.
    """

    node_nm: float = Field(ge=7, le=130)
    vdd_V: float | None = Field(default=None, gt=0, le=2)


class Peak(Spec):
    """Codes that the chip's authors state its peak figures for.

    Parameters
    ----------
    input_bits, weight_bits : int
        Widths of the signed codes.
    inputs, weights : {"uniform", "normal", "zero"}
        What the codes are (`aimc_sim.analysis.random_codes.random_codes`).
    """

    input_bits: int = Field(default=8, ge=2, le=16)
    weight_bits: int = Field(default=8, ge=2, le=16)
    inputs: Literal["uniform", "normal", "zero"] = "uniform"
    weights: Literal["uniform", "normal", "zero"] = "normal"


@dataclass(frozen=True)
class Scaling:
    """How the constants of a component were moved to the chip's node.

    Parameters
    ----------
    from_nm, to_nm : float
        Nodes [nm].
    from_vdd_V, to_vdd_V : float
        Supplies [V].
    energy, area, latency : float
        What constants were multiplied by.
    """

    from_nm: float
    to_nm: float
    from_vdd_V: float
    to_vdd_V: float
    energy: float
    area: float
    latency: float


@dataclass(frozen=True)
class Price:
    """Which component an action belongs to, and what it costs."""

    component: str
    cost: ActionCost


class Costs(Spec):
    """The section `costs` of a chip: one component a noun; together they price every action.

    Parameters
    ----------
    adc, dac, sample_hold, mux, shift_add : Component
        Around the crossbar.
    crossbar, line, programming, calibration : Component
        The array, its lines, writing it, reading it to calibrate.
    adder, multiplier, requant, lut, control : Component
        Digital logic.
    state, buffer, bus, router : Component
        Storing and moving bits; by default there is no router.
    static : Component
        Circuits of a fixed size, and what is drawn as long as the chip is on; by default none.
    technology : Technology, optional
        Node that the logic is scaled to; by default each component is priced at its own.
    operation : str
        What the chip's authors count as an operation, for derived figures.
    peak : Peak
        Codes that peak figures are of, where nothing else is asked for.
    """

    adc: AdcCost
    dac: DacCost
    sample_hold: SampleHoldCost
    mux: MuxCost
    shift_add: ShiftAddCost
    crossbar: CrossbarCost
    line: LineCost
    programming: ProgrammingCost
    calibration: CalibrationCost
    adder: AdderCost
    multiplier: MultiplierCost
    requant: RequantCost
    lut: LutCost
    control: ControlCost
    state: StateCost
    buffer: BufferCost
    bus: BusCost
    router: RouterCost = NO_ROUTER
    static: StaticCost = NO_BLOCKS
    technology: Technology | None = None
    operation: str = "a multiplication or an addition of a weight's product: two a weight and read"
    peak: Peak = Peak()

    def components(self) -> dict[str, Component]:
        """Return all components by name."""
        parts = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: part for name, part in parts.items() if isinstance(part, Component)}

    @cached_property
    def scalings(self) -> dict[str, Scaling]:
        """How each component was moved to the node of `technology`; empty without one.

        Raises
        ------
        InputError
            A node that scaling is not known for.
        """
        if self.technology is None:
            return {}
        to_nm = self.technology.node_nm
        to_V = self.technology.vdd_V or nominal_vdd_V(to_nm)
        found = {}
        for name, part in self.components().items():
            if part.IS_LOGIC and part.node_nm != to_nm:
                from_V = part.vdd_V or nominal_vdd_V(part.node_nm)
                found[name] = Scaling(
                    part.node_nm,
                    to_nm,
                    from_V,
                    to_V,
                    energy_factor(part.node_nm, to_nm, from_V, to_V),
                    area_factor(part.node_nm, to_nm),
                    to_nm / part.node_nm,
                )
        return found

    def prices(self, hardware: Hardware) -> dict[str, Price]:
        """Return the price of every action, in the order of `ACTIONS`, at the chip's node.

        Parameters
        ----------
        hardware : Hardware
            Converter widths, tile shape and read time, on which some prices depend.

        Raises
        ------
        InputError
            A component that cannot price this hardware, or be scaled.
        ValueError
            An action without a price, or with two.

        Notes
        -----
        Latencies are scaled linearly in the node, a shortcut of the accelergy library.
        """
        found = price_list(self.components(), hardware)
        return {action: self._scaled(price) for action, price in found.items()}

    def area_m2(self, name: str, plan: Plan) -> float:
        """Return the area of a component for a plan, at the chip's node [m2]."""
        scaling = self.scalings.get(name)
        area = self.components()[name].total_area_m2(plan)
        return area if scaling is None else scaling.area * area

    def static_W(self, name: str, plan: Plan) -> float:
        """Return the power that a component always draws, at the chip's node [W]."""
        scaling = self.scalings.get(name)
        power = self.components()[name].static_W(plan)
        return power if scaling is None else scaling.energy * power

    def _scaled(self, price: Price) -> Price:
        scaling, cost = self.scalings.get(price.component), price.cost
        if scaling is None:
            return price
        scaled = ActionCost(
            scaling.energy * cost.energy_J, scaling.latency * cost.latency_s, cost.n_parallel
        )
        return Price(price.component, scaled)


def price_list(components: Mapping[str, Component], hardware: Hardware) -> dict[str, Price]:
    """Return the price of every action; each has exactly one component, or it is an error."""
    found: dict[str, Price] = {}
    for name, component in components.items():
        for action, cost in component.actions(hardware).items():
            if action in found:
                raise ValueError(
                    f"{action!r} is priced twice: by {found[action].component!r} and by {name!r}"
                )
            found[action] = Price(name, cost)
    if set(found) != set(ACTIONS):
        odd = ", ".join(sorted(set(found) ^ set(ACTIONS)))
        raise ValueError(f"priced without being an action, or an action without a price: {odd}")
    return {action: found[action] for action in ACTIONS}
