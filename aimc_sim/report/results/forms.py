"""What the JSON of studies and of their questions must hold to be shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from aimc_sim.report.results.form import Coordinates, Form, Interval, Number, Value
from aimc_sim.report.results.run_form import RunForm


class AxisForm(Form):
    """What a study varies."""

    path: str
    label: str
    values: list[Value] | None
    scale: Literal["linear", "log", "category"] = "linear"


class MetricForm(Form):
    """A figure over the chips of a point."""

    mean: Number
    ci95: Interval
    per_chip: list[Number]


class PointForm(Form):
    """A point of a study."""

    point: int
    coordinates: Coordinates
    n_chips: int
    metrics: dict[str, MetricForm]
    refused: str | None


class StudyForm(Form):
    """A study."""

    name: str
    description: str = ""
    digest: str
    axes: list[AxisForm]
    sampling: str
    metrics: list[str] = Field(min_length=1)
    points: list[PointForm]
    record: RunForm | None = None
    floor: dict[str, Any] | None = None
    provenance: dict[str, Any]

    @model_validator(mode="after")
    def _is_whole(self) -> StudyForm:
        for point in self.points:
            for axis in self.axes:
                if axis.path not in point.coordinates:
                    raise ValueError(f"points: point {point.point} has no {axis.path!r}")
            missing = [name for name in self.metrics if name not in point.metrics]
            if missing and point.refused is None:
                raise ValueError(f"points: point {point.point} has no {missing[0]!r}")
        return self


class IndexForm(Form):
    """A Sobol index."""

    value: Number
    ci95: Interval


class IndicesForm(Form):
    """The indices of a metric."""

    first: dict[str, IndexForm]
    total: dict[str, IndexForm]
    mean: Number
    variance: Number
    n_missing: int = 0
    note: str | None = None


class SensitivityForm(Form):
    """Answer of `aimc study sensitivity`."""

    study: str
    n_tasks: int
    n_chips: int
    chip_seed: str
    factors: list[str] = Field(min_length=1)
    labels: dict[str, str] = Field(default_factory=dict)
    metrics: dict[str, IndicesForm] = Field(min_length=1)


class ProbeForm(Form):
    """A value that was tried."""

    value: Value
    mean: Number
    ci95: Interval
    n_chips: int
    verdict: Literal["holds", "fails", "undecided"]


class SpecForm(Form):
    """Answer of `aimc study spec`."""

    study: str
    parameter: str
    label: str
    scale: Literal["linear", "log", "integer", "list"]
    metric: str
    reference: Number
    within: float
    limit: float
    confidence: float
    holds: Value
    fails: Value
    verdict: str
    n_tasks: int
    probes: list[ProbeForm]

    @model_validator(mode="after")
    def _has_numbers(self) -> SpecForm:
        tried = [*(probe.value for probe in self.probes), self.holds, self.fails]
        for value in tried if self.scale != "list" else ():
            if value is not None and (
                isinstance(value, bool) or not isinstance(value, int | float)
            ):
                raise ValueError(f"found value {value!r}; expected a number")
        return self


class GoodForm(Form):
    """Chips of a point that are good."""

    coordinates: Coordinates
    n_chips: int
    n_good: int
    share: float
    ci95: Interval
    per_chip: list[Number]


class YieldForm(GoodForm):
    """Answer of `aimc study yield`: of the first point, and of all."""

    study: str
    metric: str
    least: float
    axes: list[AxisForm] = Field(default_factory=list)
    points: list[GoodForm] = Field(default_factory=list)


class ObjectiveForm(Form):
    """What a search wants."""

    metric: str
    direction: Literal["maximize", "minimize"]


class TrialForm(Form):
    """A chip that a search tried."""

    trial: int
    coordinates: Coordinates
    values: dict[str, Number] | None
    refused: str | None
    is_on_front: bool


class ParetoForm(Form):
    """Answer of `aimc study pareto`."""

    study: str
    objectives: list[ObjectiveForm] = Field(min_length=2)
    axes: list[AxisForm]
    n_chips: int
    trials: list[TrialForm]


class SnrLayerForm(Form):
    """The kernels of a layer."""

    mapping: str
    channels: list[dict[str, float | None]]
    modes: list[dict[str, bool | float | None]]


class SnrForm(Form):
    """Answer of `aimc study snr`."""

    chip: str
    age_s: float
    seed: int
    digests: dict[str, str]
    layers: dict[str, SnrLayerForm] = Field(min_length=1)


FORMS: dict[str, type[Form]] = {
    "run": RunForm,
    "study": StudyForm,
    "sensitivity": SensitivityForm,
    "spec": SpecForm,
    "yield": YieldForm,
    "pareto": ParetoForm,
    "snr": SnrForm,
}
