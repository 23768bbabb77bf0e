"""The logits of a data file compared with those of the integer reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aimc_sim.data import Data
from aimc_sim.model.signal import Ints
from aimc_sim.spec import InputError


def check_logits(path: str | Path, data: Data, y_code: Ints) -> None:
    """Compare output codes of the reference with those of the exporter.

    Raises
    ------
    InputError
        They differ; the message names the first sequence and class.
    """
    assert data.logits is not None
    differ = np.argwhere(data.logits != y_code)
    if differ.size:
        row, k = (int(i) for i in differ[0])
        n = len(np.unique(differ[:, 0]))
        raise InputError(
            f"{path}: array 'logits': sequence {data.first_sequence + row}, class {k}: the "
            f"exporter wrote {data.logits[row, k]}, the integer reference gives {y_code[row, k]} "
            f"({n} of {len(y_code)} compared differ); model and data do not belong together, or "
            f"the exporter's arithmetic is not that of docs/formats.md"
        )
