"""Points of a study as rows: what a figure draws, and what its CSV holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aimc_sim.report.results.metric import Metric
from aimc_sim.report.results.scale import Scale


@dataclass(frozen=True)
class Points:
    """One metric at every point of a study.

    Parameters
    ----------
    metric : Metric
        Which.
    scales : tuple of Scale
        What is varied.
    points : tuple of mapping
        Points of the study's JSON.
    """

    metric: Metric
    scales: tuple[Scale, ...]
    points: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, study: Mapping[str, Any], metric: str) -> Points:
        """Return the points of a study's JSON."""
        points = tuple(study["points"])
        scales = tuple(
            Scale.of(axis, (p["coordinates"][axis["path"]] for p in points))
            for axis in study["axes"]
        )
        return cls(Metric(metric), scales, points)

    def at(self, point: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return mean, interval and values of the metric at a point."""
        nothing: dict[str, Any] = {"mean": None, "ci95": None, "per_chip": []}
        found: Mapping[str, Any] = point["metrics"].get(self.metric.name, nothing)
        return found

    @property
    def means(self) -> list[float | None]:
        """The mean at every point."""
        return [self.at(point)["mean"] for point in self.points]

    @property
    def is_the_same(self) -> bool:
        """Whether it has one value at all points that have any."""
        return len(set(self.means) - {None}) < 2

    @property
    def n_most_chips(self) -> int:
        """Chips of the point that has the most."""
        return max((len(self.at(point)["per_chip"]) for point in self.points), default=0)

    def head(self) -> list[str]:
        """Return the names of the columns of the data."""
        paths = [scale.path for scale in self.scales]
        chips = [f"chip_{i}" for i in range(self.n_most_chips)]
        return ["point", *paths, "n_chips", "mean", "ci95_low", "ci95_high", "refused", *chips]

    def rows(self) -> list[list[Any]]:
        """Return a row for each point, under `head`."""
        return [self._row(point, self.at(point)) for point in self.points]

    def _row(self, point: Mapping[str, Any], found: Mapping[str, Any]) -> list[Any]:
        return [
            point["point"],
            *(point["coordinates"][scale.path] for scale in self.scales),
            point["n_chips"],
            found["mean"],
            *(found["ci95"] or (None, None)),
            point["refused"],
            *found["per_chip"],
        ]
