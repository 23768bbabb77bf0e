"""What the rows say of each claim: accuracies by seed, bits that are enough, differences."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import kit
from rows import Rows
from settings import Setting, homogeneous, pruned, smallest

from aimc_sim.study.student import half_width, mean_of

ENOUGH = 0.01
"""Loss against float that the claims allow."""
Series = Mapping[int, tuple[float, ...]]
"""Accuracy of each seed, by width."""


@dataclasses.dataclass(frozen=True)
class Digital:
    """The rows of `make.py`, by setting: what the integer reference found.

    Parameters
    ----------
    seeds
        The training seeds there are.
    floats
        Accuracy of the float model of each.
    rows
        Rows of each seed, by name of the setting.
    """

    seeds: tuple[int, ...]
    floats: tuple[float, ...]
    rows: Mapping[str, Mapping[int, Mapping[str, Any]]]

    def accuracy(self, setting: Setting) -> tuple[float, ...]:
        """Return the accuracy of each seed; empty where a seed is missing."""
        found = self.rows.get(setting.name, {})
        if any(seed not in found for seed in self.seeds):
            return ()
        return tuple(found[seed]["accuracy"][0] for seed in self.seeds)

    def series(self, settings: Iterable[Setting]) -> Series:
        """Return the accuracies of settings by their width, those that there are."""
        found = {setting.bits: self.accuracy(setting) for setting in settings}
        return {bits: values for bits, values in sorted(found.items()) if values}

    def complexity(self, setting: Setting, kind: str = "integer") -> Mapping[str, Any]:
        """Return the complexity of the first seed's model; pruning may differ by seed a little."""
        found: Mapping[str, Any] = self.rows[setting.name][self.seeds[0]]["complexity"][kind]
        return found


def digital(task: str) -> Digital:
    """Read the rows of a task."""
    rows: dict[str, dict[int, Mapping[str, Any]]] = {}
    for row in Rows(kit.RESULTS / f"{task}.jsonl").found.values():
        of = row["of"]
        setting = Setting(of["what"], of["bits"], of["training"], of["states"])
        rows.setdefault(setting.name, {})[of["seed"]] = row
    seeds = sorted({seed for found in rows.values() for seed in found})
    notes = (kit.ZOO / task / f"float_seed{seed}.json" for seed in seeds)
    return Digital(tuple(seeds), tuple(json.loads(p.read_text())["accuracy"] for p in notes), rows)


def loss(values: Sequence[float], floats: Sequence[float]) -> tuple[float, float]:
    """Return the mean loss against float, seed by seed, and half of its 95 % interval.

    Notes
    -----
    Student's t of the paired differences; 0 for one seed, of which there is no spread.
    """
    differences = [f - v for f, v in zip(floats, values, strict=True)]
    half = half_width(differences, 0.025) if len(differences) > 1 else 0.0
    return mean_of(differences), half


def least_bits(series: Series, floats: Sequence[float], allowed: float = ENOUGH) -> int | None:
    """Return the least width at which, and above which, the mean stays within that of float.

    >>> least_bits({3: (0.5,), 4: (0.985,), 5: (0.97,), 6: (0.99,)}, (0.99,))
    6
    """
    enough = None
    for bits in sorted(series, reverse=True):
        if loss(series[bits], floats)[0] > allowed + 1e-9:
            break
        enough = bits
    return enough


def least_by_seed(series: Series, floats: Sequence[float]) -> list[int | None]:
    """Return the same for each seed alone."""
    return [
        least_bits({bits: (values[i],) for bits, values in series.items()}, (own,))
        for i, own in enumerate(floats)
    ]


def best_small(found: Digital) -> Setting:
    """Return the setting within 1 % of float with the fewest bit operations."""
    candidates = [
        s
        for s in (*homogeneous(), *smallest(), *pruned())
        if found.accuracy(s) and loss(found.accuracy(s), found.floats)[0] <= ENOUGH + 1e-9
    ]
    return min(candidates, key=lambda s: found.complexity(s)["bit_operations_per_step"])


class OnChips:
    """The rows of `on_chips.py`.

    Parameters
    ----------
    task
        Whose.
    """

    def __init__(self, task: str) -> None:
        self.rows = list(Rows(kit.RESULTS / f"{task}_chips.jsonl").found.values())

    def of(self, **wanted: Any) -> list[Mapping[str, Any]]:
        """Return the rows with these settings, one a seed."""
        found = (row for row in self.rows if wanted.items() <= row["of"].items())
        return sorted(found, key=lambda row: row["of"]["seed"])

    def accuracy(self, **wanted: Any) -> tuple[float, ...]:
        """Return the accuracy of each seed: the mean of its chips."""
        return tuple(mean_of(row["accuracy"]) for row in self.of(**wanted))


def cell(values: Sequence[float]) -> str:
    """Return mean and 95 % interval over seeds, in percent.

    >>> cell((0.99, 0.98, 0.97)), cell((0.5,)), cell(())
    ('98.00 ± 2.48', '50.00', '')
    """
    if not values:
        return ""
    mean = f"{100 * mean_of(values):.2f}"
    return mean if len(values) < 2 else f"{mean} ± {100 * half_width(values, 0.025):.2f}"
