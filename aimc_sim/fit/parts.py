"""A family put together from parts, each with parameters, checks and drawings of its own."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod

import numpy as np

from aimc_sim.devices.state import Array
from aimc_sim.fit.family import Family, Name
from aimc_sim.fit.result import Check, Series


class Part(ABC):
    """One law of a family."""

    @abstractmethod
    def names(self) -> list[Name]:
        """Return the names of the parameters, in the order of `estimate`."""

    @abstractmethod
    def estimate(self, weights: Array) -> Array:
        """Return all parameters for each weighting, shape (n_weightings, n_parameters)."""

    @abstractmethod
    def checks(self, values: Array) -> list[Check]:
        """Return the goodness of fit of each level."""

    @abstractmethod
    def drawn(self, values: Array) -> tuple[str, tuple[Series, ...]]:
        """Return in which figure to draw, and what."""

    @abstractmethod
    def explained(self, values: Array) -> dict[str, float]:
        """Return the share explained, by what it is of."""


class PartedFit(Family):
    """A family whose parameters are those of its parts, one after the other."""

    @property
    @abstractmethod
    def parts(self) -> tuple[Part, ...]:
        """The parts."""

    def slices(self) -> list[slice]:
        """Return where the parameters of each part stand."""
        ends = np.cumsum([0, *(len(part.names()) for part in self.parts)])
        return [slice(a, b) for a, b in itertools.pairwise(ends)]

    def names(self) -> list[Name]:
        """Return the names of all parts."""
        return [name for part in self.parts for name in part.names()]

    def estimate(self, weights: Array) -> Array:
        """Return the parameters of all parts for each weighting."""
        return np.concatenate([part.estimate(weights) for part in self.parts], axis=1)

    def checks(self, values: Array) -> list[Check]:
        """Return the checks of all parts."""
        pairs = zip(self.parts, self.slices(), strict=True)
        return [check for part, own in pairs for check in part.checks(values[own])]

    def r2(self, values: Array) -> dict[str, float]:
        """Return the shares that the parts explain."""
        found: dict[str, float] = {}
        for part, own in zip(self.parts, self.slices(), strict=True):
            found |= part.explained(values[own])
        return found

    def series(self, values: Array) -> dict[str, tuple[Series, ...]]:
        """Return what the parts draw."""
        found: dict[str, tuple[Series, ...]] = {}
        for part, own in zip(self.parts, self.slices(), strict=True):
            kind, series = part.drawn(values[own])
            found[kind] = (*found.get(kind, ()), *series)
        return found
