"""What storing and moving bits costs: recurrent state, activation buffer, bus."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import LayerPlan, Plan


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
    """

    read_bit_energy_J: float = Field(ge=0)
    write_bit_energy_J: float = Field(ge=0)
    bit_area_m2: float = Field(ge=0)
    latency_s: float = Field(ge=0)
    word_bits: int = Field(ge=1)
    n_banks: int = Field(default=1, ge=1)

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

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all state bits of one sequence [m2]."""
        return sum(map(state_bits, plan.layers)) * self.bit_area_m2


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

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all buffers [m2]."""
        n_values = 2 * sum(layer.n_out for layer in plan.layers)
        return n_values * self.value_bits * self.bit_area_m2


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


def state_bits(layer: LayerPlan) -> int:
    """Return the bits of recurrent state of a layer, from the vector "x" that drives a matrix."""
    for m in layer.matrices:
        for vector in m.matrix.inputs:
            if vector.name == "x":
                return len(vector.lines) * vector.bits
    return 0
