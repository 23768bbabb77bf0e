"""A data file looked at by itself: its form, and its codes where a model is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from aimc_sim.data import load_data, read_logits_model
from aimc_sim.model.archive import Archive
from aimc_sim.model.calibration import KNOWN, Calibration, load_calibration
from aimc_sim.model.network import Model


@dataclass(frozen=True)
class Batch:
    """What a data file holds.

    Parameters
    ----------
    content : Calibration
        Inputs, lengths, labels.
    shapes : mapping
        ``array -> (shape, dtype)``.
    n_clipped : int, optional
        Raw values outside the code range of the model, where one was given.
    """

    content: Calibration
    shapes: dict[str, tuple[tuple[int, ...], str]]
    n_clipped: int | None

    @property
    def n_classes(self) -> int | None:
        """Number of classes, where logits or labels tell it."""
        for name in ("logits", "float_logits"):
            if name in self.shapes:
                return self.shapes[name][0][1]
        labels = self.content.labels
        return None if labels is None else int(labels.max()) + 1

    def tree(self) -> dict[str, Any]:
        """Return plain data."""
        inputs, lengths, labels = self.content.inputs, self.content.lengths, self.content.labels
        valid = inputs[np.arange(inputs.shape[1]) < lengths[:, None]]
        tree: dict[str, Any] = {
            "kind": "data",
            "arrays": {
                name: {"shape": list(shape), "dtype": dtype}
                for name, (shape, dtype) in self.shapes.items()
            },
            "n_sequences": len(lengths),
            "n_channels": int(inputs.shape[2]),
            "lengths": {
                "min": int(lengths.min()),
                "mean": float(lengths.mean()),
                "max": int(lengths.max()),
            },
            "inputs": {
                "min": valid.min().item(),
                "max": valid.max().item(),
                "are": "raw values" if inputs.dtype.kind == "f" else "codes",
            },
            "n_classes": self.n_classes,
        }
        if labels is not None:
            tree["sequences_of_class"] = np.bincount(labels).tolist()
        if self.n_clipped is not None:
            tree["n_clipped"] = self.n_clipped
        return tree


def load_batch(path: str, model: Model | None = None) -> Batch:
    """Read a data file.

    Parameters
    ----------
    path : path
        The file.
    model : Model, optional
        Its channels, codes and classes are checked against; without it only the form is.

    Raises
    ------
    InputError
        One line: file, array, found, expected.
    """
    n_clipped = None if model is None else load_data(path, model).n_clipped
    content = load_calibration(path)
    if content.labels is not None and content.labels.min() < 0:
        raise _fault(path, "labels", f"found {content.labels.min()}; classes count from 0")
    with Archive(path) as archive:
        read_logits_model(archive)
        shapes = {name: (shape, str(dtype)) for name, (shape, dtype) in archive.headers.items()}
    n = len(content.inputs)
    for name in KNOWN:
        if name != "logits_model" and name in shapes and shapes[name][0][:1] != (n,):
            raise _fault(path, name, f"found shape {shapes[name][0]}; expected {n} sequences first")
    for name in ("logits", "float_logits"):
        if name in shapes and len(shapes[name][0]) != 2:
            raise _fault(path, name, f"found shape {shapes[name][0]}; expected [sequence, class]")
    return Batch(content, shapes, n_clipped)


def _fault(path: str, name: str, message: str) -> Exception:
    with Archive(path) as archive:
        return archive.fail(name, message)
