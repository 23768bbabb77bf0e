"""The float model against independent forms of the same equations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from aimc_sim.model.calibration import load_calibration
from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import (
    Diagonal,
    Norm,
    activate,
    apply_norm,
    discretise,
    forward,
    kernel,
    recurrence,
)
from tests.unit.model.float_tensors import OURS, batch, tensors, write

EXAMPLES = Path(__file__).parents[3] / "examples"


def random_diagonal(seed: int, H: int, M: int) -> Diagonal:
    rng = np.random.default_rng(seed)
    A = -rng.uniform(0.1, 2.0, (H, M)) + 1j * rng.uniform(-20.0, 20.0, (H, M))
    B, C = rng.normal(size=(2, H, M)) + 1j * rng.normal(size=(2, H, M))
    return Diagonal(A, B, C, np.exp(rng.uniform(-7.0, -1.0, H)), rng.normal(size=H))


@given(seed=st.integers(0, 2**32 - 1), H=st.integers(1, 4), M=st.integers(1, 8),
       n_steps=st.integers(1, 120))  # fmt: skip
def test_recurrence_is_the_convolution_with_the_kernel(seed, H, M, n_steps):
    ssm = random_diagonal(seed, H, M)
    u = np.random.default_rng(seed).normal(size=(2, n_steps, H))
    y, _ = recurrence(discretise(ssm), u)
    K = kernel(ssm, n_steps)
    wanted = np.stack(
        [[np.convolve(u[s, :, h], K[h])[:n_steps] + ssm.D[h] * u[s, :, h] for h in range(H)]
         for s in range(2)]
    ).transpose(0, 2, 1)  # fmt: skip
    scale = np.abs(K).sum(axis=1).max() + np.abs(ssm.D).max()
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-12 * max(scale, 1.0) * np.abs(u).max())


def test_recurrence_equals_convolution_for_the_bundled_kernels():
    model = load_checkpoint(EXAMPLES / "models" / "smnist784_float.safetensors")
    u = np.random.default_rng(3).normal(size=(1, 784, 32))
    for block in model.blocks:
        y, _ = recurrence(discretise(block.ssm), u)
        K = kernel(block.ssm, 784)
        size = 2 * 784
        product = np.fft.rfft(u[0].T, size) * np.fft.rfft(K, size)
        wanted = np.fft.irfft(product, size)[:, :784].T + block.ssm.D * u[0]
        assert np.abs(y[0] - wanted).max() <= 1e-12 * np.abs(wanted).max()


def test_zero_order_hold_is_the_matrix_exponential():
    ssm = random_diagonal(5, 2, 3)
    discrete = discretise(ssm)
    for h in range(2):
        for n in range(3):
            held = expm(ssm.dt[h] * np.array([[ssm.A[h, n], ssm.B[h, n]], [0, 0]]))
            assert abs(discrete.poles[h, n] - held[0, 0]) < 1e-13
            assert abs(discrete.C[h, n] - ssm.C[h, n] * held[0, 1]) < 1e-13


def test_state_peak_is_the_largest_magnitude_of_the_state():
    ssm = random_diagonal(7, 1, 1)
    discrete = discretise(ssm)
    _, peak = recurrence(discrete, np.ones((1, 4, 1)))
    states = np.cumsum(discrete.poles[0, 0] ** np.arange(4))
    assert peak[0, 0] == pytest.approx(np.abs(states).max())


@pytest.mark.parametrize(("name", "x", "y"), [
    ("gelu", 1.0, 0.8413447460685429), ("gelu", -2.0, -0.04550026389635842),
    ("relu", -1.0, 0.0), ("relu", 2.0, 2.0), ("sigmoid", 0.0, 0.5), ("none", -3.0, -3.0),
])  # fmt: skip
def test_activations_have_their_published_values(name, x, y):
    assert activate(name, np.array([x]))[0] == pytest.approx(y, abs=1e-15)


def test_layer_norm_has_the_biased_variance_and_batch_norm_the_running_one():
    x = np.array([[1.0, 3.0]])
    one, zero = np.ones(2), np.zeros(2)
    assert apply_norm(Norm(one, zero), x, 0.0).tolist() == [[-1.0, 1.0]]
    running = Norm(2 * one, one, mean=one, var=4 * one)
    assert apply_norm(running, x, 0.0).tolist() == [[1.0, 3.0]]


@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_padded_steps_count_nowhere(tmp_path, pooling):
    said = OURS | {"pooling": pooling}
    path = write(tmp_path / "m.npz", tensors(glu=False, batch_norm=True), said)
    model, data = load_checkpoint(path), batch()
    first = forward(model, data.inputs, data.lengths, lambda *_: None)
    padded = np.arange(data.inputs.shape[1])[None, :] >= data.lengths[:, None]
    other = np.where(padded[:, :, None], 1e3, data.inputs)
    assert np.array_equal(first, forward(model, other, data.lengths, lambda *_: None))
    alone = forward(model, data.inputs[:1, : data.lengths[0]], data.lengths[:1], lambda *_: None)
    np.testing.assert_allclose(alone, first[:1], rtol=1e-12)


@pytest.mark.parametrize(
    ("task", "n"),
    [("digits", 600), ("digits01", 120), ("vowels", 370), ("smnist196", 60), ("smnist784", 20)],
)
def test_bundled_checkpoints_give_the_logits_of_the_training_framework(task, n):
    model = load_checkpoint(EXAMPLES / "models" / f"{task}_float.safetensors")
    with np.load(EXAMPLES / "data" / f"{task}_test.npz") as file:
        wanted = file["float_logits"][:n]
    data = load_calibration(EXAMPLES / "data" / f"{task}_test.npz", n)
    inputs = data.raw(data.signal(8, None)) if data.inputs.dtype.kind == "u" else data.inputs
    found = forward(model, inputs.astype(np.float64), data.lengths, lambda *_: None)
    np.testing.assert_allclose(found, wanted, atol=2e-4 * np.abs(wanted).max())
