"""Files of digital machines, and the one that comes with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field

from aimc_sim.cost.baseline import EdgeBoard, IntegerAccelerator, Microcontroller
from aimc_sim.spec import Spec, read_yaml, validate

Baseline = Annotated[IntegerAccelerator | Microcontroller | EdgeBoard, Field(discriminator="kind")]


class Baselines(Spec):
    """A file of baselines.

    Parameters
    ----------
    format, version : str
        "aimc-baselines", "1.0".
    baselines : tuple of Baseline
        In the order of the report.
    """

    format: Literal["aimc-baselines"]
    version: Literal["1.0"]
    baselines: tuple[Baseline, ...]


def load_baselines(path: str | Path | None = None) -> tuple[Baseline, ...]:
    """Read a file of baselines; without one those that come with the package.

    Raises
    ------
    InputError
        One line with file, path, value found and what is allowed.

    Examples
    --------
    >>> [machine.name for machine in load_baselines()]
    ['accelerator_22nm', 'cortex_m4', 'jetson_agx_orin']
    """
    if path is not None:
        return read_baselines(path).baselines
    text = files("aimc_sim.cost").joinpath("baselines.yaml").read_text(encoding="utf-8")
    return validate(Baselines, yaml.safe_load(text), "baselines.yaml").baselines


def read_baselines(path: str | Path) -> Baselines:
    """Read a file of baselines, as a whole.

    Raises
    ------
    InputError
        One line with file, path, value found and what is allowed.
    """
    return validate(Baselines, read_yaml(path), str(path))
