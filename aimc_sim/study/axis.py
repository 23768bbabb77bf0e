"""Axis: what a study varies, as dotted paths with a list, a range, or a distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from aimc_sim.spec import Spec, canonical_json
from aimc_sim.study.values import Distribution, LogRange, LogUniform, Range, number

AFTER, MODEL, A_GRID, CHIP = "after", "model", "a_grid", "chip"
"""Paths that are no part of a chip: time since programming, model file, grid of the poles, which
chip instance."""
PREFIXES = ("hardware.", "costs.", "bits.")
_MOST = 10_000


class Axis(Spec):
    """What is varied.

    Parameters
    ----------
    path : str or tuple of str
        Dotted paths that take the value: of the chip (``hardware.adc.bits``), ``after`` (time since
        programming), ``model`` (files), ``chip`` (which instance, instead of several), or of a
        checkpoint's quantisation (``bits.weights``, ``a_grid``).
    label : str, optional
        As shown.
    values : tuple, optional
        The values themselves.
    range, log : optional
        Evenly spaced values.
    distribution : optional
        For sampled designs.
    times : bool
        The values are factors on what the chip states, a number or a list of numbers.

    Examples
    --------
    >>> Axis(path="hardware.adc.bits", range={"first": 4, "last": 8, "step": 2}).grid()
    [4, 6, 8]
    """

    path: str | tuple[str, ...]
    label: str | None = Field(default=None, min_length=1, max_length=60)
    values: tuple[Any, ...] | None = Field(default=None, min_length=1, max_length=_MOST)
    range: Range | None = None
    log: LogRange | None = None
    distribution: Distribution | None = None
    times: bool = False

    @field_validator("path")
    @classmethod
    def _known(cls, path: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for name in (path,) if isinstance(path, str) else path:
            if name not in (AFTER, MODEL, A_GRID, CHIP) and not name.startswith(PREFIXES):
                raise ValueError(
                    f"{name!r} is no path; expected hardware.…, costs.…, bits.…, after, model, "
                    "a_grid or chip"
                )
        if not path:
            raise ValueError("expected at least one path")
        return path

    @model_validator(mode="after")
    def _one_of(self) -> Axis:
        given = [
            n for n in ("values", "range", "log", "distribution") if getattr(self, n) is not None
        ]
        if len(given) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(f"found {found}; expected one of values, range, log, distribution")
        if self.values is not None:
            canonical_json(list(self.values))
            texts = [canonical_json(v) for v in self.values]
            if len(set(texts)) < len(texts):
                raise ValueError("values: one is given twice")
            if self.key == AFTER:
                for value in self.values:
                    number(value)
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths."""
        return (self.path,) if isinstance(self.path, str) else self.path

    @property
    def key(self) -> str:
        """The first path, by which coordinates are named; of factors it says so."""
        return f"{self.paths[0]} (times)" if self.times else self.paths[0]

    @property
    def name(self) -> str:
        """As shown."""
        return self.label or self.key.rpartition(".")[2].replace("_", " ")

    @property
    def scale(self) -> Literal["linear", "log", "category"]:
        """How the axis is drawn."""
        is_time = self.key == AFTER and min(self.grid() or [0.0]) > 0.0
        if is_time or self.log is not None or isinstance(self.distribution, LogUniform):
            return "log"
        if self.values is not None and not all(
            isinstance(v, (int, float)) and not isinstance(v, bool) for v in self.grid() or ()
        ):
            return "category"
        return "linear"

    def grid(self) -> list[Any] | None:
        """Return the values of a grid; None for a distribution."""
        if self.values is not None:
            return [number(v) for v in self.values] if self.key == AFTER else list(self.values)
        spaced = self.range or self.log
        return None if spaced is None else spaced.values()

    def at(self, u: float) -> Any:
        """Return the value at a place in [0, 1) of a sampled design."""
        if self.values is not None:
            values = self.grid()
            assert values is not None
            return values[min(int(u * len(values)), len(values) - 1)]
        law = self.range or self.log or self.distribution
        assert law is not None, "one of them is given"
        return law.at(u)


def axes_of(tree: Mapping[str, Any] | Sequence[Any]) -> Any:
    """Return axes as a list, where they are given as ``path -> values or settings``."""
    if not isinstance(tree, Mapping):
        return tree
    return [
        {"path": path, "values": entry} if isinstance(entry, list) else
        {"path": path, **entry} if isinstance(entry, Mapping) else {"path": path, "values": [entry]}
        for path, entry in tree.items()
    ]  # fmt: skip
