"""What there is to say of an S4D layer: widths, poles, time constants, dead bands."""

from __future__ import annotations

from typing import Any

import numpy as np

from aimc_sim.commands.describe import Section
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Floats


def pole_figures(layer: S4D, adc_bits: int | None = None) -> dict[str, Floats]:
    r"""Return magnitude, time constant and dead band of every pole.

    Parameters
    ----------
    layer : S4D
        The layer.
    adc_bits : int, optional
        Width of the converter that the state would pass in mapping split or fused.

    Notes
    -----
    With a = \|Abar\|, the time constant is -1/ln a steps, and a rounded recurrence does not leave
    a band of 0.5/(1 - a) codes of the state, 2^(state bits - ADC bits) times that through a
    narrower ADC.
    """
    size = np.abs(layer.poles)
    with np.errstate(divide="ignore"):
        constant = np.where(size > 0, -1.0 / np.log(size), 0.0)
        band = 0.5 / np.maximum(1.0 - size, 0.0)
    figures = {
        "magnitude": size,
        "time_constant_steps": np.where(size < 1, constant, np.inf),
        "dead_band_codes": band,
    }
    if adc_bits is not None:
        figures["dead_band_through_adc_codes"] = band * 2.0 ** max(layer.state.bits - adc_bits, 0)
    return figures


def s4d_tree(layer: S4D, adc_bits: int | None = None, *, poles: bool = False) -> dict[str, Any]:
    """Return what there is to say of an S4D layer."""
    figures = pole_figures(layer, adc_bits)
    tree: dict[str, Any] = {
        "n_channels": layer.n_out,
        "n_modes": layer.n_modes,
        "complex": layer.is_complex,
        "readout": layer.readout,
        "tied": layer.tied,
        "grid": layer.grid,
        "bits": dict(layer.bits),
        "state_bits": layer.state.bits,
        "poles": {name: _summary(values) for name, values in figures.items()},
    }
    if poles:
        columns = {
            "channel": layer.channel_of_mode.tolist(),
            "re": layer.poles.real.tolist(),
            "im": layer.poles.imag.tolist(),
            **{name: [_finite(v) for v in values] for name, values in figures.items()},
        }
        tree["modes"] = [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
    return tree


def s4d_section(name: str, tree: dict[str, Any]) -> Section:
    """Return the tables of an S4D layer."""
    kind = "complex" if tree["complex"] else "real"
    bits = ", ".join(f"{key} {value}" for key, value in tree["bits"].items())
    title = (
        f"{name}: {tree['n_channels']} channels, {tree['n_modes']} {kind} modes; bits: {bits}, "
        f"state {tree['state_bits']}; {tree['grid']} grid, reads the {tree['readout']} state"
        f"{', tied' if tree['tied'] else ''}"
    )
    rows: list[tuple[str, ...]] = [("", "min", "median", "max")]
    labels = {
        "magnitude": "|Abar|",
        "time_constant_steps": "time constant [steps]",
        "dead_band_codes": "dead band [codes of the state]",
        "dead_band_through_adc_codes": "the same through the chip's ADC",
    }
    for key, figures in tree["poles"].items():
        digits = 6 if key == "magnitude" else 4
        rows.append((labels[key], *(_shown(v, digits) for v in figures.values())))
    if "modes" in tree:
        rows += [("", "", "", ""), ("channel, pole", "|Abar|", "time constant", "dead band")]
        rows += [
            (
                f"{m['channel']}, {m['re']:.6f} {m['im']:+.6f}i",
                _shown(m["magnitude"], 6),
                _shown(m["time_constant_steps"], 4),
                _shown(m["dead_band_codes"], 4),
            )
            for m in tree["modes"]
        ]
    return Section(title, rows)


def _shown(value: float | None, digits: int) -> str:
    return "unlimited" if value is None else f"{value:.{digits}g}"


def _summary(values: Floats) -> dict[str, float | None]:
    figures = (values.min(), np.median(values), values.max()) if values.size else (np.nan,) * 3
    return dict(zip(("min", "median", "max"), map(_finite, figures), strict=True))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
