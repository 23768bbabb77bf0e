"""Forms: what the JSON of runs, studies and their questions must hold to be shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Number = float | None
Interval = Annotated[list[float], Field(min_length=2, max_length=2)] | None
Value = bool | int | float | str | list[Any] | dict[str, Any] | None
Coordinates = dict[str, Value]


class Form(BaseModel):
    """Keys that are needed; others may stand beside them."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


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


class Analog(Form):
    """Accuracy over chips."""

    mean: Number
    ci95: Interval
    per_chip: list[float] | None


class Accuracy(Form):
    """Accuracy of a run."""

    reference: Number
    analog: Analog


class Energy(Form):
    """Energy of a run [J]."""

    total: float
    per_inference: Number
    programming: float
    by_component: dict[str, float]
    by_layer: dict[str, float]


class Latency(Form):
    """Latency of a run [s]."""

    per_step: Number
    per_inference: Number


class Area(Form):
    """Area of a chip [m2]."""

    total: float
    by_component: dict[str, float]


class About(Form):
    """What a run was of."""

    n_sequences: int
    n_steps: int
    chips: list[int] = Field(min_length=1)
    age_s: Number
    mapping: str | None


class RunForm(Form):
    """A run."""

    accuracy: Accuracy
    agreement: Number
    error_by_step: list[float]
    energy_J: Energy
    latency_s: Latency
    area_m2: Area
    tiles: dict[str, Any]
    saturated: dict[str, Any]
    effective_state_bits: dict[str, Any] | None
    rounding_lsb: Number
    faults: dict[str, int] | None
    programming: dict[str, int] | None
    budget: dict[str, Any] | None
    poles: dict[str, Any] | None
    run: About
    seed: dict[str, int | None]
    digests: dict[str, str]
    rng_version: int
    noise_form: str
    version: str
    machine: dict[str, Any]
    runtime_s: Number


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
    labels: dict[str, str] = {}
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
    axes: list[AxisForm] = []
    points: list[GoodForm] = []


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


FORMS: dict[str, type[Form]] = {
    "run": RunForm,
    "study": StudyForm,
    "sensitivity": SensitivityForm,
    "spec": SpecForm,
    "yield": YieldForm,
    "pareto": ParetoForm,
}
