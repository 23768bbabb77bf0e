"""Random float checkpoints with the reference code's keys, and batches for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from aimc_sim.model.calibration import Calibration

OURS = {"activation": "relu", "norm": "batch", "prenorm": True, "glu": False}


def tensors(
    seed: int = 0,
    *,
    H: int = 6,
    M: int = 3,
    d: int = 2,
    n_layers: int = 2,
    n_classes: int = 4,
    glu: bool = True,
    batch_norm: bool = False,
    with_B: bool = False,
) -> dict[str, np.ndarray]:
    """Return a state dict in float64; the start is S4D-Lin with dt in 0.01..0.3."""
    rng = np.random.default_rng(seed)
    out = {
        "encoder.weight": rng.normal(size=(H, d)),
        "encoder.bias": 0.1 * rng.normal(size=H),
        "decoder.weight": rng.normal(size=(n_classes, H)),
        "decoder.bias": 0.1 * rng.normal(size=n_classes),
    }
    for i in range(n_layers):
        key, rows = f"s4_layers.{i}", 2 * H if glu else H
        out |= {
            f"{key}.D": rng.normal(size=H),
            f"{key}.kernel.C": rng.normal(size=(H, M, 2)),
            f"{key}.kernel.log_dt": rng.uniform(np.log(0.01), np.log(0.3), H),
            f"{key}.kernel.log_A_real": np.full((H, M), np.log(0.5)),
            f"{key}.kernel.A_imag": np.pi * np.tile(np.arange(M), (H, 1)),
            f"{key}.output_linear.0.weight": rng.normal(size=(rows, H, 1)) / np.sqrt(H),
            f"{key}.output_linear.0.bias": 0.1 * rng.normal(size=rows),
            f"norms.{i}.weight": rng.uniform(0.5, 1.5, H),
            f"norms.{i}.bias": 0.1 * rng.normal(size=H),
        }
        if batch_norm:
            out[f"norms.{i}.running_mean"] = 0.1 * rng.normal(size=H)
            out[f"norms.{i}.running_var"] = rng.uniform(0.5, 2.0, H)
        if with_B:
            out[f"{key}.kernel.B"] = rng.normal(size=(H, M, 2))
    return out


def write(path: Path, state: dict[str, np.ndarray], said: dict[str, Any] | None = None) -> Path:
    """Write a state dict as `.npz` or `.safetensors`, by the suffix of the path."""
    text = None if said is None else json.dumps(said)
    if path.suffix == ".npz":
        np.savez(path, **state, **({} if text is None else {"aimc_sim": np.array(text)}))
    else:
        solid = {key: np.ascontiguousarray(value) for key, value in state.items()}
        save_file(solid, path, metadata=None if text is None else {"aimc_sim": text})
    return path


def batch(seed: int = 1, n: int = 12, n_steps: int = 40, d: int = 2) -> Calibration:
    """Return smooth random sequences of different lengths."""
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.normal(size=(n, n_steps, d)), axis=1) / np.sqrt(n_steps)
    lengths = rng.integers(n_steps // 2, n_steps, n, endpoint=True)
    return Calibration(steps, lengths, rng.integers(0, 4, n))
