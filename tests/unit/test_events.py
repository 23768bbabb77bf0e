"""Events: exact, addable, closed over one table of actions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimc_sim.events import ACTIONS, ArrayReads, Events, sum_events

COUNTED = [action for action in ACTIONS if action != "crossbar.x2"]
KEYS = st.tuples(
    st.sampled_from(["encoder", "s4d0", "head"]), st.integers(-1, 3), st.sampled_from(COUNTED)
)
ROWS = {("s4d0", 0): (1.0e-5, 2.0e-5), ("head", 1): (3.0e-6,)}


@st.composite
def reads(draw: st.DrawFn) -> dict[tuple[str, int, int, str], ArrayReads]:
    """Array reads of two tiles, the conductances of which depend on tile and epoch only."""
    out = {}
    for (layer, tile), row in ROWS.items():
        for epoch in draw(st.lists(st.sampled_from(["0s", "1d"]), unique=True)):
            x2 = tuple(draw(st.integers(0, 2**70)) for _ in row)
            out[layer, tile, 0, epoch] = ArrayReads(x2, tuple(g + len(epoch) for g in row), 0.1)
    return out


EVENTS = st.builds(Events, st.dictionaries(KEYS, st.integers(0, 2**70)), reads())


@given(a=EVENTS, b=EVENTS, c=EVENTS)
def test_addition_is_exact_commutative_and_associative(a: Events, b: Events, c: Events) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Events() == a
    for action in ACTIONS:
        assert (a + b).total(action) == a.total(action) + b.total(action)


@given(parts=st.lists(EVENTS, max_size=5))
def test_sum_and_summaries_agree(parts: list[Events]) -> None:
    total = sum_events(parts)
    assert total.by_action() == {
        action: sum(part.total(action) for part in parts) for action in ACTIONS
    }
    by_layer = total.by_layer()
    for action in COUNTED:
        assert sum(row.get(action, 0) for row in by_layer.values()) == total.total(action)


@given(a=EVENTS, b=EVENTS)
def test_addition_changes_neither_term(a: Events, b: Events) -> None:
    counts, arrays = dict(a.counts), dict(a.arrays)
    _ = a + b
    assert (a.counts, a.arrays) == (counts, arrays)


def test_by_action_lists_every_action_in_order() -> None:
    assert list(Events().by_action()) == list(ACTIONS)
    assert set(Events().by_action().values()) == {0}


def test_array_sums_are_counted_as_an_action() -> None:
    arrays = {
        ("s4d0", 0, 0, "0s"): ArrayReads((3, 4), (1.0, 2.0), 0.1),
        ("s4d0", 0, 1, "0s"): ArrayReads((5, 0), (1.0, 2.0), 0.1),
    }
    assert Events({}, arrays).total("crossbar.x2") == 12
    assert Events({}, arrays).by_action()["crossbar.x2"] == 12


def test_another_drift_epoch_is_another_entry() -> None:
    a = Events({}, {("s", 0, 0, "0s"): ArrayReads((1,), (1.0e-6,), 0.1)})
    b = Events({}, {("s", 0, 0, "1d"): ArrayReads((2,), (0.9e-6,), 0.1)})
    assert len((a + b).arrays) == 2
    same = Events({}, {("s", 0, 0, "0s"): ArrayReads((2,), (0.9e-6,), 0.1)})
    with pytest.raises(ValueError, match="drift epoch"):
        _ = a + same
    drive = Events({}, {("s", 0, 0, "0s"): ArrayReads((2,), (1.0e-6,), 0.2)})
    with pytest.raises(ValueError, match="drift epoch"):
        _ = a + drive


@pytest.mark.parametrize(
    ("key", "amount", "says"),
    [
        (("s", 0, "adc.convrt"), 1, "'adc.convrt' is not an action; known: dac.convert"),
        (("s", 0, "adc.convert"), 1.0, "integers"),
        (("s", 0, "adc.convert"), True, "integers"),
        (("s", 0, "adc.convert"), -1, "integers >= 0"),
        (("s", 0, "crossbar.x2"), 4, "`arrays`"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    key: tuple[str, int, str], amount: Any, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Events({key: amount})


@pytest.mark.parametrize("x2", [(1.0, 2), (-1, 2), (1,), (1, 2, 3)])
def test_array_sums_are_integers_one_a_wordline(x2: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"found|integers"):
        ArrayReads(x2, (1.0e-6, 2.0e-6), 0.1)


def test_an_unknown_action_has_no_total() -> None:
    with pytest.raises(ValueError, match="is not an action"):
        Events().total("adc.convrt")


def test_events_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Events().counts = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        ACTIONS["new.action"] = "x"  # type: ignore[index]


def test_the_table_holds_every_action_of_the_interfaces() -> None:
    """The list that later work builds on (docs: events); rows may be added, none taken away."""
    fixed = """dac.convert adc.convert adc.step crossbar.mvm crossbar.x2 line.switch
        sample_hold.hold mux.switch shift_add.op adder.add requant.op lut.read state.read_bit
        state.write_bit buffer.read_bit buffer.write_bit bus.bit program.set_pulse
        program.reset_pulse program.verify_read calibrate.read compensate.read control.step"""
    assert set(fixed.split()) <= set(ACTIONS)
    assert all(text and "\n" not in text for text in ACTIONS.values())
