"""What each part of the noise, and each way to calibrate, is worth: one chip, 150 images.

    python examples/analog_recurrence/parts.py            # five minutes; --table prints the rows

The model trained against chips with A digital, seed 0, on the first chip of `held_out.py`, a day
old. One chip: it shows what matters, not how much on the average.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping

from choices import ANALOG_GAINS, HYBRID, HYBRID_GAINS, Choice
from command import conduct
from held_out import DATA
from measure import DAY_S, ZOO, classes_on_chip
from rows import Rows

RESULTS = pathlib.Path(__file__).parent / "results" / "parts.jsonl"
MODEL = ZOO / "noise_hybrid_seed0.npz"
IMAGES = range(150)
NOISE = {
    "frozen 1/f": ("flicker_frozen",),
    "correlated 1/f": ("flicker_correlated",),
    "white": ("flicker_white", "read_white"),
}
NOISE["any read noise"] = tuple(effect for effects in NOISE.values() for effect in effects)
CASES: tuple[tuple[Choice, int, str], ...] = (
    (HYBRID, 1, ""),
    (HYBRID_GAINS, 1, ""),
    (HYBRID_GAINS, 2, ""),
    (ANALOG_GAINS, 2, ""),
    *((ANALOG_GAINS, 2, without) for without in NOISE),
    (ANALOG_GAINS, 4, ""),
)


def measured(rows: Rows, choice: Choice, copies: int, without: str) -> None:
    """Measure a case if it is not there."""
    off = {f"hardware.effects.{effect}": False for effect in NOISE.get(without, ())}
    changes: Mapping[str, object] = {**choice.changes(copies), **off}
    of = {"choice": choice.name, "devices a weight": copies, "without": without}
    rows.measured(of, lambda: classes_on_chip(MODEL, DATA, changes, IMAGES, chip=0, age_s=DAY_S))


def table(rows: Rows) -> Iterator[str]:
    """Yield a line a case."""
    yield "| mapping | devices a side | without | accuracy |"
    yield "|---" * 4 + "|"
    for row in rows.found.values():
        of, (accuracy,) = row["of"], row["accuracy"]
        yield (
            f"| {of['choice']} | {of['devices a weight']} | {of['without']} |"
            f" {100 * accuracy:.1f} |"
        )


if __name__ == "__main__":
    conduct(__doc__, RESULTS, CASES, measured, table)
