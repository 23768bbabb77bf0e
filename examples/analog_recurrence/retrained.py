"""How much write noise is borne after training against chips, and with several devices a weight.

    python examples/analog_recurrence/retrained.py            # goes on where it was stopped
    python examples/analog_recurrence/retrained.py --table    # the table, from the rows kept

The survey's measurement (`survey.py`: nothing errs but writing) on PCM, for models that were
trained against noisy chips, and with four devices on each side of a weight. What counts as lost is
the same as there: two points less than the bundled model has as exact integers.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

from choices import BEST, CHOICES, HYBRID, Choice
from command import conduct
from measure import ZOO, accuracy_on_chips, reference_accuracy
from rows import Rows
from survey import DATA, LOST, MODEL, QUIET, written_with
from tolerable import curves, tolerable

from aimc_sim.study.student import mean_of

RESULTS = pathlib.Path(__file__).parent / "results"
DEVICE = "pcm_joshi2020"
FACTORS = tuple(2.0**k for k in range(-2, 5))
N_CHIPS, N_SEQUENCES = 4, 200
FLOAT_DERIVED = "ptq8_seed0"
CASES: tuple[tuple[Choice, str, int], ...] = (
    (BEST, FLOAT_DERIVED, 4),
    (BEST, "noise_hybrid_seed0", 1),
    (BEST, "noise_hybrid_seed0", 4),
    (BEST, "noise_analog_seed0", 1),
    (HYBRID, FLOAT_DERIVED, 4),
    (HYBRID, "noise_hybrid_seed0", 1),
    (HYBRID, "noise_hybrid_seed0", 4),
)


def measured(rows: Rows, choice: Choice, model: str, copies: int) -> None:
    """Measure a case against growing spreads, until `LOST` is lost."""
    best = 0.0
    for factor in FACTORS:
        of = {
            "choice": choice.name,
            "device": DEVICE,
            "factor": factor,
            "n": N_SEQUENCES,
            "chips": N_CHIPS,
            "model": model,
            "devices a weight": copies,
        }

        def found(factor: float = factor) -> dict[str, Any]:
            changes = {**written_with(DEVICE, factor), **QUIET, **choice.changes(copies)}
            path = ZOO / f"{model}.npz"
            return accuracy_on_chips(path, DATA, changes, n_sequences=N_SEQUENCES, n_chips=N_CHIPS)

        accuracy = mean_of(rows.measured(of, found)["accuracy"])
        best = max(best, accuracy)
        if accuracy < best - LOST:
            return


def table(rows: Rows) -> Iterator[str]:
    """Yield what each case bears, and how many times what the direct form bears untrained."""
    survey = list(Rows(RESULTS / "survey.jsonl").found.values())
    reference = reference_accuracy(MODEL, DATA, survey[0]["of"]["n"])
    direct = tolerable(curves(survey, DEVICE)[CHOICES[0].name], reference)
    yield "| choice | model | devices a side | spread borne (device model = 1) | times direct |"
    yield "|---" * 5 + "|"
    for choice, model, copies in CASES:
        wanted = {"choice": choice.name, "model": model, "devices a weight": copies}
        own = [row for row in rows.found.values() if wanted.items() <= row["of"].items()]
        if not own:
            continue
        found = tolerable(curves(own, DEVICE)[choice.name], reference)
        more = ">= " if found.is_bound else ""
        borne = f"{more}{found.value:.2g} [{found.low:.2g}, {found.high:.2g}]"
        times = f"{found.value / direct.value:.3g}"
        if found.is_lost:
            borne, times = f"some chip lost at {FACTORS[0]:g}", ""
        yield (f"| {choice.name} | `{model.rpartition('_')[0]}` | {copies} | {borne} | {times} |")


if __name__ == "__main__":
    conduct(__doc__, RESULTS / "retrained.jsonl", CASES, measured, table)
