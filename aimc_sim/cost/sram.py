"""What storing and moving bits costs: recurrent state, activation buffer, bus."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from pydantic import Field

from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import LayerPlan, Plan
from aimc_sim.spec import Source


class MemoryCost(Component):
    """A memory priced by the bit; as large as the bits it has to hold.

    Parameters
    ----------
    read_bit_energy_J, write_bit_energy_J : float
        Of one bit read or written [J].
    bit_area_m2 : float
        Of one bit stored, periphery included [m2].
    latency_s : float
        Of one access [s].
    word_bits : int
        Bits of one access.
    n_banks : int
        Accesses at once.
    bit_leakage_W : float
        Power that a stored bit leaks [W].
    """

    IS_LOGIC = True

    read_bit_energy_J: float = Field(ge=0)
    write_bit_energy_J: float = Field(ge=0)
    bit_area_m2: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    word_bits: int = Field(ge=1)
    n_banks: int = Field(default=1, ge=1)
    bit_leakage_W: float = Field(default=0.0, ge=0)

    @abstractmethod
    def n_bits(self, plan: Plan) -> int:
        """Return the bits that it holds."""

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all bits [m2]."""
        return self.n_bits(plan) * self.bit_area_m2

    def static_W(self, plan: Plan) -> float:
        """Return the power that all bits leak [W]."""
        return self.n_bits(plan) * self.bit_leakage_W

    def _bits(self, name: str) -> dict[str, ActionCost]:
        n = self.word_bits * self.n_banks
        return {
            f"{name}.read_bit": ActionCost(self.read_bit_energy_J, self.latency_s, n),
            f"{name}.write_bit": ActionCost(self.write_bit_energy_J, self.latency_s, n),
        }


class StateCost(MemoryCost):
    """Recurrent state of all S4D layers, kept between steps."""

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the costs of a bit read and of a bit written."""
        return self._bits("state")

    def n_bits(self, plan: Plan) -> int:
        """Return all state bits of one sequence."""
        return sum(map(state_bits, plan.layers))


class BufferCost(MemoryCost):
    """Activations between layers: two values for every output channel of every layer.

    Parameters
    ----------
    value_bits : int
        Bits kept for one value, whatever its width.
    """

    value_bits: int = Field(ge=1, le=64)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the costs of a bit read and of a bit written."""
        return self._bits("buffer")

    def n_bits(self, plan: Plan) -> int:
        """Return the bits of all buffers."""
        return 2 * sum(layer.n_out for layer in plan.layers) * self.value_bits


class BusCost(Component):
    """Wires between tiles and digital logic.

    Parameters
    ----------
    bit_energy_J : float
        Of one bit moved [J].
    latency_s : float
        Of one transfer [s].
    width_bits : int
        Bits of one transfer.
    tile_area_m2 : float
        Share of the bus that goes to each tile [m2].
    """

    IS_LOGIC = True

    bit_energy_J: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    width_bits: int = Field(ge=1)
    tile_area_m2: float = Field(ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a bit moved."""
        return {"bus.bit": ActionCost(self.bit_energy_J, self.latency_s, self.width_bits)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of the bus over all tiles [m2]."""
        return plan.n_sites * self.tile_area_m2


class RouterCost(Component):
    """Routers between groups of tiles, which every output passes once.

    Parameters
    ----------
    bit_energy_J : float
        Of one bit through one router [J].
    tile_area_m2 : float
        Share of the routers that goes to each tile [m2].
    """

    IS_LOGIC = True

    bit_energy_J: float = Field(ge=0)
    tile_area_m2: float = Field(default=0.0, ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a bit; it travels while the next one is made."""
        return {"router.bit": ActionCost(self.bit_energy_J)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of the routers over all tiles [m2]."""
        return plan.n_sites * self.tile_area_m2


NO_ROUTER = RouterCost(
    node_nm=32,
    bit_energy_J=0.0,
    source=Source(
        cite="no router is stated for this chip",
        grade="assumed",
        note="moving outputs from layer to layer is priced by the bus alone",
    ),
)


def state_bits(layer: LayerPlan) -> int:
    """Return the bits of recurrent state of a layer, from the vector "x" that drives a matrix."""
    for m in layer.matrices:
        for vector in m.matrix.inputs:
            if vector.name == "x":
                return len(vector.lines) * vector.bits
    return 0
