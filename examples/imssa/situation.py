"""The spoken digits on S4D kernels fused on 64x64 TaOx tiles: write noise, stuck devices, mapping.

``python examples/imssa/situation.py --out results.json [--chips N] [--limit N] [--quick]`` measures
every case below and writes one row each; ``report.py`` draws the plots and prints the tables.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("NUMBA_NUM_THREADS", "1")  # read when Numba loads

from arrays import TENSORS, erring_only, outside_shares, window_shares

from aimc_sim import Model, Tiles, load_chip, load_data, map_model, program, run
from aimc_sim.model.quantize import quantize_file
from aimc_sim.runner.result import mean_interval

ROOT = Path(__file__).resolve().parents[2]
CHECKPOINT = ROOT / "examples/models/digits_float.safetensors"
CALIBRATION = ROOT / "examples/data/digits_calibration.npz"
TEST = ROOT / "examples/data/digits_test.npz"
CHIP = ROOT / "examples/chips/rram_64.yaml"
BUILD_SEED = RUN_SEED = 1
MODELS = {
    "5 bits": "a=5,b=5,c=5,d=5,weights=5",
    "8 bits": "a=8",
    "8 bits, B 5": "a=8,b=5",
}
"""Widths of A, B, C, D and the linear layers; state 16 bits and signals 8 bits in all of them."""
PAIR = ("5 bits", "8 bits")
SIGMA_uS = (0, 2, 5, 10, 15, 20, 25, 30)
RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)


@dataclass(frozen=True)
class Case:
    """One measured point; what differs from these defaults makes it.

    Parameters
    ----------
    model : str
        A key of `MODELS`.
    sigma_write_uS : float
        Spread of a written conductance [uS].
    stuck_on, stuck_off : float
        Share of the devices that are stuck high and low, those without a weight included.
    stuck_on_high_uS : float
        Upper end of the conductances stuck high [uS].
    mapping, unused : str
        ``hardware.mapping.s4d`` and ``hardware.mapping.unused``.
    converters : {"8 bits", "ideal"}
        ADC; the DAC cuts codes into slices of 8 bits and loses nothing.
    n_levels : int
        Levels of the device.
    erring : str
        Where the devices err: "all", one of `TENSORS`, or "weights": not in cells without one.
    """

    model: str
    sigma_write_uS: float = 5.0
    stuck_on: float = 0.0
    stuck_off: float = 0.0
    stuck_on_high_uS: float = 1200.0
    mapping: str = "fused"
    unused: str = "stated"
    converters: str = "8 bits"
    n_levels: int = 64
    erring: str = "all"

    def changed(self) -> str:
        """Return what differs from the defaults, in one line."""
        default = asdict(Case(self.model))
        parts = [f"{k} {v}" for k, v in asdict(self).items() if v != default[k]]
        return ", ".join([self.model, *parts])

    def overrides(self) -> dict[str, Any]:
        """Return what the case changes of the chip file, by dotted path."""
        changes: dict[str, Any] = {
            "hardware.device.sigma_write_S": self.sigma_write_uS / 1e6,
            "hardware.device.faults.stuck_on.rate": self.stuck_on,
            "hardware.device.faults.stuck_on.high_S": self.stuck_on_high_uS / 1e6,
            "hardware.device.faults.stuck_off.rate": self.stuck_off,
            "hardware.device.n_levels": self.n_levels,
            "hardware.mapping.s4d": self.mapping,
            "hardware.mapping.unused": self.unused,
            "hardware.mapping.allow_narrow_state": True,
        }
        if self.converters == "ideal":
            changes["hardware.adc"] = {"kind": "ideal"}
        return changes


def all_cases() -> list[Case]:
    """Return every case, each once, in the order of the tables."""
    found = [
        Case(m, 0, converters=adc, n_levels=levels)
        for m in PAIR
        for adc, levels in (("ideal", 1 << 16), ("ideal", 64), ("8 bits", 1 << 16), ("8 bits", 64))
    ]
    found += [Case(m, s) for m in MODELS for s in SIGMA_uS]
    found += [Case(m, s, converters="ideal") for m in PAIR for s in SIGMA_uS[2:5]]
    found += [Case(m, s, mapping="hybrid") for m in MODELS for s in SIGMA_uS]
    found += [Case(m, 15, erring=tensor) for m in MODELS for tensor in TENSORS]
    found += [Case(m, s, unused="programmed") for m in PAIR for s in SIGMA_uS[1:4]]
    found += [Case(m, stuck_on=rate) for m in PAIR for rate in RATES]
    found += [Case(m, stuck_off=rate) for m in PAIR for rate in RATES[2:]]
    for m in PAIR:
        at = Case(m, stuck_on=0.001)
        found += [replace(at, erring=name) for name in ("weights", *TENSORS)]
        found += [replace(at, mapping="hybrid"), replace(at, stuck_on_high_uS=300.0)]
        found += [replace(at, stuck_off=0.01), replace(at, sigma_write_uS=0.0)]
    return list(dict.fromkeys(found))


def quick_cases() -> list[Case]:
    """Return a few cases that touch every kind of change, for a test."""
    return [
        Case("5 bits", 0, converters="ideal", n_levels=1 << 16),
        Case("5 bits", 0),
        Case("5 bits", 30),
        Case("5 bits", 30, mapping="hybrid"),
        Case("5 bits", 30, erring="C"),
        Case("5 bits", stuck_off=0.1),
        Case("5 bits", stuck_on=0.1),
    ]


def programmed(case: Case, model: Model, n_chips: int) -> Tiles:
    """Return the tiles of a case; chip instances and draws are the same in all cases."""
    hardware = load_chip(CHIP, case.overrides()).hardware
    plan = map_model(model, hardware)
    tiles = program(plan, hardware, seed=BUILD_SEED, n_chips=n_chips)
    if case.erring == "all":
        return tiles
    return erring_only(tiles, programmed(Case(case.model, 0), model, n_chips), case.erring)


def measure(case: Case, model: Model, n_chips: int, limit: int) -> dict[str, Any]:
    """Return the row of a case: what it is, and what came out."""
    tiles = programmed(case, model, n_chips)
    data = load_data(TEST, model).rows(0, limit)
    data = data.steps(0, int(data.lengths.max()))
    result = run(model, tiles, data, seed=RUN_SEED, batch_size=limit)
    assert result.accuracy_per_chip is not None
    error = math.sqrt(result.error_square.sum() / (n_chips * result.reference_square.sum()))
    saturated = sum(result.saturated.values()) / sum(result.converted.values())
    return {
        **asdict(case),
        "reference": result.accuracy_reference,
        **mean_interval(result.accuracy_per_chip),
        "agreement": result.agreement,
        "error": error,
        "saturated": saturated,
        "state_bits": min(result.effective_state_bits.values(), default=None),
        **outside_shares(tiles, model),
    }


def main() -> None:
    """Measure all cases and write their rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="results, as JSON")
    parser.add_argument("--chips", type=int, default=8, help="chip instances of each case")
    parser.add_argument("--limit", type=int, default=200, help="run the first N sequences")
    parser.add_argument("--quick", action="store_true", help="seven cases, 2 chips, 20 sequences")
    args = parser.parse_args()
    cases, chips, limit = all_cases(), args.chips, args.limit
    if args.quick:
        cases, chips, limit = quick_cases(), 2, 20
    models = {m: quantize_file(CHECKPOINT, CALIBRATION, bits)[0] for m, bits in MODELS.items()}
    rows, start = [], time.perf_counter()
    for i, case in enumerate(cases, 1):
        row = measure(case, models[case.model], chips, limit)
        rows.append(row)
        done = f"[{i}/{len(cases)}] {time.perf_counter() - start:.0f} s"
        print(f"{done}  {100 * row['mean']:.2f} %  {case.changed()}", flush=True)
    tree = {
        "chips": chips,
        "sequences": limit,
        "models": MODELS,
        "window": {
            m: window_shares(programmed(Case(m, 0), model, 1)) for m, model in models.items()
        },
    }
    head = json.dumps(tree, indent=1)[:-2]
    body = ",\n  ".join(json.dumps(row) for row in rows)
    args.out.write_text(f'{head},\n "rows": [\n  {body}\n ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
