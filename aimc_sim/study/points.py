"""Points: which combinations of values a study runs, and what each changes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aimc_sim.spec import InputError
from aimc_sim.study.axis import A_GRID, AFTER, CHIP, MODEL, Axis
from aimc_sim.study.study import Study
from aimc_sim.study.values import number
from aimc_sim.tree import value_at

MOST = 1_000_000
_BITS = "bits."


@dataclass(frozen=True)
class ModelKey:
    """Which model: its file, and for a checkpoint the widths and the grid it is quantised with."""

    file: str
    bits: str
    a_grid: str


@dataclass(frozen=True)
class Point:
    """One combination.

    Parameters
    ----------
    index : int
        Place in the design.
    coordinates : mapping
        First path of each axis to its value; a factor where the axis has factors.
    changes : mapping
        Dotted path of the chip to value; the fixed changes of the base included.
    factors : mapping
        Dotted path of the chip to what its value is multiplied by.
    model : ModelKey
        The model.
    age_s : float
        Time between programming and the run [s].
    chip : int, optional
        The one chip instance, where that is an axis.
    """

    index: int
    coordinates: Mapping[str, Any]
    changes: Mapping[str, Any]
    factors: Mapping[str, Any]
    model: ModelKey
    age_s: float
    chip: int | None = None

    def chips(self, n: int) -> range:
        """Return which chip instances it has, n of them unless it has one of its own."""
        return range(n) if self.chip is None else range(self.chip, self.chip + 1)


def points_of(study: Study) -> list[Point]:
    """Return all points of a study in order.

    Raises
    ------
    InputError
        Too many points.

    Examples
    --------
    >>> base = {"model": "m.npz", "chip": "c.yaml", "data": "d.npz"}
    >>> axes = {"hardware.adc.bits": [6, 8], "after": ["1s", "1h"]}
    >>> study = Study(format="aimc-study", version="1.0", name="s", base=base, axes=axes)
    >>> [point.age_s for point in points_of(study)]
    [1.0, 3600.0, 1.0, 3600.0]
    """
    return [point_at(study, i, row) for i, row in enumerate(designs(study))]


def designs(study: Study) -> list[tuple[Any, ...]]:
    """Return the values of all axes at every point."""
    sampling, axes = study.sampling, study.axes
    if sampling.kind == "grid":
        grids = [axis.grid() or [] for axis in axes]
        n = 1
        for values in grids:
            n *= len(values)
        if n > MOST:
            raise InputError(f"axes: found {n} points; expected at most {MOST}")
        return list(itertools.product(*grids))
    if sampling.kind == "saltelli":
        from aimc_sim.study.sobol_indices import saltelli_points

        unit = saltelli_points(len(axes), sampling.n, sampling.seed)
    else:
        from aimc_sim.study.sampling import unit_points

        unit = unit_points(sampling.kind, sampling.n, len(axes), sampling.seed)
    return [tuple(a.at(float(u)) for a, u in zip(axes, row, strict=True)) for row in unit]


def point_at(study: Study, index: int, values: Sequence[Any]) -> Point:
    """Return the point with these values of the axes, in their order."""
    base = study.base
    changes: dict[str, Any] = dict(base.set)
    factors: dict[str, Any] = {}
    chip = None
    model = {"file": base.model, "a_grid": base.a_grid}
    bits = base.bits
    age_s = base.age_s
    for axis, value in zip(study.axes, values, strict=True):
        for path in axis.paths:
            if path == AFTER:
                age_s = number(value) * (base.age_s if axis.times else 1.0)
            elif path == CHIP:
                chip = int(value)
            elif path in (MODEL, A_GRID):
                model["file" if path == MODEL else path] = _text(path, value)
            elif path.startswith(_BITS):
                bits = _with_bits(bits, path.removeprefix(_BITS), value)
            else:
                (factors if axis.times else changes)[path] = value
    coordinates = {axis.key: v for axis, v in zip(study.axes, values, strict=True)}
    key = ModelKey(model["file"], bits, model["a_grid"])
    return Point(index, coordinates, changes, factors, key, age_s, chip)


def _text(path: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"axes: {path}: found {value!r}; expected text")
    return value


def _with_bits(bits: str, name: str, value: Any) -> str:
    """Return widths as text, one of them changed."""
    kept = [p for p in bits.split(",") if p.strip() and p.split("=")[0].strip() != name]
    return ",".join([*kept, f"{name}={value}"])


def scaled(tree: Mapping[str, Any], path: str, factor: Any) -> Any:
    """Return the value at a path of a chip times a factor; a list has all its numbers multiplied.

    Raises
    ------
    InputError
        Nothing there, or no number.

    Examples
    --------
    >>> scaled({"a": {"b": [1.0, 2.0]}}, "a.b", 3)
    [3.0, 6.0]
    """
    if isinstance(factor, bool) or not isinstance(factor, (int, float)):
        raise InputError(f"axes: {path}: found factor {factor!r}; expected a number")
    found = value_at(tree, path, "axes:")
    values = found if isinstance(found, (list, tuple)) else [found]
    if any(isinstance(v, bool) or not isinstance(v, (int, float)) for v in values):
        raise InputError(f"axes: {path}: found {found!r}; only numbers can be multiplied")
    products = [factor * v for v in values]
    return products if values is found else products[0]


def describe_point(axes: Sequence[Axis], point: Point) -> str:
    """Return a point in words, as ``hardware.adc.bits=4, after=1.0``."""
    return ", ".join(f"{a.key}={point.coordinates[a.key]}" for a in axes) or "the base"
