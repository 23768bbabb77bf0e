"""The error budget: which runs it makes, that each is what it says, and its differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aimc_sim import load_chip, map_model, program, run
from aimc_sim.analysis import budget as budget_module
from aimc_sim.analysis.budget import Budget, error_budget
from aimc_sim.analysis.sources import EFFECTS, SOURCES, plan_like, sources_of, with_sources
from aimc_sim.hardware import Calibration, Effects, Timing
from aimc_sim.spec import InputError
from tests.laws.build import device_of, hardware_of, kernel_model, random_data

DAY_s = 86400.0
FLICKER = ("flicker_frozen", "flicker_correlated", "flicker_white")
NARROW = {"kind": "uniform", "bits": 6, "range": "two_norm"}
SLICED = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
TIMING = Timing(t_read_s=1.0e-7, t_step_s=1.0e-3)
MODEL = kernel_model(is_complex=True, n_states=(2, 1, 2))


def chip_of(device="pcm_joshi2020", **changes):
    """A chip of that device, converters ideal where nothing is asked for."""
    hardware = hardware_of(device_of(device), **changes).model_copy(update={"timing": TIMING})
    return load_chip("examples/chips/ideal.yaml").model_copy(update={"hardware": hardware})


def data_of(n=8, steps=12):
    return random_data(np.random.default_rng(3), MODEL, n, steps)


def budget_of(chip, **options):
    return error_budget(MODEL, chip, data_of(), build_seed=7, run_seed=11, n_chips=2, **options)


@pytest.fixture(scope="module")
def pcm() -> Budget:
    """A day old PCM chip with narrow converters."""
    return budget_of(chip_of(dac=SLICED, adc=NARROW), age_s=DAY_s)


def by_hand(sources, age_s=DAY_s):
    """The run of a chip that was written out with these sources, not made by `with_sources`."""
    hardware = hardware_of(
        device_of("pcm_joshi2020"),
        dac=SLICED if "dac" in sources else None,
        adc=NARROW if "adc" in sources else None,
    )
    timing = {
        "t_read_s": 1.0e-7,
        "t_step_s": map_model(MODEL, chip_of(dac=SLICED).hardware).t_step_s,
    }
    tree = hardware.model_dump() | {
        "effects": {name: name in sources for name in EFFECTS},
        "timing": timing,
    }
    hardware = type(hardware).model_validate(tree)
    tiles = program(map_model(MODEL, hardware), hardware, seed=7, n_chips=2)
    return run(MODEL, tiles, data_of(), seed=11, age_s=age_s)


def assert_is(measure, result):
    assert list(measure.per_chip) == result.accuracy_per_chip
    assert measure.agreement == result.agreement
    error = result.error_square.sum() / len(result.chips) / result.reference_square.sum()
    assert measure.error == pytest.approx(np.sqrt(error), rel=1e-12)


def test_all_on_is_the_run_itself(pcm):
    chip = chip_of(dac=SLICED, adc=NARROW)
    tiles = program(map_model(MODEL, chip.hardware), chip.hardware, seed=7, n_chips=2)
    assert_is(pcm.all_on, run(MODEL, tiles, data_of(), seed=11, age_s=DAY_s))
    assert pcm.all_on.error > 0.0
    assert not pcm.all_on.exact


def test_without_any_source_the_chip_is_the_reference(pcm):
    assert pcm.all_off.exact
    assert pcm.all_off.error == 0.0
    assert pcm.all_off.agreement == 1.0
    assert pcm.all_off.accuracy == pcm.reference


def test_every_row_is_the_chip_with_and_without_that_source(pcm):
    assert pcm.sources == ("programming", "drift", *FLICKER, "dac", "adc")
    for row in pcm.rows:
        assert_is(row.alone, by_hand({row.source}))
        assert_is(row.without, by_hand(set(pcm.sources) - {row.source}))


def test_the_time_between_steps_is_that_of_the_chip_in_every_run():
    """An ideal DAC reads fewer slices; 1/f noise must not see that as shorter steps."""
    device = device_of("pcm_joshi2020")
    timing = Timing(t_read_s=1.0e-3)
    hardware = hardware_of(device, dac=SLICED).model_copy(update={"timing": timing})
    chip = chip_of().model_copy(update={"hardware": hardware})
    (row,) = (r for r in budget_of(chip).rows if r.source == "dac")
    t_step_s = map_model(MODEL, hardware).t_step_s
    errors = []
    for stated_s in (t_step_s, None):
        timing = Timing(t_read_s=1.0e-3, t_step_s=stated_s)
        ideal = hardware_of(device).model_copy(update={"timing": timing})
        plan = map_model(MODEL, ideal)
        tiles = program(plan, ideal, seed=7, n_chips=2)
        errors.append(run(MODEL, tiles, data_of(), seed=11).error_square.sum())
    assert map_model(MODEL, hardware_of(device)).t_step_s < t_step_s
    assert errors[0] != errors[1]
    reference = run(MODEL, tiles, data_of(), seed=11).reference_square.sum()
    assert row.without.error**2 * 2 * reference == pytest.approx(errors[0], rel=1e-9)


def test_sources_do_what_their_names_say(pcm):
    error = {row.source: row.alone.error for row in pcm.rows}
    assert error["dac"] == 0.0  # slices are exact
    assert min(error[name] for name in ("programming", "drift", "adc")) > 0.0


def test_differences_are_taken_chip_by_chip(pcm):
    (row,) = (r for r in pcm.rows if r.source == "programming")
    cost, gain = pcm.cost(row), pcm.gain(row)
    for found, more, less in (
        (cost, pcm.all_off, row.alone),
        (gain, row.without, pcm.all_on),
    ):
        pairs = zip(more.per_chip, less.per_chip, strict=True)
        assert found["per_chip"] == [a - b for a, b in pairs]
    assert cost["mean"] == pytest.approx(pcm.all_off.accuracy - row.alone.accuracy)
    tree = pcm.to_json()
    assert tree["sources"]["programming"]["cost"] == cost
    assert tree["exact_without_sources"] is True
    assert list(tree["sources"]) == list(pcm.sources)


def test_rows_are_ranked_by_what_they_cost_alone(pcm):
    errors = [row.alone.error for row in pcm.ranked]
    assert errors == sorted(errors, reverse=True)
    assert "programming alone" in pcm._repr_html_()


def test_an_ideal_chip_has_nothing_to_tell():
    budget = budget_of(chip_of("ideal"))
    assert budget.rows == ()
    assert budget.all_on is budget.all_off
    assert budget.all_on.exact


def test_the_plan_given_is_kept():
    """Tiles numbered in another order draw other numbers; the budget must be of those."""
    chip = chip_of(adc=NARROW)
    plan = map_model(MODEL, chip_of(adc=NARROW, tile=(4, 12)).hardware)
    plan = plan_like(plan, MODEL, chip.hardware)
    assert len(plan.tiles) > len(map_model(MODEL, chip.hardware).tiles)
    tiles = program(plan, chip.hardware, seed=7, n_chips=2)
    assert_is(budget_of(chip, plan=plan).all_on, run(MODEL, tiles, data_of(), seed=11))


def test_without_labels_there_is_no_accuracy():
    data = replace(data_of(), labels=None)
    budget = error_budget(MODEL, chip_of(), data)
    row = budget.rows[0]
    assert (
        budget.cost(row) is budget.gain(row) is budget.all_on.accuracy is budget.reference is None
    )
    assert row.alone.to_json()["accuracy"] is None
    assert row.alone.error > 0.0


def test_every_run_is_told_once():
    told = []
    budget = budget_of(chip_of(adc=NARROW), age_s=DAY_s, progress=lambda *args: told.append(args))
    texts = list(dict.fromkeys(text for _, _, text in told))
    assert texts == [
        *(f"{name} alone" for name in budget.sources),
        *(f"without {name}" for name in budget.sources),
        "all on",
        "all off",
    ]
    done = [d for d, _, _ in told]
    assert done == sorted(done)
    assert len({every for _, every, _ in told}) == 1
    assert done[-1] == told[-1][1]


def test_two_names_of_one_chip_run_once():
    """With a single source, alone is all on, and without it is all off."""
    told = []
    budget = budget_of(chip_of("ideal", adc=NARROW), progress=lambda *args: told.append(args[2]))
    assert list(dict.fromkeys(told)) == ["all on", "all off"]
    assert budget.rows[0].alone is budget.all_on
    assert budget.rows[0].without is budget.all_off


def test_a_refused_run_is_named(monkeypatch):
    def refuse(*args, **options):
        raise InputError("too wide")

    monkeypatch.setattr(budget_module, "run", refuse)
    with pytest.raises(InputError, match=r"^budget, programming alone: too wide$"):
        budget_of(chip_of())


def test_an_age_at_which_the_device_is_not_known_is_refused():
    with pytest.raises(InputError, match="known at its measured read times only"):
        budget_of(chip_of("rram_wan2022"))


@pytest.mark.parametrize("source", SOURCES)
def test_one_source_is_left_on(source):
    hardware = with_sources(chip_of(dac=SLICED, adc=NARROW).hardware, {source})
    assert [name for name in EFFECTS if getattr(hardware.effects, name)] == [
        name for name in EFFECTS if name == source
    ]
    assert hardware.dac.kind == ("uniform" if source == "dac" else "ideal")
    assert hardware.adc.kind == ("uniform" if source == "adc" else "ideal")
    assert hardware.dac.v_read_V == 0.2


def test_what_the_chip_has_switched_off_stays_off():
    hardware = chip_of().hardware.model_copy(update={"effects": Effects(programming=False)})
    assert not with_sources(hardware, SOURCES).effects.programming
    plan = map_model(MODEL, hardware)
    assert "programming" not in sources_of(plan, MODEL, seed=7, age_s=DAY_s)


@pytest.mark.parametrize(
    ("device", "age_s", "expected"),
    [
        ("ideal", DAY_s, set()),
        ("pcm_joshi2020", 0.0, {"programming", *FLICKER}),
        ("pcm_joshi2020", DAY_s, {"programming", "drift", *FLICKER}),
    ],
)
def test_sources_are_those_that_the_device_has(device, age_s, expected):
    plan = map_model(MODEL, chip_of(device).hardware)
    assert set(sources_of(plan, MODEL, seed=7, age_s=age_s)) == expected


def test_faults_and_telegraph_noise_count_where_they_are_stated():
    source = {"cite": "a test", "grade": "assumed"}
    telegraph = {"share": 0.5, "relative_amplitude": 0.1, "tau_low_s": 1.0, "tau_high_s": 1.0}
    device = device_of(
        "ideal",
        faults={"stuck_off": {"rate": 0.1, "low_S": 0.0, "high_S": 0.0}, "source": source},
        telegraph={**telegraph, "source": source},
    )
    plan = map_model(MODEL, hardware_of(device))
    assert sources_of(plan, MODEL, seed=7, age_s=0.0) == ("faults", "telegraph")


def test_every_run_is_calibrated_where_the_hardware_asks_for_it():
    hardware = chip_of(adc=NARROW).hardware
    budgets = {}
    for kind in ("none", "global"):
        calibrated = hardware.model_copy(update={"calibration": Calibration(kind=kind)})
        chip = chip_of().model_copy(update={"hardware": calibrated})
        budgets[kind] = budget_of(chip, age_s=DAY_s)
    alone = {
        kind: next(r for r in budget.rows if r.source == "drift").alone.error
        for kind, budget in budgets.items()
    }
    assert alone["global"] < 0.7 * alone["none"]
