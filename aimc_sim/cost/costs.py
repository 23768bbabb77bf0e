"""Costs: all components of a chip, and the price list that they make together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimc_sim.cost.adc import AdcCost
from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.cost.crossbar import CalibrationCost, CrossbarCost, LineCost, ProgrammingCost
from aimc_sim.cost.digital import AdderCost, ControlCost, LutCost, MultiplierCost, RequantCost
from aimc_sim.cost.periphery import DacCost, MuxCost, SampleHoldCost, ShiftAddCost
from aimc_sim.cost.sram import BufferCost, BusCost, StateCost
from aimc_sim.events import ACTIONS
from aimc_sim.hardware import Hardware
from aimc_sim.spec import Spec

PROGRAMMING_ACTIONS = frozenset(
    action for action in ACTIONS if action.startswith("program.") or action == "calibrate.read"
)
"""Actions done once, before the first step; they stand apart in a bill."""


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
    state, buffer, bus : Component
        Storing and moving bits.
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

    def components(self) -> dict[str, Component]:
        """Return all components by name."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    def prices(self, hardware: Hardware) -> dict[str, Price]:
        """Return the price of every action, in the order of `ACTIONS`.

        Parameters
        ----------
        hardware : Hardware
            Converter widths, tile shape and read time, on which some prices depend.

        Raises
        ------
        InputError
            A component that cannot price this hardware.
        ValueError
            An action without a price, or with two.
        """
        return price_list(self.components(), hardware)


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
