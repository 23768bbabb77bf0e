"""Task: one chip instance at one point; its digest names all that its answer follows from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aimc_sim.rng import RNG_VERSION
from aimc_sim.spec import InputError, digest_of
from aimc_sim.study.materials import Materials
from aimc_sim.study.points import ModelKey, Point

DIGITS = 32


@dataclass(frozen=True)
class Task:
    """What a worker is given.

    Parameters
    ----------
    digest : str
        Names the task; the same for the same answer.
    point : int
        Point of the study.
    chip : int
        Chip instance.
    model : ModelKey
        Which model of the materials.
    changes : mapping
        Dotted path of the chip to value.
    age_s : float
        Time between programming and the run [s].
    """

    digest: str
    point: int
    chip: int
    model: ModelKey
    changes: Mapping[str, Any]
    age_s: float


@dataclass(frozen=True)
class Outcome:
    """What a task gave.

    Parameters
    ----------
    metrics : mapping, optional
        Metric to value; None where such a chip cannot be simulated.
    refused : str, optional
        Why not, in one line.
    seconds : float
        Wall time [s].
    worker : str
        Who did it.
    """

    metrics: Mapping[str, Any] | None
    refused: str | None
    seconds: float
    worker: str


@dataclass(frozen=True)
class Prepared:
    """A point whose chip is known.

    Parameters
    ----------
    point : Point
        The point.
    changes : mapping
        Of the chip, factors multiplied.
    name : str
        Digest of all but the chip instance.
    refused : str, optional
        Why there is no such chip.
    """

    point: Point
    changes: Mapping[str, Any]
    name: str
    refused: str | None

    def task(self, chip: int) -> Task:
        """Return the task of a chip instance."""
        digest = digest_of([self.name, chip])[:DIGITS]
        point = self.point
        return Task(digest, point.index, chip, point.model, self.changes, point.age_s)


def prepare(materials: Materials, point: Point) -> Prepared:
    """Return a point with its chip checked, and the name of its tasks.

    Notes
    -----
    The name covers model, chip, data and its place in the file, age, seed, metrics, the generator's
    version and the sources of all numeric modules.
    """
    model, data = materials.models[point.model], materials.data[point.model]
    changes, refused = dict(point.changes), None
    try:
        changes = materials.changes_at(point)
        chip = materials.chip(changes).digest()
    except InputError as error:
        refused = str(error).removeprefix(f"{materials.chip_path}: ")
        chip = digest_of([materials.chip_tree, changes, dict(point.factors)])
    name = digest_of(
        {
            "model": model.digest,
            "chip": chip,
            "data": data.digest,
            "first_sequence": data.first_sequence,
            "age_s": point.age_s,
            "seed": materials.seed,
            "metrics": list(materials.metrics),
            "rng": RNG_VERSION,
            "numerics": materials.numerics,
        }
    )
    return Prepared(point, changes, name, refused)
