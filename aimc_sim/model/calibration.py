"""A calibration batch: raw values or codes, with what it needs of lengths and labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.archive import Archive
from aimc_sim.model.scales import codes_of, signal_for
from aimc_sim.model.signal import Floats, Ints, Signal
from aimc_sim.spec import InputError

KNOWN = ("inputs", "labels", "lengths", "logits", "logits_model", "float_logits", "index")
"""Arrays that a data file may hold."""


@dataclass(frozen=True)
class Calibration:
    """Sequences to calibrate with.

    Parameters
    ----------
    inputs : array, shape (n_sequences, n_steps, n_input)
        Integer codes, or float raw values.
    lengths : int array, shape (n_sequences,)
        Valid steps.
    labels : int array, optional
        Classes, for the report only.
    float_logits : float array, shape (n_sequences, n_classes), optional
        What the float model gave where it was trained; for the report only.
    """

    inputs: npt.NDArray[Any]
    lengths: Ints
    labels: Ints | None = None
    float_logits: Floats | None = None

    def signal(self, bits: int, scale: float | None) -> Signal:
        """Return the input signal; without a scale, the largest value becomes the largest code.

        For integer inputs, which are codes already, the largest possible code then stands for 1.
        """
        valid = self.inputs[np.arange(self.inputs.shape[1]) < self.lengths[:, None]]
        low, high = valid.min(), valid.max()
        unit = Signal(bits, bool(low < 0), 1.0)
        if self.inputs.dtype.kind == "f":
            if scale is None:
                return signal_for(float(max(high, -low)), bits, signed=unit.signed)
            return Signal(bits, unit.signed, scale)
        if high > unit.code_max or low < unit.code_min:
            raise InputError(
                f"calibration: array 'inputs': found codes {low}..{high}; "
                f"{bits} bits hold {unit.code_min}..{unit.code_max}: give input= more bits"
            )
        return Signal(bits, unit.signed, 1.0 / unit.code_max if scale is None else scale)

    def raw(self, signal: Signal) -> Floats:
        """Return raw values."""
        if self.inputs.dtype.kind == "f":
            return self.inputs.astype(np.float64)
        return self.inputs.astype(np.float64) * signal.scale

    def codes(self, signal: Signal) -> Ints:
        """Return codes."""
        if self.inputs.dtype.kind == "f":
            raw = self.inputs.astype(np.float64)
            return codes_of(raw, signal.scale, signal.code_min, signal.code_max)
        return self.inputs.astype(np.int64)


def load_calibration(path: str | Path, limit: int | None = None) -> Calibration:
    """Read a data file (docs/formats.md) for calibration.

    Raises
    ------
    InputError
        One line: file, array, found, expected.
    """
    with Archive(path) as archive:
        for name in archive.headers:
            if name not in KNOWN:
                raise archive.fail(name, f"is not expected here; allowed: {', '.join(KNOWN)}")
        inputs = _take(archive, "inputs", 3, "iuf")[:limit]
        n, n_steps, _ = inputs.shape
        if inputs.size == 0:
            raise archive.fail("inputs", f"found shape {inputs.shape}; expected values")
        lengths = np.full(n, n_steps, dtype=np.int64)
        if "lengths" in archive.headers:
            lengths = _take(archive, "lengths", 1, "iu")[:limit].astype(np.int64)
            if lengths.shape != (n,) or lengths.min() < 1 or lengths.max() > n_steps:
                raise archive.fail("lengths", f"expected {n} lengths in 1..{n_steps}")
        valid = np.arange(n_steps) < lengths[:, None]
        inputs = np.where(valid[:, :, None], inputs, inputs.dtype.type(0))
        if not np.isfinite(inputs).all():
            raise archive.fail("inputs", "holds NaN or infinity; expected finite numbers")
        labels = None
        if "labels" in archive.headers:
            labels = _take(archive, "labels", 1, "iu")[:limit].astype(np.int64)
            if labels.shape != (n,):
                raise archive.fail("labels", f"found {len(labels)} labels; expected {n}")
        float_logits = None
        if "float_logits" in archive.headers:
            float_logits = _take(archive, "float_logits", 2, "f")[:limit].astype(np.float64)
            if len(float_logits) != n or not np.isfinite(float_logits).all():
                raise archive.fail("float_logits", f"expected finite values of {n} sequences first")
    return Calibration(inputs, lengths, labels, float_logits)


def _take(archive: Archive, name: str, ndim: int, kinds: str) -> npt.NDArray[Any]:
    if name not in archive.headers:
        raise InputError(f"{archive.path}: array {name!r} is missing")
    shape, dtype = archive.headers[name]
    if len(shape) != ndim or dtype.kind not in kinds or dtype == np.uint64:
        raise archive.fail(
            name,
            f"found {dtype} of shape {shape}; expected {ndim} axes of "
            f"{'numbers' if 'f' in kinds else 'integers'}",
        )
    return archive.read(name)
