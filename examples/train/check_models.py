"""Check the integer models with the exact integer reference of `aimc_sim`.

    python examples/train/check_models.py [--full examples/train/runs]

For each model: accuracy of reference and float model on the committed batch, logits equal to the
stored ones of `fakequant.py` bit for bit, accuracy within 1 % of float; with --full also on the
whole test split (`write_data.py --full` writes it). Exits with 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
from tasks import TASKS

from aimc_sim import load_data, load_model
from aimc_sim.data import Data
from aimc_sim.model.network import Model
from aimc_sim.model.reference import classify, run_reference

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent
TOLERANCE = 0.01


def reference_codes(model: Model, data: Data, chunk: int = 100) -> np.ndarray:
    """Return the reference's output codes [sequence, class]."""
    parts = [data.rows(i, min(i + chunk, len(data))) for i in range(0, len(data), chunk)]
    return np.concatenate([run_reference(model, p.x_code, p.lengths).y_code for p in parts])


def accuracy_of(codes: np.ndarray, data: Data) -> float:
    """Return the share of sequences classified as their label."""
    return float(np.mean(classify(codes) == data.labels))


def check(name: str, full: pathlib.Path | None) -> bool:
    """Print what was found for one model; return whether all holds."""
    model = load_model(EXAMPLES / "models" / f"{name}.npz")
    path = EXAMPLES / "data" / f"{name}_test.npz"
    data = load_data(path, model)
    codes = reference_codes(model, data)
    equal = data.logits is not None and np.array_equal(codes, data.logits)
    note = json.loads((EXAMPLES / "models" / f"{name}_float.json").read_text())
    with np.load(path, allow_pickle=False) as file:
        in_float = float(np.mean(np.argmax(file["float_logits"], axis=1) == file["labels"]))
    pairs = [(f"{len(data)} committed", in_float, accuracy_of(codes, data))]
    if full is not None:
        whole = load_data(full / f"{name}_full.npz", model)
        found = accuracy_of(reference_codes(model, whole), whole)
        pairs.append((f"{len(whole)} in all", note["float_accuracy"], found))
    for what, wanted, found in pairs:
        print(f"{name}: float {wanted:.4f}, integer {found:.4f} on {what}")
    print(f"{name}: logits {'equal' if equal else 'DIFFER from'} those of fakequant.py")
    return equal and all(wanted - found < TOLERANCE for _, wanted, found in pairs)


def main() -> None:
    """Check all models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR")
    full = parser.parse_args().full
    held = [check(name, full) for name in TASKS]
    raise SystemExit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
