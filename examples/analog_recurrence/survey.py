"""How much write noise each choice bears: accuracy on tiles against the spread, without training.

    python examples/analog_recurrence/survey.py               # goes on where it was stopped

The spread of writing grows by a factor of two from point to point until 15 points are lost. The
generic device has the same spread at every conductance, in parts of its window; PCM, TaOx and HfOx
have that of their models times a factor. Nothing but writing is on: no drift, no read noise, and
converters of 14 bits, since what is asked here is what writing may cost.
"""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from choices import BEST, CHOICES, HYBRID, Choice
from measure import ROOT, accuracy_on_chips
from rows import Rows

MODEL = ROOT / "examples/models/smnist784.npz"
DATA = ROOT / "examples/data/smnist784_test.npz"
RESULTS = pathlib.Path(__file__).parent / "results" / "survey.jsonl"
LOST = 0.15
QUIET: Mapping[str, Any] = {
    "hardware.adc.bits": 14,
    "hardware.calibration.kind": "none",
    "hardware.effects.drift": False,
    "hardware.effects.read_white": False,
    "hardware.effects.flicker_frozen": False,
    "hardware.effects.flicker_correlated": False,
    "hardware.effects.flicker_white": False,
}
SPREADS = tuple(2.0**k * 1e-4 for k in range(2, 12))
FACTORS = tuple(2.0**k for k in range(-7, 4))


def written_with(device: str, factor: float) -> dict[str, Any]:
    """Return the changes that scale the spread of a device's writing."""
    found: dict[str, Any] = {"hardware.device": device}
    if device == "gaussian":
        found["hardware.device.sigma_coefficients_S"] = [factor * 25.0e-6]
    elif device == "pcm_joshi2020":
        own = (0.26348e-6, 1.9650e-6, -1.1731e-6)
        found["hardware.device.sigma_coefficients_S"] = [factor * c for c in own]
    elif device == "taox_64x64":
        found["hardware.device.sigma_write_S"] = factor * 5.0e-6
    elif device == "rram_wan2022":
        own = (0.348e-6, 16.030e-6, -43.853e-6, 45.393e-6, -16.815e-6)
        one_second = {"t_s": 1.0, "sigma_coefficients_S": [factor * c for c in own]}
        found["hardware.device.spread_fits"] = [one_second]
    else:
        raise ValueError(f"device: found {device!r}; no law of it is scaled here")
    return found


def point(rows: Rows, choice: Choice, device: str, factor: float, n_chips: int, n: int) -> float:
    """Return the mean accuracy of a choice at one spread."""
    of = {"choice": choice.name, "device": device, "factor": factor, "n": n, "chips": n_chips}

    def measure() -> dict[str, Any]:
        changes = {**written_with(device, factor), **QUIET, **choice.changes()}
        return accuracy_on_chips(MODEL, DATA, changes, n_sequences=n, n_chips=n_chips)

    return float(np.mean(rows.measured(of, measure)["accuracy"]))


def curve(rows: Rows, choice: Choice, device: str, n_chips: int, n: int) -> None:
    """Measure a choice against growing spreads, until `LOST` is lost."""
    best = 0.0
    for factor in SPREADS if device == "gaussian" else FACTORS:
        found = point(rows, choice, device, factor, n_chips, n)
        best = max(best, found)
        if found < best - LOST:
            return


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--devices", nargs="*", default=["gaussian", "pcm_joshi2020"])
    parser.add_argument("--chips", type=int, default=5)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="three choices, one spread; seconds")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=RESULTS)
    args = parser.parse_args()
    rows = Rows(args.output)
    if args.quick:
        for choice in (CHOICES[0], BEST, HYBRID):
            point(rows, choice, "gaussian", 0.0064, 2, 20)
        return
    for device in args.devices:
        for choice in (*CHOICES, HYBRID):
            curve(rows, choice, device, args.chips, args.limit)


if __name__ == "__main__":
    main()
