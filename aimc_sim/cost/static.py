"""Parts of a fixed size: their area, and the power that they draw as long as the chip is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import Source, Spec


class Block(Spec):
    """A circuit that a chip has once, once a tile, or once a group of tiles.

    Parameters
    ----------
    name : str
        What it is.
    per : {"tile", "group", "chip"}
        How many there are.
    power_W : float
        That one draws whether it is used or not [W].
    area_m2 : float
        Of one [m2].
    source : Source, optional
        Where the figures come from, if not from that of the component.
    """

    name: str = Field(min_length=1)
    per: Literal["tile", "group", "chip"] = "chip"
    power_W: float = Field(default=0.0, ge=0)
    area_m2: float = Field(default=0.0, ge=0)
    source: Source | None = None


class StaticCost(Component):
    """All that is neither counted nor sized by the plan: links, fixed buffers, leakage, clocks.

    Parameters
    ----------
    blocks : tuple of Block
        The circuits.
    n_tiles_of_group : int
        Tiles of a group.
    n_tiles_of_chip : int, optional
        Tiles that one chip has; a plan that needs more takes several. By default one chip, as
        large as needed.
    power_factor, area_factor : float
        Multiply all powers and areas.

    Notes
    -----
    Energy is power times the time that the chip is on: the time between steps
    (``hardware.timing.t_step_s``, by default the latency of a step) times steps, and the latency of
    the layers that run once.
    """

    blocks: tuple[Block, ...] = ()
    n_tiles_of_group: int = Field(default=1, ge=1)
    n_tiles_of_chip: int | None = Field(default=None, ge=1)
    power_factor: float = Field(default=1.0, ge=0)
    area_factor: float = Field(default=1.0, ge=0)

    def n_of(self, block: Block, plan: Plan) -> int:
        """Return how many of a circuit the chips that hold a plan have."""
        n = plan.n_sites
        if block.per == "tile":
            return n
        if block.per == "group":
            return -(-n // self.n_tiles_of_group)
        return max(-(-n // self.n_tiles_of_chip), 1) if self.n_tiles_of_chip else 1

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return nothing: no action is priced here."""
        return {}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all circuits [m2]."""
        return self.area_factor * sum(self.n_of(b, plan) * b.area_m2 for b in self.blocks)

    def static_W(self, plan: Plan) -> float:
        """Return the power of all circuits [W]."""
        return self.power_factor * sum(self.n_of(b, plan) * b.power_W for b in self.blocks)


NO_BLOCKS = StaticCost(
    node_nm=32,
    source=Source(
        cite="nothing of a fixed size is stated for this chip",
        grade="assumed",
        note="links, clocks and leakage beyond the other components are left out",
    ),
)
