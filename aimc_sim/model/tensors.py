"""Tensors of a checkpoint, taken by key, each checked for shape, dtype and finite values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError, nearest

Shape = tuple[int | None, ...]


class Tensors:
    """Tensors by key, and which of them were used.

    Parameters
    ----------
    path : str
        The file, for messages.
    tensors : dict of arrays
        By key.
    """

    def __init__(self, path: str, tensors: dict[str, npt.NDArray[Any]]) -> None:
        self.path, self.tensors, self.used = path, tensors, set[str]()

    def __contains__(self, key: str) -> bool:
        return key in self.tensors

    def take(self, key: str, *shapes: Shape) -> Floats:
        """Return a tensor as float64; None in a shape stands for any length.

        Raises
        ------
        InputError
            It is missing, or has another shape or dtype, or holds NaN or infinity.
        """
        expected = " or ".join(str(s).replace("None", "any") for s in shapes)
        if key not in self.tensors:
            near = nearest(key, set(self.tensors) - self.used)
            hint = f"; found {near!r}" if near else ""
            raise InputError(
                f"{self.path}: key {key!r} is missing{hint}; expected shape {expected}"
            )
        tensor = self.tensors[key]
        self.used.add(key)
        if tensor.dtype.kind != "f":
            raise self.fail(
                key, f"found dtype {tensor.dtype}; expected float16, float32 or float64"
            )
        if not any(_fits(tensor.shape, shape) for shape in shapes):
            raise self.fail(key, f"found shape {tensor.shape}; expected {expected}")
        if not np.isfinite(tensor).all():
            raise self.fail(key, "holds NaN or infinity; expected finite")
        return tensor.astype(np.float64)

    def fail(self, key: str, message: str) -> InputError:
        """Return an error that names the file and a key."""
        return InputError(f"{self.path}: key {key!r}: {message}")

    def unexpected(self, key: str) -> InputError:
        """Return an error for a key that nothing takes; it names those that belong beside it.

        Examples
        --------
        >>> some = Tensors("m.npz", {})
        >>> some.used |= {"s4_layers.0.kernel.C", "s4_layers.0.kernel.log_dt", "s4_layers.0.D"}
        >>> some.unexpected("s4_layers.0.kernel.P")
        InputError("m.npz: key 's4_layers.0.kernel.P' is not expected here; allowed under \
's4_layers.0.kernel': C, log_dt")
        """
        parent = key
        while parent:
            parent = parent.rpartition(".")[0]
            start = f"{parent}." if parent else ""
            beside = sorted(
                {u[len(start) :].split(".")[0] for u in self.used if u.startswith(start)}
            )
            if beside:
                break
        under = f" under {parent!r}" if parent else ""
        return InputError(
            f"{self.path}: key {key!r} is not expected here; allowed{under}: {', '.join(beside)}"
        )


def _fits(found: tuple[int, ...], shape: Shape) -> bool:
    return len(found) == len(shape) and all(
        n is None or n == m for m, n in zip(found, shape, strict=True)
    )
