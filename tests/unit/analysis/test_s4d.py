"""Poles and kernels: against eigenvalues, a plain recurrence, and a device of known drift."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aimc_sim.analysis.effective import Codes, analog_codes, quantised_codes
from aimc_sim.analysis.impulse import kernel_errors, kernel_length, kernels
from aimc_sim.analysis.poles import block_poles, n_outside, trained_poles
from aimc_sim.analysis.s4d import s4d_pictures
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.tile import Correction
from aimc_sim.hardware import Calibration
from aimc_sim.mapping.fused import lead_of_input
from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.npz import load_model
from aimc_sim.spec import InputError
from tests.generate import KERNEL_ONLY, random_model
from tests.laws.build import device_of, hardware_of, kernel_model, program_model

MAPPINGS = ("hybrid", "split", "fused")
SLICED = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
DAY_s = 86400.0


def random_kernels(seed, **limits):
    return random_model(
        np.random.default_rng(seed), **KERNEL_ONLY, weight_bits=(8, 10), state_bits=(8, 16),
        max_channels=4, max_modes=4, **limits,
    )  # fmt: skip


def layer_of(model):
    return model.layers[0]


def codes_of(model, tiles, age_s=0.0, name=None):
    """Codes of the first chip; of every chip where a layer is named."""
    layer = model.by_name[name] if name else layer_of(model)
    plan = next(p for p in tiles.plan.layers if p.layer == layer.name)
    codes = analog_codes(layer, plan, model, tiles, age_s)
    return codes if name else Codes(codes.A[0], codes.B[0], codes.C[0])


def assert_equal(a, b, **tolerance):
    for name in ("A", "B", "C"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), err_msg=name, **tolerance)


def test_poles_of_blocks_are_their_eigenvalues():
    rng = np.random.default_rng(1)
    blocks = rng.normal(size=(3, 200, 2, 2))
    found = block_poles(blocks, np.ones(200))
    expected = np.linalg.eigvals(blocks)
    for pair, other in zip(found.reshape(-1, 2), expected.reshape(-1, 2), strict=True):
        np.testing.assert_allclose(np.sort_complex(pair), np.sort_complex(other), atol=1e-7)
    assert (abs(found.imag).max(axis=2) == 0).any()  # real pairs occur
    assert (abs(found.imag).max(axis=2) > 0).any()


def test_the_pole_that_was_meant_comes_first():
    model = kernel_model(is_complex=True)
    layer = layer_of(model)
    poles = layer.poles.copy()
    blocks = quantised_codes(layer).scaled(layer).A
    for sign in (1.0, -1.0):
        turned = np.where(sign > 0, poles, poles.conj())
        block = blocks if sign > 0 else blocks.swapaxes(-1, -2)
        found = block_poles(block, np.sign(turned.imag))
        np.testing.assert_allclose(found[:, 0], turned, rtol=1e-15)
        np.testing.assert_allclose(found[:, 1], turned.conj(), rtol=1e-15)


def test_modes_outside_are_counted_once():
    poles = np.array([[[0.5 + 0.9j, 0.5 - 0.9j], [0.6, 0.7]], [[1.2, 0.1], [0.0, -1.0]]])
    assert n_outside(poles).tolist() == [1, 2]


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("dac", [None, SLICED])
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
def test_an_ideal_device_has_the_codes(mapping, dac, subtraction):
    """Tied or not, complex or not, cut into pieces or not, with inputs that lead or not."""
    for seed in range(4):
        for is_complex, tied in ((True, True), (True, False), (False, True), (False, False)):
            model = random_kernels(seed, complex=is_complex, tied=tied)
            for tile in ((64, 64), (3, 10)):
                hardware = hardware_of(
                    device_of("ideal", g_min_S=1.0e-6), tile, dac=dac, s4d=mapping,
                    subtraction=subtraction, allow_narrow_state=True,
                )  # fmt: skip
                exact = quantised_codes(layer_of(model))
                assert_equal(codes_of(model, program_model(model, hardware)), exact, atol=1e-9)


def test_inputs_that_lead_are_weighed():
    """B stands 2^lead times smaller where its input is driven with a higher slice."""
    model = kernel_model(tied=True, is_complex=True)
    assert lead_of_input(layer_of(model), SLICED["bits"]) == 4
    hardware = hardware_of(dac=SLICED, s4d="fused")
    exact = quantised_codes(layer_of(model))
    assert_equal(codes_of(model, program_model(model, hardware)), exact, atol=1e-9)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_an_ideal_device_keeps_poles_and_kernels(mapping):
    model = random_kernels(2, complex=True)
    tiles = program_model(model, hardware_of(s4d=mapping), n_chips=2)
    picture = s4d_pictures(model, tiles, age_s=DAY_s)[layer_of(model).name]
    assert set(picture.stages) == {"programmed", "drifted"}
    for stage in picture.stages.values():
        np.testing.assert_allclose(np.nan_to_num(stage.error), 0.0, atol=1e-9)
        if mapping == "hybrid":
            assert stage.poles is None
        else:
            expected = np.broadcast_to(picture.quantised, (2, len(picture.quantised)))
            np.testing.assert_allclose(stage.poles[..., 0], expected, atol=1e-9)


def test_each_cell_is_that_of_its_weight():
    """A chip whose conductances differ cell by cell: what a read sums is what the codes say."""
    for mapping in ("split", "fused"):
        model = random_kernels(5, complex=True, tied=False)
        layer = layer_of(model)
        hardware = hardware_of(device_of("pcm_joshi2020"), (5, 12), s4d=mapping)
        tiles = program_model(model, hardware)
        plan = tiles.plan.layers[0]
        codes = codes_of(model, tiles, DAY_s)
        x = np.random.default_rng(0).integers(-9, 9, (layer.n_modes, 2)).astype(float)
        u = np.random.default_rng(1).integers(-9, 9, layer.n_out).astype(float)
        xA = np.einsum("np,npq->nq", x, codes.A).T.ravel()
        uB = (u[layer.channel_of_mode][:, None] * codes.B).T.ravel()
        xC = np.bincount(layer.channel_of_mode, (x * codes.C).sum(axis=1), minlength=layer.n_out)
        summed = dense_reads(plan, tiles, {"x": x.T.ravel(), "u": u}, DAY_s)
        np.testing.assert_allclose(summed["x", "x"], xA, rtol=1e-9)
        np.testing.assert_allclose(summed["u", "x"], uB, rtol=1e-9)
        np.testing.assert_allclose(summed["x", "y"], xC, rtol=1e-9)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_chips_stand_in_their_order(mapping):
    model = random_kernels(5, complex=True)
    hardware = hardware_of(device_of("pcm_joshi2020"), s4d=mapping)
    name = layer_of(model).name
    both = codes_of(model, program_model(model, hardware, n_chips=2, first_chip=3), name=name)
    for i in range(2):
        one = codes_of(model, program_model(model, hardware, first_chip=3 + i))
        A = both.A[0 if mapping == "hybrid" else i]
        assert_equal(Codes(A, both.B[i], both.C[i]), one, rtol=0)
    assert (both.B[0] != both.B[1]).any()


def dense_reads(plan, tiles, inputs, age_s):
    """What each input gives at each output, from the tiles laid out as one dense matrix."""
    out = {}
    for m in plan.matrices:
        dense = np.zeros((m.matrix.n_rows, m.matrix.n_cols))
        for tile in m.tiles:
            g_S, used = tiles.g_S(0, tile.tile_id, age_s), tile.used(m.matrix)
            full = m.matrix.full_of(tile.rows, tile.cols)
            window_S = tiles.hardware.device.g_max_S - tiles.hardware.device.g_min_S
            part = np.where(used, (g_S[..., 0] - g_S[..., 1]) * full / window_S, 0.0)
            np.add.at(dense, np.ix_(tile.rows, tile.cols), part)
        for i in m.matrix.inputs:
            for o in m.matrix.outputs:
                out[i.name, o.name] = inputs[i.name] @ dense[np.ix_(i.lines, o.lines)]
    return out


def plain_kernel(layer, n_steps):
    """Output codes of a complex recurrence after an impulse of one code, step by step."""

    def gain(requant):
        return np.broadcast_to(requant.m * 2.0 ** -requant.k.astype(float), (layer.n_out,))[
            layer.channel_of_mode
        ]

    B = layer.B_re + 1j * (0 if layer.B_im is None else layer.B_im)
    C = layer.C_re + 1j * (0 if layer.C_im is None else layer.C_im)
    twice = 2.0 if layer.is_complex else 1.0
    x, out = np.zeros(layer.n_modes, dtype=complex), np.zeros((layer.n_out, n_steps))
    for step in range(n_steps):
        x = layer.poles * x + B * gain(layer.requant_B) * (step == 0)
        y = twice * (C * gain(layer.requant_C) * x).real
        for mode, h in enumerate(layer.channel_of_mode):
            out[h, step] += y[mode]
    return out


@pytest.mark.parametrize("is_complex", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_the_kernel_is_the_recurrence_without_rounding(is_complex, seed):
    layer = layer_of(random_kernels(seed, complex=is_complex))
    found = kernels(layer, quantised_codes(layer), 40)
    np.testing.assert_allclose(found, plain_kernel(layer, 40), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("mapping", ["split", "fused"])
def test_a_common_drift_scales_every_pole(mapping, monkeypatch):
    """All conductances by one factor: A, B and C by that factor, the poles by it too."""
    model, nu = random_kernels(3, complex=True), 0.05
    device = device_of("ideal")
    factor = (1.0 + DAY_s) ** -nu

    def drift(self, state, t_s):
        return state.g_programmed_S * (1.0 + t_s) ** -nu

    monkeypatch.setattr(type(device), "drift", drift)
    tiles = program_model(model, hardware_of(device, s4d=mapping))
    (picture,) = s4d_pictures(model, tiles, age_s=DAY_s).values()
    drifted = picture.stages["drifted"].poles[0, :, 0]
    np.testing.assert_allclose(drifted, picture.quantised * factor, rtol=1e-9)
    powers = factor ** (np.arange(picture.kernels.shape[1]) + 2.0)
    np.testing.assert_allclose(
        picture.stages["drifted"].kernels[0], picture.kernels * powers, rtol=1e-7, atol=1e-12
    )
    assert np.nanmax(picture.stages["programmed"].error) < 1e-9


def test_programming_spreads_poles_and_some_leave_the_circle():
    model = load_model("examples/models/digits.npz")
    hardware = hardware_of(device_of("pcm_joshi2020"), (256, 256), s4d="split")
    tiles = program_model(model, hardware, n_chips=2)
    pictures = s4d_pictures(model, tiles)
    assert all(set(p.stages) == {"programmed"} for p in pictures.values())
    for picture in pictures.values():
        stage = picture.stages["programmed"]
        assert n_outside(picture.quantised[:, None]) == 0
        outside = n_outside(stage.poles)
        assert outside.tolist() == [
            int((abs(np.linalg.eigvals(blocks)) >= 1).any(axis=1).sum())
            for blocks in scaled_blocks(model, tiles, picture.layer)
        ]
        assert np.isfinite(stage.error).all()
        assert stage.error.min() > 0.01
        tree = picture.to_json()
        assert tree["stages"]["programmed"]["n_outside"] == outside.tolist()
    assert sum(n_outside(p.stages["programmed"].poles).sum() for p in pictures.values()) > 0


def scaled_blocks(model, tiles, name):
    return codes_of(model, tiles, name=name).scaled(model.by_name[name]).A


def test_the_length_of_a_kernel_is_four_time_constants():
    layer = layer_of(kernel_model(is_complex=False))
    slowest = 100 * 2 / 256
    assert kernel_length(layer) == max(int(np.ceil(4 / -np.log(slowest))), 8)
    model = load_model("examples/models/smnist784.npz")
    lengths = [kernel_length(s) for s in model.layers if s.kind == "s4d"]
    assert set(lengths) == {1024}


def test_a_kernel_that_grows_without_end_stays_a_number():
    layer = layer_of(kernel_model(is_complex=True))
    codes = quantised_codes(layer)
    found = kernels(layer, Codes(codes.A * 4.0, codes.B, codes.C), 1024)
    assert np.isfinite(found).all()
    assert np.isfinite(kernel_errors(found, kernels(layer, codes, 1024))).all()


def test_kernel_errors_are_relative_and_not_of_empty_channels():
    exact = np.array([[3.0, 4.0], [0.0, 0.0]])
    errors = kernel_errors(np.stack([exact, exact * 1.5]), exact)
    np.testing.assert_allclose(errors, [[0.0, np.nan], [0.5, np.nan]])


def test_poles_as_trained_are_near_those_of_the_codes():
    model = load_model("examples/models/digits.npz")
    checkpoint = load_checkpoint("examples/models/digits_float.safetensors")
    trained = trained_poles(model, checkpoint)
    layers = [layer for layer in model.layers if layer.kind == "s4d"]
    assert list(trained) == [layer.name for layer in layers]
    for layer in layers:
        step = 2.0 ** -(layer.bits["A"] - 1)
        assert abs(trained[layer.name] - layer.poles).max() < 2.0 * step
    with pytest.raises(InputError, match="S4D layers; the model has"):
        trained_poles(load_model("examples/models/smnist196.npz"), _cut(checkpoint))


def _cut(checkpoint):
    return replace(checkpoint, blocks=checkpoint.blocks[:1])


@pytest.mark.parametrize("mapping", ["split", "fused"])
@pytest.mark.parametrize("subtraction", ["before_adc", "after_adc"])
@pytest.mark.parametrize("kind", ["global", "per_bitline", "affine"])
def test_a_calibration_corrects_a_common_drift(mapping, subtraction, kind, monkeypatch):
    """Conductances that all shrink by one factor are put back by one gain, whatever its grain."""
    device = device_of("ideal")

    def drift(self, state, t_s):
        return state.g_programmed_S * (1.0 + t_s) ** -0.05

    monkeypatch.setattr(type(device), "drift", drift)
    model = random_kernels(3, complex=True, tied=True, readout="old")
    hardware = hardware_of(device, s4d=mapping, subtraction=subtraction)
    calibration = Calibration(kind=kind, n_patterns=64)
    hardware = hardware.model_copy(update={"calibration": calibration})
    tiles = calibrate(program_model(model, hardware, n_chips=2), age_s=DAY_s, seed=5)
    (picture,) = s4d_pictures(model, tiles, age_s=DAY_s).values()
    assert list(picture.stages) == ["programmed", "drifted", "corrected"]
    drifted, corrected = (picture.stages[name] for name in ("drifted", "corrected"))
    assert np.nanmin(drifted.error) > 0.2
    assert np.nanmax(corrected.error) < 0.02
    expected = np.broadcast_to(picture.quantised, (2, len(picture.quantised)))
    np.testing.assert_allclose(corrected.poles[..., 0], expected, atol=2e-3)


def test_gains_stand_at_their_columns():
    """Gains that differ from column to column scale the codes of their own column."""
    model = random_kernels(5, complex=True, tied=False)
    tiles = program_model(model, hardware_of(s4d="split"))
    m = tiles.plan.layers[0].matrices[0]
    gain = 1.0 + np.arange(m.matrix.n_cols)
    (tile,) = m.tiles
    corrections = {(0, tile.tile_id, "A"): Correction(gain, np.zeros_like(gain))}
    tiles = replace(tiles, corrections=corrections, calibrated_age_s=0.0)
    layer, plan = layer_of(model), tiles.plan.layers[0]
    exact = quantised_codes(layer)
    codes = analog_codes(layer, plan, model, tiles, 0.0, corrected=True)
    columns = np.arange(2 * layer.n_modes).reshape(layer.n_modes, 2)
    np.testing.assert_allclose(codes.A[0], exact.A * (1.0 + columns[:, None, :]), atol=1e-9)
    np.testing.assert_allclose(codes.B[0], exact.B, atol=1e-9)
