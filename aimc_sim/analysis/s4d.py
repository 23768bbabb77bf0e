"""What becomes of S4D layers on a chip: poles and kernels at every stage, over all chips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.analysis.effective import Codes, analog_codes, quantised_codes
from aimc_sim.analysis.impulse import kernel_errors, kernel_length, kernels
from aimc_sim.analysis.poles import Complexes, block_poles, n_outside
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats


@dataclass(frozen=True)
class Stage:
    """A layer at one stage of its life on a chip.

    Parameters
    ----------
    age_s : float
        Time since the reference read [s].
    poles : complex array or None, shape (n_chips, n_modes, parts)
        None where A is digital.
    kernels : float array, shape (n_chips, H, n_steps)
        Responses to an impulse.
    error : float array, shape (n_chips, H)
        RMS deviation of the kernels from those of the codes, relative to their RMS; NaN where a
        channel has no kernel.
    """

    age_s: float
    poles: Complexes | None
    kernels: Floats
    error: Floats

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        known = self.error[:, ~np.isnan(self.error).all(axis=0)]
        parts = (known.min(), np.median(known), known.max()) if known.size else (None,) * 3
        return {
            "age_s": self.age_s,
            "n_outside": None if self.poles is None else n_outside(self.poles).tolist(),
            "kernel_error": {
                **{
                    name: None if value is None else float(value)
                    for name, value in zip(("min", "median", "max"), parts, strict=True)
                },
                "per_channel": [None if np.isnan(e) else float(e) for e in self.per_channel],
            },
        }

    @property
    def per_channel(self) -> Floats:
        """Kernel error of each channel, RMS over the chips, shape (H,)."""
        return np.asarray(np.sqrt(np.square(self.error).mean(axis=0)))


@dataclass(frozen=True)
class LayerPicture:
    """Poles and kernels of one S4D layer.

    Parameters
    ----------
    layer : str
        Its name.
    mapping : str
        "hybrid", "split" or "fused".
    trained : complex array or None, shape (n_modes,)
        Poles of the float checkpoint, where there is one.
    quantised : complex array, shape (n_modes,)
        Poles of the codes.
    kernels : float array, shape (H, n_steps)
        Kernels of the codes.
    stages : mapping
        "programmed", where the run is later "drifted", and "corrected" where the tiles are
        calibrated at that age.
    """

    layer: str
    mapping: str
    trained: Complexes | None
    quantised: Complexes
    kernels: Floats
    stages: Mapping[str, Stage]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        trained = None if self.trained is None else int(n_outside(self.trained[:, None]))
        return {
            "mapping": self.mapping,
            "n_modes": len(self.quantised),
            "n_steps": self.kernels.shape[1],
            "n_outside": {
                "trained": trained,
                "quantised": int(n_outside(self.quantised[:, None])),
            },
            "stages": {name: stage.to_json() for name, stage in self.stages.items()},
        }


def s4d_pictures(
    model: Model,
    tiles: Tiles,
    *,
    age_s: float = 0.0,
    trained: Mapping[str, npt.NDArray[np.complex128]] | None = None,
) -> dict[str, LayerPicture]:
    """Return poles and kernels of every S4D layer; nothing is run.

    Parameters
    ----------
    model : Model
        The model on the tiles.
    tiles : Tiles
        From `aimc_sim.program`.
    age_s : float
        Age of the second stage [s]; the first is the earliest at which the device is known.
    trained : mapping, optional
        Poles of the float model, from `aimc_sim.analysis.poles.trained_poles`.

    Returns
    -------
    dict
        ``layer -> LayerPicture``; empty where the model has no S4D layer.

    Notes
    -----
    Kernels are those of effective A, B and C, without rounding, clipping and read noise.
    """
    first_s = tiles.hardware.device.first_age_s
    ages = {"programmed": first_s} | ({"drifted": age_s} if age_s > first_s else {})
    if tiles.corrections and tiles.calibrated_age_s == age_s:
        ages["corrected"] = age_s
    found = {}
    for layer, plan in zip(model.layers, tiles.plan.layers, strict=True):
        if not isinstance(layer, S4D):
            continue
        n_steps = kernel_length(layer)
        exact = kernels(layer, quantised_codes(layer), n_steps)
        is_analog = plan.mapping != "hybrid"
        stages = {}
        for name, at_s in ages.items():
            corrected = name == "corrected"
            codes = analog_codes(layer, plan, model, tiles, at_s, corrected=corrected)
            stages[name] = _stage(layer, codes, exact, at_s, is_analog)
        poles = (trained or {}).get(layer.name)
        found[layer.name] = LayerPicture(
            layer.name, plan.mapping, poles, layer.poles, exact, stages
        )
    return found


def _stage(layer: S4D, codes: Codes, exact: Floats, age_s: float, is_analog: bool) -> Stage:
    """Return poles and kernels of all chips at one age."""
    sign = np.sign(layer.poles.imag)
    poles = block_poles(codes.scaled(layer).A, sign) if is_analog else None
    analog = kernels(layer, codes, exact.shape[-1])
    return Stage(age_s, poles, analog, kernel_errors(analog, exact))


__all__ = ["LayerPicture", "Stage", "s4d_pictures"]
