"""What each choice costs on `pcm_256` as shipped: energy, area, products, calibration.

    python examples/analog_recurrence/costs.py            # a minute
    python examples/analog_recurrence/costs.py --table

Costs follow from what is done, not from how well: ten sequences on one chip, without read noise.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

from choices import ANALOG_GAINS, CHOICES, HYBRID, HYBRID_GAINS, Choice
from command import conduct
from measure import accuracy_on_chips
from rows import Rows
from survey import DATA, MODEL, QUIET

RESULTS = pathlib.Path(__file__).parent / "results" / "costs.jsonl"
N_SEQUENCES = 10
CASES: tuple[tuple[Choice, int], ...] = (
    *((choice, 1) for choice in CHOICES),
    (ANALOG_GAINS, 1),
    (ANALOG_GAINS, 4),
    (HYBRID, 1),
    (HYBRID_GAINS, 1),
    (HYBRID_GAINS, 2),
    (HYBRID_GAINS, 4),
)


def measured(rows: Rows, choice: Choice, copies: int) -> None:
    """Measure a case if it is not there."""
    as_shipped = ("hardware.adc.bits", "hardware.calibration.kind")
    quiet = {name: value for name, value in QUIET.items() if name not in as_shipped}
    changes = {**quiet, **choice.changes(copies)}
    of = {"choice": choice.name, "devices a weight": copies, "n": N_SEQUENCES}
    rows.measured(
        of, lambda: accuracy_on_chips(MODEL, DATA, changes, n_sequences=N_SEQUENCES, n_chips=1)
    )


def table(rows: Rows) -> Iterator[str]:
    """Yield a line a case."""
    yield (
        "| choice | devices a side | energy a step | area | tiles | conversions a step |"
        " kbit products a step | calibration, once: reads | energy | time |"
    )
    yield "|---" * 10 + "|"
    for row in rows.found.values():
        of = row["of"]
        yield (
            f"| {of['choice']} | {of['devices a weight']} |"
            f" {row['energy_per_step_J'] * 1e9:.1f} nJ | {row['area_m2'] * 1e6:.2f} mm² |"
            f" {row['n_tiles']} | {row['conversions_per_step']:,.0f} |"
            f" {row['multiplier_bit_products_per_step'] / 1e3:,.0f} |"
            f" {row['calibration_reads']:,.0f} | {row['calibration_J'] * 1e6:.2f} µJ |"
            f" {row['calibration_s'] * 1e3:.1f} ms |"
        )


if __name__ == "__main__":
    conduct(__doc__, RESULTS, CASES, measured, table)
