"""Digital baselines: what the same integer model would take on machines without analog arrays."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from aimc_sim.cost.baseline_machine import Machine, narrow_macs
from aimc_sim.cost.baseline_sram import sram
from aimc_sim.cost.complexity import Complexity
from aimc_sim.cost.scaling import area_factor, energy_factor
from aimc_sim.model.network import Model
from aimc_sim.model.requantisations import requantisations


class IntegerAccelerator(Machine):
    """Multipliers at the model's own widths beside SRAM that holds weights, state, activations.

    Parameters
    ----------
    node_nm, vdd_V : float
        Node [nm] and supply [V]; the node is one of `aimc_sim.cost.baseline_sram.TABLE`.
    n_multipliers : int
        MACs at once, within a layer.
    f_Hz : float
        Clock [Hz].
    logic_node_nm, logic_vdd_V : float
        Node and supply that the energies of logic hold for.
    bit_product_energy_J, add_bit_energy_J : float
        Of a*b-th of a product of a and b bits, and of one bit of an addition [J].
    accumulator_bits, requant_bits : int
        Widths of additions, and of the multipliers of requantisation.
    area_node_nm : float
        Node that the areas hold for [nm].
    bit_product_area_m2, add_bit_area_m2 : float
        The same in area [m2].

    Notes
    -----
    Every step reads every weight once from SRAM, reads and writes the state, writes each
    activation and reads it once; a requantisation is a product and an addition, or an addition
    where its multiplier is a power of two. Layers follow one another; all weights of the model
    share one memory.

    References
    ----------
    .. [1] M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014.
    """

    kind: Literal["integer_accelerator"]
    node_nm: int
    vdd_V: float = Field(gt=0, le=2)
    n_multipliers: int = Field(ge=1)
    f_Hz: float = Field(gt=0)
    logic_node_nm: float
    logic_vdd_V: float = Field(gt=0, le=2)
    bit_product_energy_J: float = Field(ge=0)
    add_bit_energy_J: float = Field(ge=0)
    accumulator_bits: int = Field(ge=8, le=64)
    requant_bits: int = Field(ge=1, le=64)
    area_node_nm: float
    bit_product_area_m2: float = Field(ge=0)
    add_bit_area_m2: float = Field(ge=0)

    def energy_J(self, model: Model, work: Complexity, per_step: bool) -> dict[str, float]:
        """Return the energy of a step, or of what runs once a sequence, by component [J]."""
        chosen = [item for item in work.layers if item.per_step == per_step]
        logic = energy_factor(self.logic_node_nm, self.node_nm, self.logic_vdd_V, self.vdd_V)
        weights, state = (sram(n, self.node_nm) for n in (work.weight_bits, work.state_bits))
        buffer = sram(_activation_bits(model), self.node_nm)
        macs = sum(item.macs for item in chosen)
        products = sum(item.bit_operations for item in chosen)
        requants = [requantisations(model.by_name[item.layer], model) for item in chosen]
        n_products, n_requants = sum(n for n, _ in requants), sum(map(sum, requants))
        state_bits = sum(item.state_bits for item in chosen)
        moved = sum(model.widths[i.layer] * model.signal(i.layer).bits for i in chosen)
        add_J = logic * self.accumulator_bits * self.add_bit_energy_J
        requant_J = logic * self.requant_bits * self.accumulator_bits * self.bit_product_energy_J
        leakage_W = weights.leakage_W + state.leakage_W + buffer.leakage_W
        return {
            "multipliers": logic * products * self.bit_product_energy_J,
            "adders": macs * add_J,
            "requantisation": n_products * requant_J + n_requants * add_J,
            "weight SRAM": sum(i.weight_bits for i in chosen) * weights.read_bit_J,
            "state SRAM": state_bits * (state.read_bit_J + state.write_bit_J),
            "activation SRAM": moved * (buffer.read_bit_J + buffer.write_bit_J),
            "leakage": leakage_W * self.latency_s(work, per_step),
        }

    def latency_s(self, work: Complexity, per_step: bool) -> float:
        """Return the time of a step, or of what runs once a sequence [s]."""
        chosen = (item for item in work.layers if item.per_step == per_step)
        return sum(-(-item.macs // self.n_multipliers) for item in chosen) / self.f_Hz

    def area_m2(self, model: Model, work: Complexity) -> float | None:
        """Return the area of SRAM and of multipliers and adders of the widest operands [m2]."""
        widest = max(p.weight_bits * p.input_bits for item in work.layers for p in item.products)
        each_m2 = widest * self.bit_product_area_m2 + self.accumulator_bits * self.add_bit_area_m2
        bits = (work.weight_bits, work.state_bits, _activation_bits(model))
        memory_m2 = sum(sram(n, self.node_nm).area_m2 for n in bits)
        scaled = area_factor(self.area_node_nm, self.node_nm)
        return memory_m2 + self.n_multipliers * scaled * each_m2


class Microcontroller(Machine):
    """One core that does MACs one after another.

    Parameters
    ----------
    mac_energy_J : float
        Of one MAC of operands of `operand_bits` [J].
    mac_energy_interval_J : tuple of float
        Lowest and highest that is given for it [J].
    macs_per_cycle : float
        MACs a cycle.
    f_Hz : float
        Clock [Hz].
    operand_bits : int
        Widest operand of one MAC; a wider one takes as many times more as parts it has.
    """

    kind: Literal["microcontroller"]
    mac_energy_J: float = Field(gt=0)
    mac_energy_interval_J: tuple[float, float]
    macs_per_cycle: float = Field(gt=0)
    f_Hz: float = Field(gt=0)
    operand_bits: int = Field(ge=1, le=64)

    @model_validator(mode="after")
    def _interval_holds_the_value(self) -> Self:
        low, high = self.mac_energy_interval_J
        if not 0.0 < low <= self.mac_energy_J <= high:
            raise ValueError(
                f"mac_energy_interval_J: found [{low:g}, {high:g}]; expected positive ends around "
                f"mac_energy_J, {self.mac_energy_J:g}"
            )
        return self

    @property
    def energy_factors(self) -> tuple[float, float] | None:
        """Lowest and highest multiple of the energy."""
        low, high = self.mac_energy_interval_J
        return low / self.mac_energy_J, high / self.mac_energy_J

    def energy_J(self, model: Model, work: Complexity, per_step: bool) -> dict[str, float]:
        """Return the energy of a step, or of what runs once a sequence [J]."""
        return {"MACs": narrow_macs(work, per_step, self.operand_bits) * self.mac_energy_J}

    def latency_s(self, work: Complexity, per_step: bool) -> float:
        """Return the time of a step, or of what runs once a sequence [s]."""
        n = narrow_macs(work, per_step, self.operand_bits)
        return n / (self.macs_per_cycle * self.f_Hz)


class EdgeBoard(Machine):
    """A board by its published peak: bounds that a recurrence at batch 1 does not come near.

    Parameters
    ----------
    ops_per_s : float
        Peak, two operations a MAC.
    power_W : float
        At that peak [W].
    operand_bits : int
        Widest operand of one operation; a wider one takes as many times more as parts it has.
    """

    kind: Literal["edge_board"]
    ops_per_s: float = Field(gt=0)
    power_W: float = Field(gt=0)
    operand_bits: int = Field(ge=1, le=64)

    def energy_J(self, model: Model, work: Complexity, per_step: bool) -> dict[str, float]:
        """Return the energy of a step, or of what runs once a sequence [J]."""
        return {"MACs at peak": self.latency_s(work, per_step) * self.power_W}

    def latency_s(self, work: Complexity, per_step: bool) -> float:
        """Return the time of a step, or of what runs once a sequence, at the peak [s]."""
        return 2.0 * narrow_macs(work, per_step, self.operand_bits) / self.ops_per_s


def _activation_bits(model: Model) -> int:
    return sum(model.widths[layer.name] * layer.output.bits for layer in model.layers)
