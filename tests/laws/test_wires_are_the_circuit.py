"""Law 2 through whole reads: what a phase's converters see is what the circuit's nodes say.

The array is laid out here device by device, and solved at each drive as one sparse network, without
the reduction that reads use.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.nodal import solve
from aimc_sim.crossbar.read import bitline_currents
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.wires_newton import newton_currents
from aimc_sim.data import Data
from aimc_sim.hardware import Effects, Wires
from aimc_sim.mapping.support import check_supported
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError
from tests.laws.build import (
    assert_same,
    device_of,
    hardware_of,
    kernel_model,
    linear_model,
    program_model,
)
from tests.unit.rng_oracle import gaussians

RNG = np.random.default_rng(5)
WEIGHT = RNG.integers(-127, 128, (5, 4))
LINES = {"wordline_ohm": 3.0, "bitline_ohm": 2.0, "driver_ohm": 50.0, "sense_ohm": 20.0}
GAUSSIAN = device_of("gaussian", g_min_S=2.0e-6, g_max_S=180.0e-6, flicker_law=None)
V_READ = 0.2


def physical(m, tile, hardware, g_S):
    """Lay devices out one by one: conductances [row, line], and (row, line, place) of each."""
    layout, shape, offset = m.layout, hardware.tile, m.layout.has_reference
    sides, copies, slices = layout.n_sides, layout.n_copies, layout.n_slices
    pair_rows = (
        shape.pair == "unit_cell" and sides == 2 and hardware.mapping.subtraction == "before_adc"
    )
    at, rows_per = {}, 2 if pair_rows else 1
    for w, c, s, p, k in product(
        range(tile.n_wordlines), range(tile.n_columns + offset), range(slices), range(sides),
        range(copies),
    ):  # fmt: skip
        wordline = w if tile.wordline_at is None else int(tile.wordline_at[w])
        column = c
        if tile.column_at is not None and c < tile.n_columns:
            column = int(tile.column_at[c])
        if shape.pair == "bitlines":
            line = ((column * slices + s) * sides + p) * copies + k
        elif pair_rows or sides == 1:
            line = column * slices + s
        else:
            line = (column * slices + s) * sides + p
        row = wordline * rows_per + (p if pair_rows else 0)
        at[w, c, (s * sides + p) * copies + k] = row, line
    lines = 1 + max(line for _, line in at.values())
    array = np.zeros((shape.n_wordlines * rows_per, lines))
    for (w, c, d), (row, line) in at.items():
        array[row, line] += g_S[w, c, d]
    return array, at, rows_per


def by_hand(m, tile, hardware, g_S, drive_V):
    """Return plus minus minus of each column and slice [A or V]: (plus, minus) sums of lines."""
    array, at, rows_per = physical(m, tile, hardware, g_S)
    v_V = np.zeros(len(array))
    for w, v in enumerate(drive_V):
        row = at[w, 0, 0][0]
        v_V[row] = v
        if rows_per == 2:
            v_V[row + 1] = -v
    found = solve(array, hardware.wires, v_V).i_sense_A
    layout, out = m.layout, {}
    for c in range(tile.n_columns + layout.has_reference):
        for s in range(layout.n_slices):
            sides = []
            for p in range(layout.n_sides):
                lines = {at[0, c, (s * layout.n_sides + p) * layout.n_copies + k][1]
                         for k in range(layout.n_copies)}  # fmt: skip
                sides.append(sum(found[line] for line in lines))
            if rows_per == 2:
                sides = [sides[0], 0.0]
            out[c, s] = sides
    return out


def seen(hardware, model, x, chip_seed=3):
    """Return bound phase, plan, tile, and what its converters see for one input."""
    tiles = program_model(model, hardware, seed=chip_seed)
    (m, *_), phase = tiles.plan.matrices, tiles.plan.matrices[0].matrix.phases[0]
    bound = bind_phase(ReadSetting(tiles, 0, 0.0, 1), m, phase)
    read = bound.reads[0]
    i = bitline_currents(read, 0, x[:, read.gather], Address(np.array([0]), 0), "cell")
    return tiles, m, read, i[0]


CASES = [
    {"pair": pair, "subtraction": subtraction, "weights": weights, **order, "unused": "programmed"}
    for pair in ("bitlines", "unit_cell")
    for subtraction in ("before_adc", "after_adc")
    for weights in (
        {},
        {"encoding": "two_sided", "cell_bits": 3},
        {"encoding": "one_sided", "redundancy": 2},
        {"encoding": "offset_column", "cell_bits": (2, 4)},
    )
    for order in (
        {},
        {"wordline_order": "heavy_first", "column_order": "reversed"},
    )
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_currents_are_those_of_the_circuit(case):
    hardware = hardware_of(GAUSSIAN, (9, 60), wires=LINES, noise_form="cell", **case)
    check_supported(hardware)
    model = linear_model(WEIGHT)
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, m, read, i = seen(hardware, model, x)
    part, tile = read.slices[0], m.tiles[0]
    expected = by_hand(m, tile, hardware, tiles.g_S(0, 0), x[0] * part.v_lsb_V)
    step_S = m.steps_S(tile, GAUSSIAN.g_max_S - GAUSSIAN.g_min_S)[0]
    layout, n = m.layout, tile.n_columns
    unit = part.v_lsb_V * step_S * layout.n_copies
    cells = [(c, s) for s in range(layout.n_slices) for c in range(n)]
    plus = np.array([expected[c, s][0] / unit[c, s] for c, s in cells])
    if layout.has_reference:
        minus = np.array([expected[n, s][0] / unit[c, s] for c, s in cells])
        lone = np.array([expected[n, s][0] / unit[0, s] for s in range(layout.n_slices)])
    else:
        minus = lone = np.array([expected[c, s][1] / unit[c, s] for c, s in cells])
    before = case["subtraction"] == "before_adc"
    wanted = plus - minus if before else np.concatenate([plus, lone])
    ideal = seen(hardware.model_copy(update={"wires": None}), model, x)[3]
    assert np.abs(i - ideal).max() > 1.0  # wires matter here
    np.testing.assert_allclose(i, wanted, atol=1e-6 * np.abs(wanted).max())


@pytest.mark.parametrize("pair", ["bitlines", "unit_cell"])
def test_open_bitlines_settle_where_the_circuit_says(pair):
    options = {"pair": pair, "sensing": "voltage", "noise_form": "cell"}
    options |= {"subtraction": "after_adc" if pair == "bitlines" else "before_adc"}
    hardware = hardware_of(GAUSSIAN, (5, 60), wires=LINES, **options)
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, m, read, i = seen(hardware, linear_model(WEIGHT), x)
    g_S, tile, part = tiles.g_S(0, 0), m.tiles[0], read.slices[0]
    array, at, rows_per = physical(m, tile, hardware, g_S)
    v_V = np.zeros(len(array))
    v_V[::rows_per] = x[0] * part.v_lsb_V
    if rows_per == 2:
        v_V[1::2] = -x[0] * part.v_lsb_V
    open_ohm = 1.0e9  # more, and the sparse solution loses digits; it loads by 3e-6
    wires = hardware.wires.model_copy(update={"sense_ohm": open_ohm})
    open_V = solve(array, wires, v_V).i_sense_A * open_ohm
    asked_S = physical(m, tile, hardware, tiles.states[0, 0].g_target_S)[0].sum(axis=0)
    step_S = m.steps_S(tile, GAUSSIAN.g_max_S - GAUSSIAN.g_min_S)[0, :, 0]
    line = np.array([[at[0, c, p][1] for c in range(4)] for p in range(3 - rows_per)])
    wanted = (open_V * asked_S)[line] / (part.v_lsb_V * step_S)
    np.testing.assert_allclose(i, wanted.ravel(), atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("ends", [("one_end", "both_ends"), ("both_ends", "one_end")])
def test_unused_lines_are_part_of_the_wires(ends):
    wires = LINES | {"driven": ends[0], "sensed": ends[1]}
    hardware = hardware_of(GAUSSIAN, (9, 24), wires=wires, noise_form="cell")
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, m, read, i = seen(hardware, linear_model(WEIGHT), x)
    array = np.zeros((9, 24))
    array[:5, :8] = tiles.g_S(0, 0).reshape(5, 8)
    v_V = np.zeros(9)
    v_V[:5] = x[0] * read.slices[0].v_lsb_V
    found = solve(array, Wires.model_validate(wires), v_V).i_sense_A
    unit = read.slices[0].v_lsb_V * m.steps_S(m.tiles[0], GAUSSIAN.g_max_S - 2.0e-6)[0, :, 0]
    np.testing.assert_allclose(i, (found[:8:2] - found[1:8:2]) / unit, atol=1e-6 * np.abs(i).max())


def test_no_resistance_is_no_wire():
    for model in (linear_model(WEIGHT), kernel_model(is_complex=True)):
        x = np.full((1, 12), 90)
        bare = seen(hardware_of(GAUSSIAN, s4d="fused", noise_form="cell"), model, x)[3]
        for wires in ({}, {"capacitance_F": 1.0e-15}):
            hardware = hardware_of(GAUSSIAN, s4d="fused", noise_form="cell", wires=wires)
            np.testing.assert_array_equal(seen(hardware, model, x)[3], bare)
        off = hardware_of(GAUSSIAN, s4d="fused", wires=LINES, effects={"wires": False})
        np.testing.assert_array_equal(seen(off, model, x)[3], bare)


def test_what_does_not_combine_is_refused():
    noisy = device_of("pcm_joshi2020")
    with pytest.raises(InputError, match=r"noise_form.*one device moves all bitlines.*cell"):
        seen(hardware_of(noisy, wires=LINES), linear_model(WEIGHT), np.full((1, 5), 9))
    gate = LINES | {"topology": "gate_far_end", "source_line_ohm": 1.0}
    with pytest.raises(InputError, match=r"topology.*on or off.*unipolar"):
        program_model(linear_model(WEIGHT), hardware_of(GAUSSIAN, wires=gate))


def moved(hardware, deviation_S):
    """Return what converters see, and with each device moved by a deviation, and its reads."""
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, m, read, _ = seen(hardware, linear_model(WEIGHT), x)
    state = tiles.states[0, 0]
    quiet = replace(tiles, hardware=hardware.model_copy(update={"effects": SILENT}))
    found = []
    for g_S in (state.g_programmed_S, state.g_programmed_S + deviation_S):
        at = replace(quiet, states={(0, 0): replace(state, g_programmed_S=g_S)})
        bound = bind_phase(ReadSetting(at, 0, 0.0, 1), m, m.matrix.phases[0]).reads[0]
        drive = x[:, bound.gather]
        found.append(bitline_currents(bound, 0, drive, Address(np.array([0]), 0), "cell")[0])
    return found, read, x[:, read.gather].astype(np.float64)


SILENT = Effects.model_validate(
    dict.fromkeys(("read_white", "flicker_frozen", "flicker_correlated", "flicker_white"), False)
)
WHITE = device_of(
    "gaussian", g_min_S=2.0e-6, g_max_S=180.0e-6, flicker_law=None, drift_law=None,
    white_law={"sigma_S": 2.0e-7, "source": {"cite": "a spread to test with", "grade": "assumed"}},
)  # fmt: skip


@pytest.mark.parametrize("case", [
    {"pair": "bitlines"},
    {"pair": "bitlines", "subtraction": "after_adc", "sensing": "voltage"},
    {"pair": "unit_cell", "weights": {"redundancy": 2}},
    {"pair": "unit_cell", "sensing": "voltage"},
    {"pair": "unit_cell", "subtraction": "after_adc"},
    {"weights": {"encoding": "offset_column", "cell_bits": 4}, "unused": "programmed"},
], ids=str)  # fmt: skip
def test_noise_of_a_read_is_that_of_the_moved_circuit(case):
    """One draw of every device, through the tables, against the circuit with the devices moved."""
    exact = {"programming": False}
    hardware = hardware_of(WHITE, (5, 60), wires=LINES, noise_form="cell", effects=exact, **case)
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, _, read, noisy = seen(hardware, linear_model(WEIGHT), x)
    shape = tiles.states[0, 0].g_programmed_S.shape
    z = gaussians(read.slices[0].key, 0, 0, int(np.prod(shape))).astype(np.float64)
    (before, after), *_ = moved(hardware, 2.0e-7 * z.reshape(shape))
    change = after - before
    assert np.abs(change).max() > 5.0
    np.testing.assert_allclose(noisy - before, change, atol=0.02 * np.abs(change).max())


CURVED = device_of("rram_milo2021", g_min_S=62.5e-6, g_max_S=110.0e-6)


def test_curved_cells_are_solved_with_their_wires():
    hardware = hardware_of(CURVED, (5, 8), wires=LINES, noise_form="cell")
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, m, read, i = seen(hardware, linear_model(WEIGHT), x)
    g_S = tiles.g_S(0, 0).reshape(5, 8)
    found = newton_currents(
        g_S, *CURVED.nonlinearity(g_S), hardware.wires, x[0] * read.slices[0].v_lsb_V
    )
    step_S = m.steps_S(m.tiles[0], CURVED.g_max_S - CURVED.g_min_S)[0, :, 0]
    wanted = (found.i_sense_A[::2] - found.i_sense_A[1::2]) / (read.slices[0].v_lsb_V * step_S)
    np.testing.assert_allclose(i, wanted, atol=1e-8 * np.abs(wanted).max())
    straight = seen(
        hardware.model_copy(update={"effects": Effects(nonlinearity=False)}),
        linear_model(WEIGHT),
        x,
    )[3]
    assert np.abs(i - straight).max() > 1.0


@pytest.mark.parametrize("topology", ["gate_same_end", "gate_far_end"])
@pytest.mark.parametrize("device", [GAUSSIAN, CURVED], ids=["linear", "curved"])
def test_gates_are_solved_read_by_read(topology, device):
    wires = LINES | {"topology": topology, "source_line_ohm": 4.0}
    dac = {"kind": "uniform", "bits": 1, "v_read_V": V_READ, "polarity": "unipolar"}
    hardware = hardware_of(device, (5, 8), wires=wires, dac=dac, noise_form="cell")
    on = np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0]])
    tiles, m, read, _ = seen(hardware, linear_model(WEIGHT), np.pad(on[:1], ((0, 0), (0, 7))))
    g_S = tiles.g_S(0, 0).reshape(5, 8)
    at = Address(np.arange(2), 0)
    i = bitline_currents(read, 0, on, at, "cell")
    curves = device.nonlinearity(g_S)
    for row, seen_i in zip(on, i, strict=True):
        if curves is None:
            lines_A = solve(g_S, hardware.wires, row, V_READ).i_sense_A
        else:
            lines_A = newton_currents(g_S, *curves, hardware.wires, row, V_READ).i_sense_A
        step_S = m.steps_S(m.tiles[0], device.g_max_S - device.g_min_S)[0, :, 0]
        wanted = (lines_A[::2] - lines_A[1::2]) / (V_READ * step_S)
        np.testing.assert_allclose(seen_i, wanted, atol=1e-8 * max(np.abs(wanted).max(), 1.0))
    assert (i[1] == 0.0).all()


def test_reads_that_do_not_settle_are_refused():
    wires = LINES | {"capacitance_F": 1.0e-12, "settle_bits": 8}
    model = linear_model(WEIGHT)
    data = Data(np.ones((1, 2, 5), dtype=np.int64), np.array([2]))
    quick = hardware_of(
        GAUSSIAN, (5, 8), wires=wires, noise_form="cell", timing={"t_read_s": 1e-10}
    )
    with pytest.raises(InputError, match=r"tile 0: hardware.timing.t_read_s: found 1e-10 s.*%"):
        run(model, program_model(model, quick), data, seed=1)
    slow = hardware_of(GAUSSIAN, (5, 8), wires=wires, noise_form="cell", timing={"t_read_s": 1e-7})
    run(model, program_model(model, slow), data, seed=1)


def test_batches_and_sequences_change_nothing_through_wires():
    hardware = hardware_of(WHITE, (9, 12), wires=LINES, noise_form="cell", s4d="fused")
    model = kernel_model(is_complex=True)
    data = Data(np.random.default_rng(2).integers(-100, 100, (5, 4, 2)), np.array([4, 4, 3, 4, 2]))
    tiles = program_model(model, hardware)
    whole = run(model, tiles, data, seed=1, probes=("ssm", "ssm/x"))
    assert_same(run(model, tiles, data, seed=1, probes=("ssm", "ssm/x"), batch_size=1), whole)
    last = run(model, tiles, data.rows(3, 5), seed=1, probes=("ssm",))
    np.testing.assert_array_equal(last.probes["ssm"][:, 0], whole.probes["ssm"][:, 3])


def test_unused_lines_at_one_end_are_in_series():
    """Of a tile of 40 x 60, 5 wordlines and 8 bitlines are used; the rest is in the way."""
    hardware = hardware_of(GAUSSIAN, (40, 60), wires=LINES, noise_form="cell")
    x = np.array([[127, -90, 33, 0, -128]])
    tiles, m, read, i = seen(hardware, linear_model(WEIGHT), x)
    array, v_V = np.zeros((40, 60)), np.zeros(40)
    array[:5, :8] = tiles.g_S(0, 0).reshape(5, 8)
    v_V[:5] = x[0] * read.slices[0].v_lsb_V
    found = solve(array, hardware.wires, v_V).i_sense_A
    unit = read.slices[0].v_lsb_V * m.steps_S(m.tiles[0], GAUSSIAN.g_max_S - 2.0e-6)[0, :, 0]
    np.testing.assert_allclose(i, (found[:8:2] - found[1:8:2]) / unit, atol=1e-6 * np.abs(i).max())
