"""A digital machine: what it takes for a model's integers, and what that leaves out."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import Field

from aimc_sim.cost.complexity import Complexity, complexity_of
from aimc_sim.model.network import Model
from aimc_sim.spec import Source, Spec


@dataclass(frozen=True)
class BaselineBill:
    """What a model takes on a digital machine.

    Parameters
    ----------
    name, description, leaves_out : str
        Which machine, what it is, and what the figures leave out.
    energy_per_step_J, energy_per_inference_J : float
        Of a step, and of a sequence with what runs once [J].
    interval_J : tuple of float, optional
        Lowest and highest energy of an inference [J], where the machine is an interval.
    latency_per_step_s, latency_per_inference_s : float
        The same in time [s].
    area_m2 : float or None
        [m2]; None where it is not known.
    by_component : mapping
        Energy of an inference split up [J].
    source : mapping
        Where the constants come from.
    """

    name: str
    description: str
    leaves_out: str
    energy_per_step_J: float
    energy_per_inference_J: float
    interval_J: tuple[float, float] | None
    latency_per_step_s: float
    latency_per_inference_s: float
    area_m2: float | None
    by_component: Mapping[str, float]
    source: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return plain dicts, lists and floats."""
        tree = asdict(self)
        tree["interval_J"] = None if self.interval_J is None else list(self.interval_J)
        return tree


class Machine(Spec):
    """What all baselines share.

    Parameters
    ----------
    name, description, leaves_out : str
        Which machine, what it is, and what its figures leave out.
    source : Source
        Where its constants come from.
    """

    name: str = Field(min_length=1)
    description: str = Field(min_length=5)
    leaves_out: str = Field(min_length=5)
    source: Source

    @property
    def energy_factors(self) -> tuple[float, float] | None:
        """Lowest and highest multiple of the energy; None where it is one number."""
        return None

    @abstractmethod
    def energy_J(self, model: Model, work: Complexity, per_step: bool) -> dict[str, float]:
        """Return the energy of a step, or of what runs once a sequence, by component [J]."""

    @abstractmethod
    def latency_s(self, work: Complexity, per_step: bool) -> float:
        """Return the time of a step, or of what runs once a sequence [s]."""

    def area_m2(self, model: Model, work: Complexity) -> float | None:
        """Return the area [m2], or None."""
        return None

    def bill(self, model: Model, n_steps: float) -> BaselineBill:
        """Return what a model takes on this machine.

        Parameters
        ----------
        model : Model
            Integers.
        n_steps : float
            Steps of a sequence.
        """
        work = complexity_of(model)
        step, once = (self.energy_J(model, work, per_step) for per_step in (True, False))
        parts = {name: n_steps * step[name] + once[name] for name in step}
        total, factors = math.fsum(parts.values()), self.energy_factors
        t_step_s = self.latency_s(work, True)
        return BaselineBill(
            self.name,
            self.description,
            self.leaves_out.strip(),
            math.fsum(step.values()),
            total,
            None if factors is None else (factors[0] * total, factors[1] * total),
            t_step_s,
            n_steps * t_step_s + self.latency_s(work, False),
            self.area_m2(model, work),
            parts,
            self.source.model_dump(mode="json"),
        )


def narrow_macs(work: Complexity, per_step: bool, operand_bits: int) -> int:
    """Return the MACs, each counted as the products of narrow operands that make it up.

    Examples
    --------
    >>> from aimc_sim.cost.complexity import LayerComplexity, Product
    >>> layer = LayerComplexity("a", "linear", True, 0, 0, 0, 0, (Product("w", 10, 8, 16),))
    >>> narrow_macs(Complexity((layer,)), True, 8)
    20
    """
    return sum(
        p.n * -(-p.weight_bits // operand_bits) * -(-p.input_bits // operand_bits)
        for item in work.layers
        if item.per_step == per_step
        for p in item.products
    )
