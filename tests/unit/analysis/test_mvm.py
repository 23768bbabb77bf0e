"""MVMs: the figures of known errors, exactness of ideal chips, and what the draws depend on."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from aimc_sim.analysis.mvm import measure_mvm, program_workload
from aimc_sim.analysis.mvm_exact import exact_outputs
from aimc_sim.analysis.mvm_figures import NAMES, mvm_figures
from aimc_sim.analysis.mvm_sweep import MvmSetting, sweep_mvm
from aimc_sim.analysis.mvm_workload import Workload, model_workload, random_workload
from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.spec import InputError
from tests.generate import random_batch, random_model
from tests.laws.build import device_of, hardware_of, kernel_model

UNIFORM_DAC = {"kind": "uniform", "bits": 4, "v_read_V": 0.2}
TELEGRAPH = {"relative_amplitude": 0.4, "tau_low_s": 30.0e-6, "tau_high_s": 10.0e-6,
             "source": {"cite": "a test", "grade": "assumed"}}  # fmt: skip
EIGHT_BITS = {"kind": "uniform", "bits": 8}


def noisy(**options: Any) -> Hardware:
    """A small chip with noise of every kind that PCM has."""
    return hardware_of(device_of("pcm_joshi2020"), (32, 32), adc=EIGHT_BITS, **options)


def network(seed: int = 3, **options: Any) -> tuple[Model, Data]:
    """A small S4D model and sequences for it."""
    rng = np.random.default_rng(seed)
    model = random_model(
        rng, n_blocks=2, encoder=True, decoder=True, complex=True, tied=True, residual=True,
        mixing=True, pool="mean", state_bits=(8, 8), weight_bits=(8, 8), activation_bits=(8, 8),
        **options,
    )  # fmt: skip
    x_code, lengths = random_batch(rng, model, 6, 20)
    return model, Data(x_code, lengths)


def figures_of(measure: Any) -> list[Any]:
    """All figures of a measurement, to compare."""
    return [(m.name, m.per_chip) for m in measure.matrices]


# -- figures


def test_a_known_error_has_known_figures() -> None:
    """y' = 0.9 y + 5, worked out by hand."""
    y = np.array([[100, -100], [50, -50]])
    found = mvm_figures(y, (9 * y) // 10 + 5, saturated=0.25)
    error = np.sqrt(((-10 + 5) ** 2 + (10 + 5) ** 2 + (-5 + 5) ** 2 + (5 + 5) ** 2) / 25000)
    assert found.eta == pytest.approx(error)
    assert found.enob == pytest.approx((-20 * math.log10(error) - 1.7609) / 6.0206, abs=1e-4)
    assert found.eta_per_vector == pytest.approx(
        (math.sqrt(250 / 20000) + math.sqrt(100 / 5000)) / 2
    )
    assert found.sigma == pytest.approx(np.std([-5, 15, 0, 10]) / 200)
    assert (found.gain, found.offset) == pytest.approx((0.9, 0.05))
    assert found.residual == pytest.approx(0.0, abs=1e-12)
    assert found.saturated == 0.25


def test_twelve_ideal_bits_have_twelve_effective_bits() -> None:
    """A sine over the whole range, rounded to 2^12 steps: what the definition is made for."""
    step = 1 << 16
    y = np.floor(2047.5 * step * np.sin(np.arange(20000.0))[None] + 0.5).astype(np.int64)
    rounded = np.floor(y / step + 0.5).astype(np.int64) * step
    found = mvm_figures(y, rounded)
    assert found.enob == pytest.approx(12.0, abs=0.05)


def test_no_error_and_no_output() -> None:
    y = np.array([[3, -4], [0, 0]])
    exact = mvm_figures(y, y)
    assert (exact.eta, exact.eta_per_vector, exact.enob) == (0.0, 0.0, None)
    assert (exact.gain, exact.offset, exact.residual) == (1.0, 0.0, 0.0)
    silent = mvm_figures(0 * y, y)
    assert {getattr(silent, name) for name in NAMES} == {None, 0.0}


def test_one_constant_output_has_a_gain() -> None:
    """No slope can be found: the line is y + offset."""
    found = mvm_figures(np.array([[5], [5]]), np.array([[6], [6]]))
    assert (found.gain, found.offset, found.residual) == (1.0, pytest.approx(0.2), 0.0)


# -- workloads


def test_random_codes_are_a_corner_of_larger_ones() -> None:
    small, large = random_workload(5, 3, 4, seed=2), random_workload(9, 7, 6, seed=2)
    weight = [w.model.by_name["random"].weight for w in (small, large)]  # type: ignore[union-attr]
    np.testing.assert_array_equal(weight[0], weight[1][:5, :3])
    u = [w.inputs["random"].u for w in (small, large)]
    np.testing.assert_array_equal(u[0], u[1][:4, :5])
    assert (random_workload(5, 3, 4, seed=3).inputs["random"].u != u[0]).any()


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("inputs", ["uniform", "normal"])
def test_random_codes_fill_their_range(bits: int, inputs: Any) -> None:
    work = random_workload(100, 40, 100, weight_bits=bits, input_bits=bits, inputs=inputs)
    weight, u = work.model.by_name["random"].weight, work.inputs["random"].u  # type: ignore[union-attr]
    top = (1 << (bits - 1)) - 1
    assert np.abs(weight).max() == top
    assert u.max() == top
    assert u.min() == (-top if inputs == "normal" else -top - 1)
    spread = top / 3 if inputs == "normal" else (1 << bits) / math.sqrt(12)
    if bits == 8:
        assert u.std() == pytest.approx(spread, rel=0.03)
        assert weight.std() == pytest.approx(top / 3, rel=0.03)


@pytest.mark.parametrize("readout", ["old", "new"])
@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
def test_a_models_vectors_are_those_of_its_reference(s4d: str, readout: str) -> None:
    """Run again step by step with the equations; every phase gets what the run would feed it."""
    model = kernel_model(readout=readout, tied=True, is_complex=True)
    layer = model.layers[0]
    assert isinstance(layer, S4D)
    rng = np.random.default_rng(1)
    x_code = rng.integers(-128, 128, (1, 40, model.n_input))
    work = model_workload(model, Data(x_code, np.array([40])), 30)
    from aimc_sim.model.equations import s4d_step

    x = np.zeros((1, 2, layer.n_modes), dtype=np.int64)
    history = []
    for t in range(40):
        _, x_new = s4d_step(layer, x_code[:, t], x)
        history.append((x_code[0, t], x.ravel(), x_new.ravel()))
        x = x_new
    for row in range(30):
        step = next(t for t in range(40) if (history[t][0] == work.inputs["ssm"].u[row]).all())
        np.testing.assert_array_equal(work.inputs["ssm"].x[row], history[step][1])
        np.testing.assert_array_equal(work.inputs["ssm"].x_new[row], history[step][2])
    hardware = hardware_of(None, (64, 64), s4d=s4d)
    for m in map_model(model, hardware).matrices:
        for phase in m.matrix.phases:
            inputs = work.of("ssm", phase)
            assert [codes.shape[1] for codes in inputs] == [
                len(m.matrix.input(name).lines) for name in phase.drives
            ]
            if "x" in phase.drives:
                late = phase.name == "C" and readout == "new"
                state = work.inputs["ssm"].x_new if late else work.inputs["ssm"].x
                assert inputs[phase.drives.index("x")] is state
            assert exact_outputs(m.matrix, phase, inputs).shape[0] == 30


def test_vectors_are_spread_over_sequences_and_steps() -> None:
    model, data = network()
    work = model_workload(model, data, 12)
    assert work.options["n_sequences"] == 6
    assert set(work.inputs) == {item.name for item in model.layers if hasattr(item, "requant")
                                or isinstance(item, S4D)} - {
        item.name for item in model.layers if item.kind == "glu"}  # fmt: skip
    assert {len(given.u) for given in work.inputs.values()} == {12}


def test_a_layer_without_matrix_is_refused() -> None:
    model, data = network()
    with pytest.raises(InputError, match="with matrices"):
        model_workload(model, data, 4, layer="pool")


# -- measurements


@pytest.mark.parametrize("s4d", ["hybrid", "split", "fused"])
@pytest.mark.parametrize("tied", [False, True])
def test_an_ideal_chip_has_no_error_at_all(s4d: str, tied: bool) -> None:
    model, data = network()
    if not tied:
        model = kernel_model(tied=False)
        x_code = np.random.default_rng(1).integers(-128, 128, (4, 9, model.n_input))
        data = Data(x_code, np.full(4, 9))
    work = model_workload(model, data, 16)
    measure = measure_mvm(work, hardware_of(None, (16, 16), dac=UNIFORM_DAC, s4d=s4d), n_chips=2)
    assert measure.matrices
    assert set(measure.values("eta")) == {0.0}
    assert set(measure.values("enob")) == {None}
    for m in measure.matrices:
        np.testing.assert_array_equal(m.exact, m.analog)


def test_figures_are_the_same_whatever_the_batch_and_the_chips() -> None:
    work = random_workload(32, 16, 30, seed=5)
    one = measure_mvm(work, noisy(), seed=5, n_chips=3, age_s=3600.0)
    two = measure_mvm(work, noisy(), seed=5, n_chips=3, age_s=3600.0, batch_size=7)
    assert figures_of(one) == figures_of(two)
    np.testing.assert_array_equal(one.matrices[0].analog, two.matrices[0].analog)
    fewer = measure_mvm(work, noisy(), seed=5, n_chips=2, age_s=3600.0)
    assert fewer.matrices[0].per_chip == one.matrices[0].per_chip[:2]
    assert one.values("eta") != measure_mvm(work, noisy(), seed=6, n_chips=3).values("eta")
    assert len(set(one.values("eta"))) == 3


def test_a_layer_alone_has_the_figures_it_has_among_others() -> None:
    model, data = network()
    every = {m.name: m for m in measure_mvm(model_workload(model, data, 16), noisy()).matrices}
    layer = next(item.name for item in model.layers if isinstance(item, S4D))
    alone = measure_mvm(model_workload(model, data, 16, layer=layer), noisy())
    assert [m.name for m in alone.matrices] == [f"{layer}/B", f"{layer}/C"]
    assert all(m.per_chip == every[m.name].per_chip for m in alone.matrices)


def test_saturation_is_the_share_of_conversions() -> None:
    work = random_workload(32, 16, 40, inputs="uniform")
    narrow = hardware_of(None, (32, 32), adc={**EIGHT_BITS, "range_factor": 0.1})
    found = measure_mvm(work, narrow).matrices[0].per_chip[0]
    assert 0.5 < found.saturated < 1.0
    assert found.gain < 0.6
    wide = hardware_of(None, (32, 32), adc={**EIGHT_BITS, "range": "worst_case"})
    assert measure_mvm(work, wide).values("saturated") == (0.0,)


@pytest.mark.parametrize("kind", ["none", "global", "affine"])
def test_a_chip_is_calibrated_where_it_asks_for_it(kind: str) -> None:
    work = random_workload(32, 16, 64)
    hardware = noisy(calibration={"kind": kind})
    gain = measure_mvm(work, hardware, age_s=86400.0).values("gain")[0]
    assert gain is not None
    assert gain < 0.9 if kind == "none" else gain > 0.9


def test_telegraph_noise_and_the_cell_form_are_read() -> None:
    """Switching devices of a chip stand at one level for all vectors; that is one more error."""
    work, found = random_workload(32, 16, 16), []
    for share in (0.0, 1.0):
        telegraph = {**TELEGRAPH, "share": share}
        device = device_of("pcm_joshi2020", telegraph=telegraph)
        hardware = hardware_of(device, (32, 32), adc=EIGHT_BITS, noise_form="cell")
        found.append(measure_mvm(work, hardware).values("eta")[0])
        assert figures_of(measure_mvm(work, hardware)) == figures_of(
            measure_mvm(work, hardware, batch_size=5)
        )
    assert None not in found
    assert found[1] > 1.1 * found[0]


def test_a_sweep_is_its_points() -> None:
    work, hardware = random_workload(32, 16, 16, seed=2), noisy()
    points = [MvmSetting(t, f"{t:g}s", work, hardware, t) for t in (0.0, 3600.0, 86400.0)]
    sweep = sweep_mvm("time", points, seed=2, n_chips=2)
    for (point, measure), age_s in zip(sweep.points, (0.0, 3600.0, 86400.0), strict=True):
        alone = measure_mvm(work, hardware, seed=2, n_chips=2, age_s=age_s)
        assert (point.age_s, figures_of(measure)) == (age_s, figures_of(alone))
    assert [p["label"] for p in sweep.to_json()["points"]] == ["0s", "3600s", "86400s"]


def test_more_bits_are_more_effective_bits() -> None:
    """Quantisation alone: about one effective bit a bit."""
    work = random_workload(64, 32, 64)
    enob = [
        measure_mvm(work, hardware_of(None, (64, 64), adc={"kind": "uniform", "bits": bits}))
        .values("enob")[0]
        for bits in (5, 6, 7)
    ]  # fmt: skip
    assert np.diff(np.array(enob, dtype=float)) == pytest.approx([1.0, 1.0], abs=0.1)


def test_tiles_that_are_there_are_used() -> None:
    work, hardware = random_workload(16, 8, 8), noisy()
    tiles = program_workload(work, hardware, seed=4)
    assert figures_of(measure_mvm(work, hardware, seed=4, tiles=tiles)) == figures_of(
        measure_mvm(work, hardware, seed=4)
    )


def test_a_notebook_shows_a_row_a_matrix() -> None:
    measure = measure_mvm(random_workload(16, 8, 8), noisy())
    assert measure.display_rows()[0][0] == "random/weight"
    assert "effective bits" in measure._repr_html_()
    assert dataclasses.is_dataclass(Workload)
