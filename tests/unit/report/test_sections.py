"""Error budget, poles and kernels as tables and pictures."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from aimc_sim.analysis.s4d import s4d_pictures
from aimc_sim.analysis.s4d_drawn import chosen_channels
from aimc_sim.report.budget import budget_rows, budget_text, lost_and_won
from aimc_sim.report.figures_budget import budget_figure
from aimc_sim.report.figures_s4d import (
    MOST_POINTS,
    kernel_figure,
    pole_figure,
    sampled,
    time_constants,
)
from aimc_sim.report.sections import budget_figures, budget_table, s4d_figures, s4d_table
from tests.generate import KERNEL_ONLY, random_model
from tests.laws.build import device_of, hardware_of, program_model


def measure(accuracy: float | None, error: float, agreement: float = 0.9) -> dict[str, Any]:
    """One run of a budget."""
    shown = accuracy and {"mean": accuracy, "ci95": None, "per_chip": [accuracy]}
    return {"accuracy": shown, "agreement": agreement, "output_error": error}


def points(value: float, half: float | None = None) -> dict[str, Any]:
    """A difference with its interval."""
    ci95 = None if half is None else [value - half, value + half]
    return {"mean": value, "ci95": ci95, "per_chip": [value]}


BUDGET = {
    "n_sequences": 50,
    "reference": 0.9,
    "exact_without_sources": True,
    "all_on": measure(0.6, 0.5),
    "all_off": measure(0.9, 0.0),
    "sources": {
        "drift": {
            "alone": measure(0.7, 0.2), "cost": points(0.2, 0.01),
            "without": measure(0.65, 0.3), "gain": points(0.05),
        },
        "read_white": {
            "alone": measure(0.8, 0.4), "cost": points(0.1),
            "without": measure(0.55, 0.1), "gain": points(-0.05),
        },
    },
}  # fmt: skip


def pictures_of(mapping: str, **limits: Any) -> Any:
    model = random_model(
        np.random.default_rng(4), **KERNEL_ONLY, complex=True, weight_bits=(8, 8),
        state_bits=(8, 8), **limits,
    )  # fmt: skip
    tiles = program_model(model, hardware_of(device_of("pcm_joshi2020"), s4d=mapping), n_chips=5)
    return s4d_pictures(model, tiles, age_s=3600.0)


def test_what_a_source_costs_is_its_distance_from_the_ends() -> None:
    parts = lost_and_won(BUDGET)
    assert list(parts) == ["read_white", "drift"]  # the larger output error first
    assert parts["drift"] == pytest.approx((0.2, 0.05))
    assert parts["read_white"] == pytest.approx((0.1, -0.05))


def test_the_rows_of_a_budget() -> None:
    off, on, white, drift = budget_rows(BUDGET)
    assert off == ("no source", "90.00 %", "", "0.00 %", "", "", "")
    assert on[:4] == ("all sources", "60.00 %", "", "50.00 %")
    assert white == ("read_white", "80.00 %", "10.00", "40.00 %", "55.00 %", "-5.00", "10.00 %")
    assert drift[2] == "20.00 ± 1.00"
    assert "50 sequences" in budget_text(BUDGET)
    assert "equals the integer reference" in budget_text(BUDGET)
    assert "differs" in budget_text({**BUDGET, "exact_without_sources": False})


def test_without_labels_agreement_is_told() -> None:
    unlabelled = {
        **BUDGET,
        "all_on": measure(None, 0.5, 0.7),
        "all_off": measure(None, 0.0, 1.0),
        "sources": {
            "drift": {"alone": measure(None, 0.2, 0.8), "cost": None,
                      "without": measure(None, 0.1, 0.95), "gain": None}
        },
    }  # fmt: skip
    assert "agreement" in budget_text(unlabelled)
    assert lost_and_won(unlabelled)["drift"] == pytest.approx((0.2, 0.25))
    assert "agreement [percentage points]" in budget_figure(unlabelled).svg()


def test_the_budget_is_a_picture_and_a_table() -> None:
    (figure,) = budget_figures({"budget": BUDGET})
    assert figure.title == "Error budget"
    assert figure.svg().index("read white") < figure.svg().index("drift")
    assert "same random draws" in figure.text
    assert figure.csv().startswith("source,lost_with_it_alone,won_without_it\nread_white,0.0999")
    table = budget_table({"budget": BUDGET})
    assert table is not None
    assert [row[0] for row in table.rows] == ["no source", "all sources", "read_white", "drift"]
    assert budget_figures({"budget": None}) == []
    assert budget_table({"budget": None}) is None
    assert budget_figures({"budget": {**BUDGET, "sources": {}}}) == []


@pytest.mark.parametrize("mapping", ["hybrid", "split", "fused"])
def test_every_layer_has_two_pictures(mapping: str) -> None:
    pictures = pictures_of(mapping)
    found = s4d_figures(pictures)
    assert [figure.title for figure in found] == ["Poles of s4d0", "Kernels of s4d0"]
    poles, kernels, text = found[0].svg(), found[1].svg(), found[0].text
    assert ("digital" in text) == (mapping == "hybrid")
    assert ("programmed" in poles) == (mapping != "hybrid")
    assert "drifted, 1h" in kernels
    assert "var(--main)" in poles + kernels
    assert not re.search("#010203|#040506|#070809|#0a0b0c|#0d0e0f", poles + kernels)


def test_the_table_of_layers_counts_modes_outside() -> None:
    trees = {m: {n: p.to_json() for n, p in pictures_of(m).items()} for m in ("hybrid", "split")}
    for mapping, poles in trees.items():
        table = s4d_table({"poles": poles})
        assert table is not None
        ((name, modes, quantised, programmed, *_),) = table.rows
        stage = poles[name]["stages"]["programmed"]
        assert (modes, quantised) == (str(poles[name]["n_modes"]), "0")
        expected = "–" if mapping == "hybrid" else f"{sum(stage['n_outside']) / 5:g}"
        assert programmed == expected
    assert s4d_table({"poles": None}) is None


def test_a_layer_without_modes_is_drawn() -> None:
    (picture,) = pictures_of("split", max_modes=1, max_channels=1).values()
    assert len(chosen_channels(picture)) <= 1
    assert pole_figure(picture).svg().startswith("<svg")
    assert kernel_figure(picture).svg().startswith("<svg")


def test_channels_are_chosen_by_their_error() -> None:
    (picture,) = pictures_of("split", max_channels=6).values()
    error = list(picture.stages.values())[-1].per_channel
    chosen = chosen_channels(picture)
    assert error[chosen["largest"]] == np.nanmax(error)
    assert list(dict.fromkeys(chosen.values())) == list(chosen.values())


def test_a_page_draws_a_bounded_number_of_poles() -> None:
    for n in (1, MOST_POINTS, MOST_POINTS + 1, 10_000):
        assert 0 < len(np.zeros(n)[sampled(np.zeros(n))]) <= MOST_POINTS


def test_time_constants_are_those_of_the_magnitude() -> None:
    found = time_constants(np.array([np.exp(-0.1) * 1j, 0.0, 1.1]))
    np.testing.assert_allclose(found, [10.0, 0.0, np.nan])
