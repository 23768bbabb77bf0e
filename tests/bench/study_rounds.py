"""Rules of adaptive repeats: how often the last interval has the mean, and what it takes.

python -m tests.bench.study_rounds
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from tests.statistical.study_curves import N_SEQUENCES, normal, skewed

N_TRIALS = 20_000
IDEAL = (2, 4, 6, 8, 12, 16, 24, 32, 48)
SHAPES = [(4, 4, 64), (8, 4, 64), (8, 8, 128), (16, 16, 256)]
RULES = ("plain", "twice", "Stein", "widened", "hidden")
"""hidden: stops as widened does, and shows Student's own interval."""


def near_one(rng: np.random.Generator, n: int) -> np.ndarray:
    """Of 100 sequences, right with 99 % - 1 % |normal|; mean 0, spread 1."""
    p = 0.99 - 0.01 * np.abs(rng.standard_normal(n))
    mean, variance = 0.99 - 0.01 * np.sqrt(2.0 / np.pi), 0.01**2 * (1.0 - 2.0 / np.pi)
    total = variance + (mean * (1.0 - mean) - variance) / N_SEQUENCES
    return (rng.binomial(N_SEQUENCES, p) / N_SEQUENCES - mean) / np.sqrt(total)


def played(x: np.ndarray, first: int, more: int, width: float, rule: str) -> tuple[float, float]:
    """Return how often the interval has 0, and the mean number of repeats."""
    n_trials, most = x.shape
    n_used, half = np.zeros(n_trials, dtype=int), np.zeros(n_trials)
    was_narrow = np.zeros(n_trials, dtype=bool)
    for n in [*range(first, most, more), most]:
        at = first if rule == "Stein" else n
        wider = 1.0 + (rule in ("widened", "hidden")) / first
        quantile = stats.t.ppf(0.975, at - 1) * wider
        found = quantile * x[:, :at].std(axis=1, ddof=1) / np.sqrt(n)
        narrow = 2.0 * found <= width
        stops = (narrow & (was_narrow if rule == "twice" else True)) | (n == most)
        new = stops & (n_used == 0)
        n_used[new], half[new] = n, found[new] / (wider if rule == "hidden" else 1.0)
        was_narrow = narrow
    mean = np.cumsum(x, axis=1)[np.arange(n_trials), n_used - 1] / n_used
    return float((np.abs(mean) <= half).mean()), float(n_used.mean())


def main() -> None:
    """Print a table a kind of values."""
    for draw in (normal, near_one, skewed):
        print(f"\n{draw.__name__}: least coverage over widths; mean repeats where 16, 32 would do")
        for shape in SHAPES:
            for rule in RULES:
                rng = np.random.default_rng(1)
                x = draw(rng, N_TRIALS * shape[2]).reshape(N_TRIALS, shape[2])
                found = {
                    n: played(x, shape[0], shape[1], 2.0 * 1.96 / np.sqrt(n), rule) for n in IDEAL
                }
                worst = min(found, key=lambda n, found=found: found[n][0])
                print(
                    f"{shape!s:14} {rule:8} {found[worst][0]:.3f} (at {worst:2})"
                    f"  {found[16][1]:5.1f} {found[32][1]:5.1f}"
                )


if __name__ == "__main__":
    main()
