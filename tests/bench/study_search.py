"""The search for a threshold beside a grid of the same values; Sobol indices; a front.

python -m tests.bench.study_search
"""

from __future__ import annotations

import itertools

import numpy as np

from aimc_sim.study.front import Front, is_on_front
from aimc_sim.study.probe import ProbeTest
from tests.statistical.study_curves import CURVES, SCALE, Chips, Curve, is_right, searched
from tests.statistical.test_study_sobol import FIRST, TOTAL, indices_of
from tests.unit.study.test_front import AXES, SPACE, UP_DOWN, accuracy_and_energy

N_TRIALS = 300


def grid_cost(curve: Curve, chips: Chips, seed: int) -> tuple[int, int]:
    """Return chips and width in steps where every value is tested, with the same error in all."""
    test = ProbeTest(curve.limit, 4, 64, 0.05 / len(SCALE.values), chips.step)
    n_chips, verdicts = 0, []
    for value in SCALE.values:
        scores = chips.scores(curve.mean(value), seed, value)
        for n in test.looks:
            if (verdict := test.verdict(scores[:n])) != "undecided":
                break
        n_chips += n
        verdicts.append(verdict)
    holds = max((i for i, v in enumerate(verdicts) if v == "holds"), default=-1)
    fails = min((i for i, v in enumerate(verdicts) if v == "fails"), default=len(verdicts))
    return n_chips, fails - holds


def thresholds() -> None:
    """Print coverage, tasks and width of the search, and of the grid."""
    print(f"threshold, {len(SCALE.values)} values: coverage, tasks, width [steps]; grid the same")
    place = {value: i for i, value in enumerate(SCALE.values)} | {None: -1}
    for (name, curve), kind, is_common in itertools.product(
        CURVES.items(), ("normal", "counts", "skewed"), (True, False)
    ):
        chips = Chips(kind, is_common)
        found = [searched(curve, chips, seed) for seed in range(N_TRIALS)]
        right = np.mean([is_right(one, curve) for one in found])
        tasks = np.mean([one.n_tasks for one in found])
        ends = [
            (len(place) - 1 if t.fails is None else place[t.fails], place[t.holds]) for t in found
        ]
        width = np.mean([fails - holds for fails, holds in ends])
        grid = np.mean([grid_cost(curve, chips, seed) for seed in range(10)], axis=0)
        print(
            f"{name:22} {kind:8} {'same' if is_common else 'new':5} {right:.3f} {tasks:5.0f} "
            f"{width:5.1f}   {grid[0]:6.0f} {grid[1]:5.1f}"
        )


def sobol() -> None:
    """Print spread of the indices of Ishigami, and how often intervals have them."""
    print("Ishigami, 100 designs: n_base, index, mean, spread, answer, share of intervals with it")
    for n_base in (256, 1024):
        found = [indices_of(n_base, seed) for seed in range(100)]
        for kind, truths in (("first", FIRST), ("total", TOTAL)):
            for name, truth in truths.items():
                values = np.array([one[kind][name]["value"] for one in found])
                ends = np.array([one[kind][name]["ci95"] for one in found])
                share = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
                print(
                    f"{n_base:5} {kind} {name} {values.mean():7.4f} {values.std():.4f} "
                    f"{truth:.4f} {share:.2f}"
                )


def fronts() -> None:
    """Print how many choices of a known front are tried after so many trials."""
    places = [dict(zip(AXES, p, strict=True)) for p in itertools.product(*AXES.values())]
    flags = is_on_front([accuracy_and_energy(p) for p in places], UP_DOWN)
    known = {str(p) for p, best in zip(places, flags, strict=True) if best}
    print(f"front of {len(known)} among {len(places)} choices: seed, found after 100, 200, 300")
    for seed in range(5):
        front, found = Front(SPACE, UP_DOWN, seed, batch=8), []
        for n in (100, 200, 300):
            while len(front.tried) < n:
                front.tell([accuracy_and_energy(place) for place in front.ask()])
            found.append(len(known & {str(one.coordinates) for one in front.tried[:n]}))
        print(seed, *found)


if __name__ == "__main__":
    sobol()
    fronts()
    thresholds()
