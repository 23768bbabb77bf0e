"""What the JSON of a run must hold to be shown."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from aimc_sim.report.results.form import Form, Interval, Number


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
