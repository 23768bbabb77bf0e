"""A study looked at before it runs: its points, and which of them have no chip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aimc_sim.commands.describe import Description, Section, counted
from aimc_sim.study.materials import load_materials
from aimc_sim.study.points import describe_point, points_of
from aimc_sim.study.study import Study, load_study
from aimc_sim.study.task import prepare


@dataclass(frozen=True)
class StudyFile:
    """A study with everything that it names.

    Parameters
    ----------
    study : Study
        The study.
    n_points : int
        Points of its design.
    refused : tuple of str
        Points that have no chip, and why.
    """

    study: Study
    n_points: int
    refused: tuple[str, ...]

    def line(self) -> str:
        """Return it in one line."""
        n = self.study.first_chips
        refused = f", {len(self.refused)} of them refused" if self.refused else ""
        chips = f"{n} or more chips each" if self.study.adaptive else f"{counted(n, 'chip')} each"
        return f"study {self.study.name}, {counted(self.n_points, 'point')}{refused}, {chips}"

    def describe(self) -> Description:
        """Return its axes and what is kept."""
        axes = [
            (axis.name, ", ".join(axis.paths), _values(axis.grid())) for axis in self.study.axes
        ]
        rows = [
            ("sampling", self.study.sampling.kind),
            ("metrics", ", ".join(self.study.metrics)),
            *(("refused", text) for text in self.refused[:5]),
        ]
        tree = {
            "kind": "study",
            **self.study.model_dump(mode="json"),
            "n_points": self.n_points,
            "refused": list(self.refused),
        }
        return Description(self.line(), tree, (Section("axes", axes), Section("design", rows)))


def load_study_file(path: str) -> StudyFile:
    """Read a study and everything that it names.

    Raises
    ------
    InputError
        The study, or a file that it names, is wrong.
    """
    study = load_study(path)
    points = points_of(study)
    materials = load_materials(study, Path(path).parent, points)
    found = [prepare(materials, point) for point in points]
    refused = [f"{describe_point(study.axes, p.point)}: {p.refused}" for p in found if p.refused]
    return StudyFile(study, len(points), tuple(refused))


def _values(values: list[object] | None) -> str:
    return "a distribution" if values is None else ", ".join(map(str, values))
