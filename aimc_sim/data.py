"""Data: a batch of input codes with labels, read from an `.npz`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.model.archive import Archive
from aimc_sim.model.calibration import KNOWN
from aimc_sim.model.lengths import length_faults
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints
from aimc_sim.spec import InputError, nearest


@dataclass(frozen=True)
class Data:
    """Sequences to run.

    Parameters
    ----------
    x_code : int array, shape (n_sequences, n_steps, n_channels)
        Input codes of the model; padded steps hold anything.
    lengths : int array, shape (n_sequences,)
        Valid steps.
    labels : int array, shape (n_sequences,), optional
        Classes.
    logits : int array, shape (n_sequences, n_classes), optional
        Output codes as the exporter computed them, where they are of this model.
    n_clipped : int
        Raw input values outside the code range.
    first_sequence : int
        Index of row 0 in the data file; random streams are addressed by it.
    logits_of : str, optional
        Digest of the other model that the logits of the file are of; `logits` is then None.
    """

    x_code: Ints
    lengths: Ints
    labels: Ints | None = None
    logits: Ints | None = None
    n_clipped: int = 0
    first_sequence: int = 0
    logits_of: str | None = None

    def __len__(self) -> int:
        return len(self.x_code)

    def rows(self, start: int, stop: int) -> Data:
        """Return sequences start .. stop-1, which keep their index in the file."""
        part = slice(start, stop)
        return replace(
            self,
            x_code=self.x_code[part],
            lengths=self.lengths[part],
            labels=None if self.labels is None else self.labels[part],
            logits=None if self.logits is None else self.logits[part],
            first_sequence=self.first_sequence + start,
        )

    def steps(self, start: int, stop: int) -> Data:
        """Return steps start .. stop-1 of every sequence; `lengths` stay those of the whole."""
        return replace(self, x_code=self.x_code[:, start:stop])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of codes, lengths and labels (not of the zip that carried them)."""
        h = hashlib.sha256()
        valid = np.arange(self.x_code.shape[1])[None, :, None] < self.lengths[:, None, None]
        for array in (np.where(valid, self.x_code, 0), self.lengths, self.labels):
            if array is not None:
                h.update(str(array.shape).encode())
                h.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        return h.hexdigest()


def load_data(path: str | Path, model: Model) -> Data:
    """Read a data file and turn raw values into the model's input codes.

    Parameters
    ----------
    path : path
        An `.npz` with `inputs` and, optionally, `labels`, `lengths`, `logits` (docs/formats.md).
    model : Model
        Gives channels, code range, scale and number of classes; logits that the file says are of
        another model are left out.

    Raises
    ------
    InputError
        One line: file, array, found, expected.
    """
    with Archive(path) as archive:
        for name in archive.headers:
            if name not in KNOWN:
                near = nearest(name, KNOWN)
                hint = f"; did you mean {near!r}" if near else ""
                raise archive.fail(name, f"is not expected here{hint}; known: {', '.join(KNOWN)}")
        if "inputs" not in archive.headers:
            raise archive.fail("inputs", "is missing; expected [sequence, step, channel]")
        inputs = _array(archive, "inputs", (None, None, model.n_input), "iuf")
        n, n_steps = inputs.shape[:2]
        if n == 0 or n_steps == 0:
            raise archive.fail("inputs", f"found shape {inputs.shape}; expected at least one step")
        lengths = np.full(n, n_steps, dtype=np.int64)
        if "lengths" in archive.headers:
            lengths = _ints(archive, "lengths", (n,), 1, n_steps)
        x_code, n_clipped = _codes(archive, inputs, lengths, model)
        labels = logits = None
        if "labels" in archive.headers:
            labels = _ints(archive, "labels", (n,), 0, model.n_classes - 1)
        logits_of = read_logits_model(archive)
        if logits_of is not None and logits_of == model.digest:
            logits_of = None
        if "logits" in archive.headers:
            n_classes = model.n_classes if logits_of is None else None
            logits = _ints(archive, "logits", (n, n_classes), -(1 << 62), 1 << 62)
        for name, kinds in (("float_logits", "f"), ("index", "iu")):
            if name in archive.headers:
                shape = (n, model.n_classes) if name == "float_logits" else (n,)
                _array(archive, name, shape, kinds)
    for fault in length_faults(model, int(lengths.max())):
        raise InputError(f"{path}: {fault}")
    own = logits if logits_of is None else None
    return Data(x_code, lengths, labels, own, n_clipped, logits_of=logits_of)


def read_logits_model(archive: Archive) -> str | None:
    """Return the digest of the model that the logits are of; None where the file names none.

    Raises
    ------
    InputError
        `logits_model` is no digest, or there are no logits.
    """
    name = "logits_model"
    if name not in archive.headers:
        return None
    shape, dtype = archive.headers[name]
    if shape != () or dtype.kind != "U":
        raise archive.fail(name, f"found {dtype} of shape {shape}; expected one text, shape ()")
    digest = str(archive.read(name)[()])
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise archive.fail(name, f"found {digest[:70]!r}; expected a digest of 64 digits 0-9a-f")
    if "logits" not in archive.headers:
        raise archive.fail(name, "names the model of 'logits', which is missing")
    return digest


def _array(
    archive: Archive, name: str, shape: tuple[int | None, ...], kinds: str
) -> npt.NDArray[Any]:
    found, dtype = archive.headers[name]
    fits = len(found) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, found, strict=True)
    )
    if not fits:
        expected = str(shape).replace("None", "any")
        raise archive.fail(name, f"found shape {found}; expected {expected}")
    if dtype.kind not in kinds or dtype == np.uint64:
        allowed = {"i": "integer", "u": "integer", "f": "float"}
        names = " or ".join(dict.fromkeys(allowed[kind] for kind in kinds))
        raise archive.fail(name, f"found dtype {dtype}; expected {names}")
    return archive.read(name)


def _ints(archive: Archive, name: str, shape: tuple[int | None, ...], low: int, high: int) -> Ints:
    values = _array(archive, name, shape, "iu").astype(np.int64)
    bad = np.flatnonzero((values < low) | (values > high))
    if bad.size:
        raise archive.fail(
            name,
            f"found {int(values.reshape(-1)[bad[0]])} at entry {bad[0]}; allowed {low}..{high}",
        )
    return values


def _codes(
    archive: Archive, inputs: npt.NDArray[Any], lengths: Ints, model: Model
) -> tuple[Ints, int]:
    """Return input codes and the number of raw values that were clipped."""
    signal = model.input
    valid = np.arange(inputs.shape[1])[None, :] < lengths[:, None]
    if inputs.dtype.kind in "iu":
        codes = np.where(valid[..., None], inputs.astype(np.int64), 0)
        outside = np.argwhere((codes < signal.code_min) | (codes > signal.code_max))
        if outside.size:
            place = [int(i) for i in outside[0]]
            raise archive.fail(
                "inputs",
                f"found code {codes[tuple(outside[0])]} at {place}; "
                f"allowed {signal.code_min}..{signal.code_max}",
            )
        return codes, 0
    values = np.where(valid[..., None], inputs.astype(np.float64), 0.0)
    if not np.isfinite(values).all():
        place = [int(i) for i in np.argwhere(~np.isfinite(values))[0]]
        raise archive.fail("inputs", f"holds NaN or infinity at {place}; expected finite numbers")
    with np.errstate(over="ignore"):  # infinity is clipped like any value beyond the codes
        raw = np.floor(values / signal.scale + 0.5)
    codes = np.clip(raw, signal.code_min, signal.code_max)
    return codes.astype(np.int64), int((codes != raw).sum())
