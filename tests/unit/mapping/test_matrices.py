"""Matrices of linear layers and kernels give the products that the layers mean."""

from __future__ import annotations

import numpy as np
import pytest

from aimc_sim.mapping.fused import fused_matrix, s4d_matrices, shares_bitlines
from aimc_sim.mapping.kernel import linear_matrix
from aimc_sim.mapping.matrix import Matrix
from aimc_sim.model.equations import (
    common_shift,
    input_product,
    output_product,
    state_product,
)
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Signal, spread
from tests.generate import KERNEL_ONLY, random_model
from tests.laws.build import hardware_of, linear_model


def dense(matrix: Matrix):
    """Return all codes as one array; blocks must not overlap."""
    out = np.zeros((matrix.n_rows, matrix.n_cols), dtype=np.int64)
    seen = np.zeros(out.shape, dtype=np.int64)
    for block in matrix.blocks:
        part = (
            np.s_[block.row0 : block.row0 + len(block.codes)],
            np.s_[block.col0 : block.col0 + block.codes.shape[1]],
        )
        out[part] += block.codes
        seen[part] += 1
        assert not block.codes[~block.holds_weight].any()
    assert seen.max(initial=0) <= 1
    return out


def product(matrix: Matrix, source: str, target: str, codes):
    """Return what an input vector gives on an output vector through the codes."""
    rows, cols = matrix.input(source).lines, matrix.output(target).lines
    return codes.reshape(len(codes), -1) @ dense(matrix)[np.ix_(rows, cols)]


@pytest.fixture(params=[(seed, c) for seed in range(4) for c in (False, True)], ids=str)
def kernel(request):
    """Return a random S4D, its input signal, and codes u and x of a batch."""
    seed, is_complex = request.param
    rng = np.random.default_rng(seed)
    model = random_model(
        rng,
        **KERNEL_ONLY,
        complex=is_complex,
        tied=bool(seed % 2),
        weight_bits=(4, 8),
        activation_bits=(4, 8),
        state_bits=(6, 14),
    )
    layer = model.layers[0]
    assert isinstance(layer, S4D)
    u = rng.integers(model.input.code_min, model.input.code_max, (5, layer.n_out))
    x = rng.integers(
        layer.state.code_min, layer.state.code_max, (5, 2 if is_complex else 1, layer.n_modes)
    )
    return layer, model.input, u, x


def test_separate_matrices_are_the_products(kernel):
    layer, source, u, x = kernel
    A, B, C = s4d_matrices(layer, source, hardware_of(s4d="split"))
    assert [m.name for m in (A, B, C)] == ["A", "B", "C"]
    assert [m.name for m in s4d_matrices(layer, source, hardware_of())] == ["B", "C"]
    np.testing.assert_array_equal(product(A, "x", "x", x).reshape(x.shape), state_product(layer, x))
    np.testing.assert_array_equal(product(B, "u", "x", u).reshape(x.shape), input_product(layer, u))
    np.testing.assert_array_equal(product(C, "x", "y", x), output_product(layer, x))


@pytest.mark.parametrize("dac_bits", [None, 1, 4, 8])
def test_a_fused_matrix_gives_the_products_in_its_units(kernel, dac_bits):
    layer, source, u, x = kernel
    matrix = fused_matrix(layer, source, dac_bits)
    np.testing.assert_array_equal(product(matrix, "x", "y", x), output_product(layer, x))
    assert not product(matrix, "u", "y", u).any()  # D is digital
    Ax, Bu = (
        product(matrix, "x", "x", x).reshape(x.shape),
        product(matrix, "u", "x", u).reshape(x.shape),
    )
    if not shares_bitlines(layer, source):
        np.testing.assert_array_equal(Ax, state_product(layer, x))
        np.testing.assert_array_equal(Bu, input_product(layer, u))
        return
    m_A, m_B, _ = (
        spread(m, layer.channel_of_mode) for m in common_shift(layer.requant_A, layer.requant_B)
    )
    whole = state_product(layer, x) * m_A + input_product(layer, u) * m_B
    counted = Ax + (Bu << matrix.phases[0].lead("u"))
    np.testing.assert_array_equal(counted * np.minimum(m_A, m_B), whole)
    assert matrix.phases[0].lead("u") % (dac_bits or 1) == 0


def test_the_largest_code_takes_the_whole_window(kernel):
    layer, source, _, _ = kernel
    for matrix in (
        *s4d_matrices(layer, source, hardware_of(s4d="split")),
        fused_matrix(layer, source, 8),
    ):
        for one in matrix.inputs:
            for two in matrix.outputs:
                codes = dense(matrix)[np.ix_(one.lines, two.lines)]
                assert np.abs(codes).max(initial=0) <= matrix.code_full[one.name, two.name]
        assert np.abs(dense(matrix)).max(initial=1) in {0, *matrix.code_full.values()}
        rows, cols = np.arange(matrix.n_rows), np.arange(matrix.n_cols)
        assert (np.abs(dense(matrix)) <= matrix.full_of(rows, cols)).all()


def test_tied_layers_share_bitlines_and_free_ones_do_not(kernel):
    layer, source, _, _ = kernel
    names = [phase.name for phase in fused_matrix(layer, source, 8).phases]
    first = (
        {"old": ["all"], "new": ["state", "C"]}
        if layer.tied
        else {"old": ["x", "u"], "new": ["x", "u", "C"]}
    )
    assert names == first[layer.readout]


def test_only_the_blocks_of_a_kernel_hold_weights(kernel):
    layer, source, _, _ = kernel
    parts = 2 if layer.is_complex else 1
    n = parts * layer.n_modes
    assert fused_matrix(layer, source, 8).n_weights == parts * n + 2 * n
    assert [m.n_weights for m in s4d_matrices(layer, source, hardware_of(s4d="split"))] == [
        parts * n,
        n,
        n,
    ]


def test_linear_matrix():
    weight = np.arange(-6, 6).reshape(4, 3)
    layer = linear_model(weight).layers[0]
    matrix = linear_matrix(layer, Signal(5, False, 1.0))
    np.testing.assert_array_equal(dense(matrix), weight)
    assert matrix.code_full == {("u", "y"): 6}
    assert (matrix.input("u").bits, matrix.input("u").signed) == (5, False)
    assert matrix.n_weights == 12
