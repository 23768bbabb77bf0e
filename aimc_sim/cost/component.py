"""Component: one part of a chip, what each of its actions costs, and how large it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import devices_per_cell
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import InputError, Source, Spec

CONSTANT_SUFFIXES = ("_J", "_W", "_m2", "_F", "_F2", "_factor", "latency_s")
"""Ends of the names of constants, each with its unit."""


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


_Factors = tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]
"""Lowest and highest multiple of a constant that its source allows for."""

FACTORS_OF_GRADE: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"measured": (0.9, 1.1), "fitted": (0.7, 1.5), "assumed": (0.5, 2.0)}
)
"""Where a constant states no interval of its own: a rule of this project, not statistics."""


class Component(Spec):
    """Base of all components: frozen constants with a unit in each key, a node and a source.

    Parameters
    ----------
    node_nm : float
        Technology node that the constants hold for [nm].
    vdd_V : float, optional
        Supply that they hold for [V]; by default the nominal one of the node. It matters only
        where they are scaled to another node.
    intervals : mapping
        ``constant -> (lowest, highest)`` multiple of it that is plausible, where that is known;
        elsewhere `FACTORS_OF_GRADE` of the source.
    source : Source
        Where they come from.
    """

    IS_LOGIC: ClassVar[bool] = False
    """Whether the constants follow the node of the logic, and may be scaled to another one."""

    node_nm: float = Field(ge=1, le=1000)
    vdd_V: float | None = Field(default=None, gt=0, le=5)
    intervals: dict[str, _Factors] = Field(default_factory=dict)
    source: Source

    @model_validator(mode="after")
    def _intervals_are_of_constants(self) -> Self:
        for name, (low, high) in self.intervals.items():
            if name not in self.constants():
                raise ValueError(
                    f"intervals: found {name!r}; this component has {', '.join(self.constants())}"
                )
            if low > high:
                raise ValueError(f"intervals.{name}: found {low:g}, {high:g}; the lower one first")
        return self

    @classmethod
    def constants(cls) -> tuple[str, ...]:
        """Return the names of what is priced: energies, powers, areas, times, capacitances."""
        return tuple(name for name in cls.model_fields if name.endswith(CONSTANT_SUFFIXES))

    def factors(self, name: str) -> tuple[float, float]:
        """Return the lowest and highest plausible multiple of a constant."""
        return self.intervals.get(name) or FACTORS_OF_GRADE[self.source.grade]

    @property
    def energy_factors(self) -> tuple[float, float] | None:
        """Lowest and highest multiple of its energy, where its model is an interval; else None."""
        return self.intervals.get("energy_factor")

    def derivation(self, hardware: Hardware) -> tuple[str, ...]:
        """Return lines that say how the price of an action follows from the constants."""
        return tuple(
            f"{action}: {cost.energy_J:.6g} J"
            for action, cost in self.actions(hardware).items()
            if cost.energy_J
        )

    def static_W(self, plan: Plan) -> float:
        """Return the power that is drawn whether anything happens or not [W]."""
        return 0.0

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
