"""Study: a base, what is varied, how it is sampled, how often, and which figures are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from aimc_sim.display import html_table
from aimc_sim.duration import parse_time_s
from aimc_sim.spec import InputError, Spec, read_yaml, validate, with_override
from aimc_sim.study.axis import PREFIXES, Axis, axes_of

ACCURACY = "accuracy.analog.mean"
METRICS = (
    ACCURACY,
    "accuracy.reference",
    "agreement",
    "energy_J.per_inference",
    "latency_s.per_inference",
    "area_m2.total",
)


class Base(Spec):
    """What every point starts from; paths are relative to the study file.

    Parameters
    ----------
    model : str
        An integer model (`.npz`), or a float checkpoint (`.safetensors`), which is quantised.
    calibration : str, optional
        Data that fix the scales of a checkpoint.
    bits : str
        Widths of a checkpoint's tensors, as ``aimc quantize --bits`` takes them.
    a_grid : str
        Grid of a checkpoint's poles.
    chip : str
        Chip file.
    data : str
        Input sequences.
    limit : int, optional
        The first so many only.
    after : str
        Time between programming and the run.
    set : mapping
        Changes of the chip, dotted path to value.
    """

    model: str = Field(min_length=1)
    calibration: str | None = None
    bits: str = ""
    a_grid: str = "cartesian"
    chip: str = Field(min_length=1)
    data: str = Field(min_length=1)
    limit: int | None = Field(default=None, ge=1)
    after: str = "0s"
    set: dict[str, Any] = Field(default_factory=dict)

    @field_validator("after")
    @classmethod
    def _is_time(cls, after: str) -> str:
        parse_time_s(after, "time")
        return after

    @field_validator("set")
    @classmethod
    def _of_the_chip(cls, changes: dict[str, Any]) -> dict[str, Any]:
        for path in changes:
            if not path.startswith(PREFIXES[:2]):
                raise ValueError(f"{path!r} is no path of a chip: hardware.… or costs.…")
        return changes

    @property
    def age_s(self) -> float:
        """Time between programming and the run [s]."""
        return parse_time_s(self.after)


class Grid(Spec):
    """Every combination of all values."""

    kind: Literal["grid"] = "grid"


class Sampled(Spec):
    """So many points of a Latin hypercube or a Sobol sequence, over all axes at once."""

    kind: Literal["lhs", "sobol"]
    n: int = Field(ge=1, le=1_000_000)
    seed: int = Field(default=0, ge=0)


class Saltelli(Spec):
    """The design of Sobol indices: n (k + 2) points for k axes."""

    kind: Literal["saltelli"]
    n: int = Field(ge=2, le=1_000_000)
    seed: int = Field(default=0, ge=0)


class Adaptive(Spec):
    """Chips are added to a point in rounds until the 95 % interval is narrow.

    Parameters
    ----------
    ci : float
        Width of the interval of accuracy [percentage points].
    first, more, most : int
        Chips of the first round, of each further one, and of all.
    """

    ci: float = Field(gt=0.0, le=100.0)
    first: int = Field(default=8, ge=2)
    more: int = Field(default=4, ge=1)
    most: int = Field(default=64, ge=2)

    @model_validator(mode="after")
    def _ordered(self) -> Adaptive:
        if self.first > self.most:
            raise ValueError(f"first: found {self.first}; must not be above most, {self.most}")
        return self


class Study(Spec):
    """A study as data; see docs/studies.md.

    Parameters
    ----------
    format, version : str
        "aimc-study", "1.0".
    name, description : str
        Of the study.
    base : Base
        What every point starts from.
    axes : tuple of Axis
        What is varied; a mapping ``path -> values`` will do.
    sampling : Grid, Sampled or Saltelli
        Which points.
    chips : int
        Chip instances a point, each programmed anew; the same random draws at every point.
    seed : int
        Names the seeds of building and reading.
    metrics : tuple of str
        Figures that are kept: dotted paths in the JSON of a run.
    adaptive : Adaptive, optional
        Takes the place of `chips`.
    """

    format: Literal["aimc-study"]
    version: Literal["1.0"]
    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_-]+$")
    description: str = ""
    base: Base
    axes: tuple[Axis, ...] = ()
    sampling: Annotated[Grid | Sampled | Saltelli, Field(discriminator="kind")] = Grid()
    chips: int = Field(default=5, ge=1, le=1_000_000)
    seed: int = Field(default=0, ge=0)
    metrics: tuple[str, ...] = Field(default=METRICS, min_length=1)
    adaptive: Adaptive | None = None

    @field_validator("axes", mode="before")
    @classmethod
    def _as_list(cls, axes: Any) -> Any:
        return axes_of(axes)

    @model_validator(mode="after")
    def _fits_together(self) -> Study:
        keys = [path for axis in self.axes for path in axis.paths]
        for path in keys:
            if keys.count(path) > 1:
                raise ValueError(f"axes: {path} is varied twice")
        if self.sampling.kind == "grid":
            for axis in self.axes:
                if axis.grid() is None:
                    raise ValueError(
                        f"axes: {axis.key} has a distribution, which a grid has no values of; "
                        "expected sampling of kind lhs, sobol or saltelli"
                    )
        elif not self.axes:
            raise ValueError(f"axes: none; sampling of kind {self.sampling.kind} needs one")
        if len(set(self.metrics)) < len(self.metrics):
            raise ValueError("metrics: one is given twice")
        if self.adaptive is not None and ACCURACY not in self.metrics:
            raise ValueError(f"metrics: adaptive repeats need {ACCURACY}")
        return self

    def _repr_html_(self) -> str:
        rows = [
            (axis.name, ", ".join(axis.paths), "a distribution" if v is None else v)
            for axis in self.axes
            for v in [axis.grid()]
        ]
        chips = f"{self.first_chips}{' or more' if self.adaptive else ''}"
        more = [
            ("chips a point", "", chips),
            ("sampling", "", self.sampling.kind),
            ("metrics", "", ", ".join(self.metrics)),
        ]
        return html_table([*rows, *more], caption=f"Study {self.name}", head=("", "path", "values"))

    @property
    def first_chips(self) -> int:
        """Chips of a point before any is added."""
        return self.adaptive.first if self.adaptive else self.chips


def load_study(path: str | Path, changes: dict[str, Any] | None = None) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : path
        The YAML file.
    changes : mapping, optional
        Dotted paths of the study to values, as ``{"chips": 3, "base.limit": 10}``.

    Raises
    ------
    InputError
        One line: file, path, value and what is allowed.
    """
    tree = read_yaml(path)
    if tree.get("format") != "aimc-study":
        raise InputError(f"{path}: format: found {tree.get('format')!r}; expected 'aimc-study'")
    for name, value in (changes or {}).items():
        tree = with_override(tree, name, value)
    return validate(Study, tree, str(path))
