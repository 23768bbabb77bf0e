"""What digital logic costs: adders, multipliers, requantisation, tables, control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan


class LanesCost(Component):
    """Equal units side by side, shared by all layers of the chip.

    Parameters
    ----------
    energy_J : float
        Of one action [J].
    latency_s : float
        Of one pass, in which every lane does one [s].
    area_m2 : float
        Of one lane [m2].
    n_lanes : int
        How many there are.
    """

    IS_LOGIC = True
    ACTION: ClassVar[str]

    energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    area_m2: float = Field(ge=0)
    n_lanes: int = Field(ge=1)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of one action."""
        return {self.ACTION: ActionCost(self.energy_J, self.latency_s, self.n_lanes)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all lanes [m2]; it does not depend on the plan."""
        return self.n_lanes * self.area_m2


class AdderCost(LanesCost):
    """Adders."""

    ACTION = "adder.add"


class RequantCost(LanesCost):
    """Requantisers: multiply, add half, shift, clip."""

    ACTION = "requant.op"


class LutCost(LanesCost):
    """Activation tables."""

    ACTION = "lut.read"


class MultiplierCost(Component):
    """Multipliers, priced by bit products: a times b bits are a*b of them.

    Parameters
    ----------
    bit_product_energy_J : float
        Of one bit product [J].
    latency_s : float
        Of one pass, in which every multiplier does one product of its full width [s].
    bit_product_area_m2 : float
        For each bit product of a multiplier [m2].
    bits : int
        Width of both operands of a multiplier.
    n_lanes : int
        How many there are.
    """

    IS_LOGIC = True

    bit_product_energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    bit_product_area_m2: float = Field(ge=0)
    bits: int = Field(ge=1, le=64)
    n_lanes: int = Field(ge=1)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of one bit product."""
        return {
            "multiplier.bit_product": ActionCost(
                self.bit_product_energy_J, self.latency_s, self.n_lanes * self.bits**2
            )
        }

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all multipliers [m2]; it does not depend on the plan."""
        return self.n_lanes * self.bits**2 * self.bit_product_area_m2


class ControlCost(Component):
    """One sequencer a layer.

    Parameters
    ----------
    energy_J, latency_s, area_m2 : float
        Of one step of one layer [J, s], of one sequencer [m2].
    """

    IS_LOGIC = True

    energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    area_m2: float = Field(ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of one step."""
        return {"control.step": ActionCost(self.energy_J, self.latency_s)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of the sequencers of all layers [m2]."""
        return len(plan.layers) * self.area_m2
