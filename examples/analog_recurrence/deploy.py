"""What each device, choice and number of devices gives on real converters, fresh and a day later.

    python examples/analog_recurrence/deploy.py               # goes on where it was stopped

Everything of the device models is on: writing, drift, 1/f and white noise, through the chip's own
8-bit converters, the calibration included. Each row is a choice at a time: fresh, a day later with
the calibration of the first day, and a day later calibrated again.
"""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

from choices import ANALOG_GAINS, CHOICES, HYBRID_GAINS, Choice
from measure import DAY_S, ROOT, ZOO, accuracy_on_chips
from rows import Rows

DATA = ROOT / "examples/data/smnist784_full.npz"
RESULTS = pathlib.Path(__file__).parent / "results" / "deploy.jsonl"
DEVICES = ("pcm_joshi2020", "pcm_hermes2023_two_devices", "taox_64x64", "rram_wan2022")
TIMES: Mapping[str, Mapping[str, float]] = {
    "fresh": {"age_s": 0.0},
    "a day later": {"age_s": DAY_S, "calibrated_at_s": 0.0},
    "a day later, calibrated": {"age_s": DAY_S},
}


def cases() -> Iterator[dict[str, Any]]:
    """Yield the settings of all rows, the most telling first."""
    models = dict.fromkeys((HYBRID_GAINS, ANALOG_GAINS), ("ptq8", "noise_hybrid"))
    for device in DEVICES:
        for copies in (2, 1):
            for choice, names in models.items():
                for name in names:
                    for time in TIMES:
                        yield row(device, choice, copies, name, time)
        yield row(device, CHOICES[0], 1, "ptq8", "fresh")


def row(device: str, choice: Choice, copies: int, model: str, time: str) -> dict[str, Any]:
    """Return the settings of a row."""
    return {
        "device": device,
        "choice": choice.name,
        "devices a weight": copies,
        "model": model,
        "time": time,
    }


def changes_of(of: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of the chip that a row asks for."""
    choice = next(c for c in (*CHOICES, HYBRID_GAINS, ANALOG_GAINS) if c.name == of["choice"])
    return {
        "hardware.device": of["device"],
        **choice.changes(of["devices a weight"]),
    }


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chips", type=int, default=3)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--device", choices=DEVICES, help="only this one")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=RESULTS)
    args = parser.parse_args()
    rows = Rows(args.output)
    for of in cases():
        model = ZOO / f"{of['model']}_seed0.npz"
        if not model.exists() or args.device not in (None, of["device"]):
            continue

        def measure(of: Mapping[str, Any] = of, model: pathlib.Path = model) -> dict[str, Any]:
            return accuracy_on_chips(
                model, DATA, changes_of(of),
                n_sequences=args.limit, n_chips=args.chips, **TIMES[of["time"]],
            )  # fmt: skip

        rows.measured({**of, "n": args.limit, "chips": args.chips}, measure)


if __name__ == "__main__":
    main()
