"""Component: one part of a chip, what each of its actions costs, and how large it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import devices_per_cell
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import InputError, Source, Spec


@dataclass(frozen=True)
class ActionCost:
    """What one action costs.

    Parameters
    ----------
    energy_J : float
        Energy of one [J].
    latency_s : float
        Time of one [s].
    n_parallel : int
        How many are done at once; ``n`` of them take ``ceil(n / n_parallel)`` passes.
    """

    energy_J: float
    latency_s: float = 0.0
    n_parallel: int = 1


class Component(Spec):
    """Base of all components: frozen constants with a unit in each key, a node and a source.

    Parameters
    ----------
    node_nm : float
        Technology node that the constants hold for [nm].
    source : Source
        Where they come from.
    """

    node_nm: float = Field(ge=1, le=1000)
    source: Source

    @abstractmethod
    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of every action of `aimc_sim.events.ACTIONS` that this part prices."""

    @abstractmethod
    def total_area_m2(self, plan: Plan) -> float:
        """Return the area that a plan takes of this part [m2]."""


def adcs_per_tile(hardware: Hardware) -> int:
    """Return how many ADCs serve one tile: ``ceil(n_bitlines / bitlines_per_adc)``."""
    return -(-hardware.tile.n_bitlines // hardware.tile.bitlines_per_adc)


def devices_per_wordline(hardware: Hardware) -> int:
    """Return how many devices sit on one wordline: several a bitline where a cell holds a pair."""
    return hardware.tile.n_bitlines * devices_per_cell(hardware)


def converter_bits(name: str, width: int | None, bits_if_ideal: int | None) -> int:
    """Return the width at which a converter is priced.

    Parameters
    ----------
    name : {"adc", "dac"}
        Which, for the message.
    width : int or None
        Of the hardware; None is an ideal converter.
    bits_if_ideal : int or None
        Width at which an ideal one is priced.

    Raises
    ------
    InputError
        An ideal converter that no width is given for.

    Examples
    --------
    >>> converter_bits("adc", None, 8), converter_bits("adc", 6, None)
    (8, 6)
    """
    bits = width if width is not None else bits_if_ideal
    if bits is None:
        raise InputError(
            f"costs.{name}.bits_if_ideal: found null while hardware.{name}.kind is "
            f"ideal; give the width in bits at which it is to be priced"
        )
    return bits
