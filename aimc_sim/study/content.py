"""What a results file says of a study: itself, its axes, the digests of what it names, versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aimc_sim.rng import RNG_VERSION
from aimc_sim.spec import digest_of
from aimc_sim.study.materials import Materials
from aimc_sim.study.points import ModelKey
from aimc_sim.study.study import Study
from aimc_sim.version import VERSION


def content_of(study: Study, materials: Materials) -> dict[str, Any]:
    """Return it as plain data."""
    return {
        "study": study.model_dump(mode="json"),
        "axes": [
            {"path": a.key, "label": a.name, "values": a.grid(), "scale": a.scale}
            for a in study.axes
        ],
        "digests": {
            "model": {_model_name(k): m.digest for k, m in materials.models.items()},
            "data": {_model_name(k): d.digest for k, d in materials.data.items()},
            "chip": digest_of(materials.chip_tree),
        },
        "n_sequences": min(len(data) for data in materials.data.values()),
        "numerics": materials.numerics,
        "rng_version": RNG_VERSION,
        "version": VERSION,
    }


def _model_name(key: ModelKey) -> str:
    """Return a model as a word: file, and what a checkpoint was quantised to."""
    parts = [Path(key.file).stem, key.bits, "" if key.a_grid == "cartesian" else key.a_grid]
    return " ".join(part for part in parts if part)
