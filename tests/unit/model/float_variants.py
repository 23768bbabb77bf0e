"""The same S4D kernels under the names and in the shapes of the full s4.py."""

from __future__ import annotations

import numpy as np


def version_4(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a state dict of s4d.py as the full s4.py of version 4 would have written it."""
    return _renamed(state, "layer.", "layer.kernel", "A_real", "inv_dt", -1.0)


def version_3(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a state dict of s4d.py as the full s4.py of version 3 would have written it."""
    return _renamed(state, "", "kernel.kernel", "inv_A_real", "log_dt", 1.0)


def _renamed(
    state: dict[str, np.ndarray], layer: str, kernel: str, real: str, dt: str, sign: float
) -> dict[str, np.ndarray]:
    """Return the dict with other names, extra dimensions and an explicit B of 1."""
    out = {}
    for key, value in state.items():
        start, found, name = key.rpartition(".kernel.")
        if found:
            new = {
                "log_A_real": (real, value),
                "A_imag": ("A_imag", sign * value),
                "log_dt": (dt, value[:, None]),
                "C": ("C", value[None]),
            }[name]
            out[f"{start}.{kernel}.{new[0]}"] = new[1]
            if name == "C":
                one = np.zeros_like(value)
                one[..., 0] = 1.0
                out[f"{start}.{kernel}.B"] = one[None] if sign < 0 else one
        elif key.endswith(".D"):
            out[f"{key.removesuffix('D')}{layer}D"] = value[None]
        elif key.endswith("output_linear.0.weight"):
            out[key] = value[:, :, 0]
        else:
            out[key] = value
    return out
