"""Materials: models, data and chip of a study, read once and sent once to every worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aimc_sim.chip import DEVICE, Chip, chip_of, device_section
from aimc_sim.data import Data, load_data
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.model.quantize import quantize_file
from aimc_sim.model.widths import parse_bits
from aimc_sim.spec import InputError, read_yaml, with_override
from aimc_sim.study.numerics import numerics_digest
from aimc_sim.study.points import ModelKey, Point, scaled
from aimc_sim.study.study import Study


@dataclass(frozen=True)
class Materials:
    """What the tasks of a study work on.

    Parameters
    ----------
    models : mapping
        Every model of the study.
    data : mapping
        Sequences in the input codes of each model.
    chip_tree : mapping
        The chip file as plain data, its device filled in.
    chip_path : str
        Where it lies, for messages.
    metrics : tuple of str
        Figures that are kept.
    seed : int
        Names the seeds of building and reading.
    numerics : str
        Digest of the code that computes them.
    """

    models: Mapping[ModelKey, Model]
    data: Mapping[ModelKey, Data]
    chip_tree: Mapping[str, Any]
    chip_path: str
    metrics: tuple[str, ...]
    seed: int
    numerics: str

    def chip(self, changes: Mapping[str, Any]) -> Chip:
        """Return the chip with changes that `changes_at` gave."""
        return chip_of(self.chip_tree, self.chip_path, changes)

    def changes_at(self, point: Point) -> dict[str, Any]:
        """Return the changes of a point: device files read, factors multiplied.

        Raises
        ------
        InputError
            A device that is not there, or a factor on what is no number.
        """
        changes = dict(point.changes)
        if isinstance(changes.get(DEVICE), str):
            changes[DEVICE] = device_section(changes[DEVICE], Path(self.chip_path))
        if point.factors:
            tree = self.chip(changes).model_dump(mode="json")
            changes |= {path: scaled(tree, path, f) for path, f in point.factors.items()}
        return changes


def load_materials(study: Study, folder: str | Path, points: Iterable[Point]) -> Materials:
    """Read everything that a study names.

    Parameters
    ----------
    study : Study
        The study.
    folder : path
        Where its paths start from.
    points : iterable of Point
        Whose models are read.

    Raises
    ------
    InputError
        A file that is missing or wrong.
    """
    folder, base = Path(folder), study.base
    chip_path = str(folder / base.chip)
    tree: Mapping[str, Any] = read_yaml(chip_path)
    hardware = tree.get("hardware")
    if isinstance(hardware, Mapping) and isinstance(hardware.get("device"), str):
        tree = with_override(tree, DEVICE, device_section(hardware["device"], Path(chip_path)))
    models, data = {}, {}
    for key in dict.fromkeys(point.model for point in points):
        models[key] = _model(key, study, folder)
        rows = load_data(folder / base.data, models[key])
        rows = rows if base.limit is None else rows.rows(0, base.limit)
        data[key] = rows.steps(0, int(rows.lengths.max()))
    return Materials(models, data, tree, chip_path, study.metrics, study.seed, numerics_digest())


def _model(key: ModelKey, study: Study, folder: Path) -> Model:
    path = folder / key.file
    if path.suffix != ".safetensors":
        for name, value, default in (("bits", key.bits, ""), ("a_grid", key.a_grid, "cartesian")):
            if value != default:
                raise InputError(
                    f"{name}: found {value!r}, but {path} is an integer model; widths and grids "
                    "are those of a checkpoint (.safetensors)"
                )
        return load_model(path)
    if study.base.calibration is None:
        raise InputError(
            f"base.calibration: is missing; {path} is a checkpoint, whose scales it fixes"
        )
    found = quantize_file(
        path, folder / study.base.calibration, parse_bits(key.bits), a_grid=key.a_grid
    )
    return found[0]
