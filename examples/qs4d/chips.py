"""Chips that the claims run on, and where the models are kept."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping
from typing import Any

import kit
from settings import Setting

DEPLOYED_ON = ("rram_64", "pcm_256")
SPREADS = (0.0, 0.01, 0.02, 0.04, 0.08, 0.16)
"""Of writing, in parts of the window: where models are measured."""
TRAINED_AT = 0.04
"""The spread that noise-aware models are trained against."""


def chip_file(name: str) -> pathlib.Path:
    """Return the file of an example chip."""
    return kit.ROOT / f"examples/chips/{name}.yaml"


def noisy_chip(spread: float) -> Mapping[str, Any]:
    """Return the changes of `pcm_256`: a generic device that is written with this spread."""
    return {
        "hardware.device": "gaussian",
        "hardware.device.sigma_coefficients_S": [spread * 25.0e-6],
        "hardware.mapping.window": "mode",
        "hardware.adc.range_factor": 2.0,
        "hardware.calibration.kind": "none",
    }


def file_of(task: str, setting: Setting, seed: int) -> pathlib.Path:
    """Return where a model is kept."""
    return kit.RUNS / task / f"{setting.name}_seed{seed}" / "model.npz"
