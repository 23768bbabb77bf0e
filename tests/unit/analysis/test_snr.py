"""SNR of kernels: what a device does not have makes no noise; JSON; the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aimc_sim import load_chip, load_model, map_model, program
from aimc_sim.analysis import snr_monte_carlo
from aimc_sim.analysis.device_moments import device_moments
from aimc_sim.analysis.effective import Codes, analog_codes
from aimc_sim.analysis.kernel_errors import KernelErrors, kernel_errors_of
from aimc_sim.analysis.lyapunov import energy
from aimc_sim.analysis.snr import difference, layer_snr
from aimc_sim.analysis.snr_monte_carlo import static_mean
from aimc_sim.crossbar.targets import target_S
from aimc_sim.devices.taox import TaoxDevice
from aimc_sim.model.layers import S4D
from tests.unit.cli_case import CHIPS, make_case, one_line

ROOT = Path(__file__).resolve().parents[3]


def errors_of(mapping: str, **changes: Any) -> tuple[S4D, KernelErrors]:
    """The errors of the first S4D layer of the digits model."""
    model = load_model(ROOT / "examples/models/digits.npz")
    chip = load_chip(
        CHIPS / "pcm_256.yaml",
        {"hardware.mapping.s4d": mapping, "hardware.mapping.allow_narrow_state": True} | changes,
    )
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=1)
    moments = device_moments(tiles, 0.0)
    for layer, plan in zip(model.layers, tiles.plan.layers, strict=True):
        if isinstance(layer, S4D):
            return layer, kernel_errors_of(layer, plan, model, tiles, 0.0, moments)
    raise AssertionError("the model has S4D layers")


@pytest.mark.parametrize("mapping", ["hybrid", "split", "fused"])
def test_an_ideal_device_leaves_rounding_alone(mapping: str) -> None:
    layer, errors = errors_of(mapping, **{"hardware.device": "ideal"})
    for name in ("A", "B", "C"):
        np.testing.assert_allclose(
            getattr(errors.mean, name), getattr(errors.exact, name), rtol=1e-9, atol=1e-12
        )
        assert not getattr(errors.static, name).any()
        assert not getattr(errors.per_read, name).any()
    snr = layer_snr(layer, errors, 100.0)
    assert (snr.modes.static <= 1e-12 * snr.modes.signal).all()
    assert (snr.channels.per_read >= 1.0 / 12.0).all()


def test_A_is_exact_where_it_is_digital() -> None:
    layer, errors = errors_of("hybrid")
    assert not errors.static.A.any()
    assert errors.static.B.any()
    snr = layer_snr(layer, errors, 100.0)
    assert snr.is_in_range.all()
    assert snr.is_stable.all()


def test_power_scales_signal_and_static_errors_alike() -> None:
    layer, errors = errors_of("split")
    one, four = (layer_snr(layer, errors, power) for power in (100.0, 400.0))
    np.testing.assert_allclose(four.modes.signal, 4.0 * one.modes.signal, rtol=1e-9)
    np.testing.assert_allclose(four.modes.dB("static"), one.modes.dB("static"), rtol=1e-9)
    known = one.modes.signal > 0.0
    assert (four.modes.dB("per_read") > one.modes.dB("per_read"))[known].all()


def test_double_spread_of_writing_is_six_decibels() -> None:
    quiet = {"hardware.effects.flicker_frozen": False, "hardware.effects.flicker_correlated": False}
    found = []
    for factor in (0.01, 0.02):
        sigma = [factor * c for c in (0.26348e-6, 1.9650e-6, -1.1731e-6)]
        changes = {"hardware.device.sigma_coefficients_S": sigma, "hardware.effects.drift": False}
        _, errors = errors_of("split", **changes, **quiet)
        spread = [getattr(errors.static, name) for name in ("A", "B", "C")]
        found.append(spread)
    for one, two in zip(*found, strict=True):
        keep = one > 1e-3 * one.max()
        np.testing.assert_allclose((two / one)[keep], 4.0, rtol=0.02)


@pytest.mark.parametrize("mapping", ["split", "fused"])
def test_variances_are_those_of_programmed_chips(mapping: str) -> None:
    """The median over elements of a sample variance of 60 chips is known to about 1 %."""
    model = load_model(ROOT / "examples/models/digits.npz")
    effects = {"flicker_frozen": False, "flicker_correlated": False}
    chip = load_chip(
        CHIPS / "pcm_256.yaml",
        {"hardware.mapping.s4d": mapping, "hardware.mapping.allow_narrow_state": True,
         **{f"hardware.effects.{name}": on for name, on in effects.items()}},
    )  # fmt: skip
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=2, n_chips=60)
    layer, plan = next(
        (layer, plan)
        for layer, plan in zip(model.layers, tiles.plan.layers, strict=True)
        if isinstance(layer, S4D)
    )
    moments = device_moments(tiles, 0.0)
    errors = kernel_errors_of(layer, plan, model, tiles, 0.0, moments)
    drawn = analog_codes(layer, plan, model, tiles, 0.0).scaled(layer)
    for name in ("A", "B", "C"):
        ratio = getattr(drawn, name).var(axis=0, ddof=1) / getattr(errors.static, name)
        # a sample variance of 60 has its median at 0.989 of its mean
        assert np.median(ratio) == pytest.approx(0.989, abs=0.05), name
        off = (getattr(drawn, name).mean(axis=0) - getattr(errors.mean, name)) ** 2
        assert np.mean(off / getattr(errors.static, name)) == pytest.approx(1.0 / 60, rel=0.25)


def test_a_device_with_levels_is_written_to_the_nearest_one() -> None:
    """Between two levels nothing is interpolated: each target has its own level."""
    model = load_model(ROOT / "examples/models/digits.npz")
    chip = load_chip(CHIPS / "rram_64.yaml", {"hardware.device.sigma_write_S": 0.0})
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=1)
    moments, device = device_moments(tiles, 0.0), chip.hardware.device
    assert isinstance(device, TaoxDevice)
    for m in tiles.plan.matrices:
        target = target_S(m, m.tiles[0], chip.hardware)
        np.testing.assert_allclose(moments.mean(target), device.nearest_level(target), rtol=1e-12)
        assert not moments.static(target).any()


def test_spreads_of_B_and_C_together_are_in_it() -> None:
    """With A exact, the error is known to every order: drawn kernels have that mean square."""
    layer, errors = errors_of("hybrid")
    A, B, C = errors.exact.A, errors.exact.B, errors.exact.C
    spread = [np.full_like(v, np.square(v).mean()) for v in (B, C)]
    errors = replace(errors, mean=errors.exact, static=Codes(np.zeros_like(A), *spread))
    found = layer_snr(layer, errors, 1.0).modes.static
    rng, n = np.random.default_rng(5), 4000
    drawn = Codes(
        A,
        *(
            v + np.sqrt(s) * rng.standard_normal((n, *v.shape))
            for v, s in zip((B, C), spread, strict=True)
        ),
    )
    squares = energy(*difference(errors.exact, drawn))
    known = squares.mean(axis=0)
    error = squares.std(axis=0) / np.sqrt(n)
    assert (np.abs(found - known) < 6.0 * error).all()


def test_a_pole_outside_is_infinite_and_warns_of_nothing() -> None:
    layer, errors = errors_of("hybrid", **{"hardware.device": "ideal"})
    mean = replace(errors.mean, A=1.1 * errors.mean.A)
    outside = np.abs(np.linalg.eigvals(mean.A)).max(axis=-1) >= 1.0
    assert outside.any()
    found = layer_snr(layer, replace(errors, mean=mean), 100.0).modes
    driven = outside & (found.signal > 0.0)
    assert np.isinf(found.static[driven]).all()


def test_chips_in_parts_are_the_same_chips(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(ROOT / "examples/models/digits.npz")
    chip = load_chip(CHIPS / "pcm_256.yaml")
    tiles = program(map_model(model, chip.hardware), chip.hardware, seed=1)
    powers = {layer.name: 100.0 for layer in model.layers if isinstance(layer, S4D)}
    whole = static_mean(model, tiles, 0.0, powers, 5, seed=3)
    monkeypatch.setattr(snr_monte_carlo, "PART", 2)
    parts = static_mean(model, tiles, 0.0, powers, 5, seed=3)
    for name, found in whole.items():
        np.testing.assert_allclose(found, parts[name], rtol=1e-12)


@pytest.mark.parametrize("mapping", ["hybrid", "split"])
def test_the_command_tells_layers_and_writes_json(tmp_path: Path, mapping: str) -> None:
    case = make_case(tmp_path)
    files = (tmp_path / "model.npz", "--chip", CHIPS / "pcm_256.yaml")
    words = ("study", "snr", *files, "--data", tmp_path / "data.npz")
    allow = ("--set", "hardware.mapping.allow_narrow_state=true", "--mapping", mapping)
    done = case.call(*words, *allow, "--monte-carlo", 5, "--draws", 5, "--plot", tmp_path / "s.svg")
    assert done.exit_code == 0, done.output
    assert "off by" in done.stdout
    assert (tmp_path / "s.svg").read_text().startswith("<?xml")
    tree = json.loads(case.call(*words, *allow, "--monte-carlo", 0, "--json", "-").stdout)
    (layer,) = tree["layers"].values()
    assert layer["channels"][0]["measured_dB"] is None
    assert "monte_carlo_static_dB" not in layer["modes"][0]
    again = json.loads(case.call(*words, *allow, "--monte-carlo", 0, "--json", "-").stdout)
    assert again == tree
    (tmp_path / "snr.json").write_text(json.dumps(tree))
    page = tmp_path / "snr.html"
    done = case.call("report", tmp_path / "snr.json", "-o", page)
    assert done.exit_code == 0, done.output
    assert "SNR of the kernels on pcm_256" in page.read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--limit", 0), "--limit: found 0"),
        (("--monte-carlo", -1), "--monte-carlo: found -1"),
        (("--draws", 0), "--draws: found 0"),
        (("--after", "soon"), "--after: found 'soon'"),
        (("--plot", "x.gif"), "--plot x.gif: expected"),
    ],
)
def test_what_is_refused(tmp_path: Path, words: tuple[object, ...], says: str) -> None:
    case = make_case(tmp_path)
    files = (tmp_path / "model.npz", "--chip", CHIPS / "pcm_256.yaml")
    result = case.call("study", "snr", *files, "--data", tmp_path / "data.npz", *words)
    assert says in one_line(result)
