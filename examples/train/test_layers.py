"""Tests of every layer kind: forward against the reference, gradients against a float twin."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Iterator

import numpy as np
import pytest

torch = pytest.importorskip("torch")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(ROOT)]

from disturbance import disturb, errors_of, programmed  # noqa: E402
from float_twin import twin  # noqa: E402
from integer_model import IntegerModel  # noqa: E402
from stateless import LayerNormLayer, TableLayer  # noqa: E402

from aimc_sim import load_chip  # noqa: E402
from aimc_sim.model.checkpoint import load_checkpoint  # noqa: E402
from aimc_sim.model.equations import apply_layer  # noqa: E402
from aimc_sim.model.layers import S4D, LayerNorm, Pool, Table  # noqa: E402
from aimc_sim.model.network import Model  # noqa: E402
from aimc_sim.model.quantize import quantize  # noqa: E402
from aimc_sim.model.reference import run_reference  # noqa: E402
from aimc_sim.model.signal import Signal  # noqa: E402
from aimc_sim.model.widths import Bits  # noqa: E402
from tests.unit.model.float_tensors import batch, tensors, write  # noqa: E402

KINDS = {
    "reference code": {},
    "prenorm": {"prenorm": True, "activation": "relu"},
    "last step, no activation": {"pooling": "last", "activation": "none"},
    "real": {},
    "real, old state": {"prenorm": True},
}
SPLIT = {"hardware.mapping.s4d": "split", "hardware.mapping.allow_narrow_state": True}
DATA = batch(n=10, n_steps=30)


def real_modes(model: Model) -> Model:
    """The same without imaginary parts, some poles negative."""

    def of(layer: S4D) -> S4D:
        sign = np.where(np.arange(layer.n_modes) % 5 == 3, -1, 1)
        return dataclasses.replace(layer, A_re=layer.A_re * sign, A_im=None, B_im=None, C_im=None)

    layers = tuple(of(layer) if isinstance(layer, S4D) else layer for layer in model.layers)
    return dataclasses.replace(model, layers=layers)


@pytest.fixture(params=KINDS)
def model(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Model:
    """An integer model of a random checkpoint of the reference code's keys."""
    checkpoint = load_checkpoint(write(tmp_path / "m.npz", tensors(3), KINDS[request.param]))
    found = quantize(checkpoint, DATA, Bits(c=6))
    if not request.param.startswith("real"):
        return found
    found = real_modes(found)
    old = request.param.endswith("old state")
    layers = tuple(
        dataclasses.replace(layer, readout="old") if old and isinstance(layer, S4D) else layer
        for layer in found.layers
    )
    return dataclasses.replace(found, layers=layers)


def reference(tmp_path: pathlib.Path) -> Model:
    """The architecture of the reference code: GELU, GLU, LayerNorm."""
    return quantize(load_checkpoint(write(tmp_path / "r.npz", tensors(3), {})), DATA)


def inputs(model: Model) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes and lengths of the batch."""
    codes = DATA.codes(model.input).astype(np.float64)
    return torch.from_numpy(codes), torch.from_numpy(DATA.lengths)


def assert_forward_is_exact(net: IntegerModel, model: Model) -> None:
    """Compare the codes of every layer with the reference, at every step of every sequence."""
    probes = tuple(layer.name for layer in model.layers[: model.pool_index])
    wanted = run_reference(model, DATA.codes(model.input), DATA.lengths, probes=probes)
    valid = np.arange(DATA.inputs.shape[1]) < DATA.lengths[:, None]
    with torch.no_grad():
        found = {name: codes.numpy() for name, codes in net.codes(*inputs(model))}
    for name in probes:
        assert np.array_equal(found[name][valid], wanted.probes[name][valid]), name
        assert len(np.unique(found[name][valid])) > 5, name
    assert np.array_equal(found[model.layers[-1].name], wanted.y_code)


def test_forward_is_the_integer_model_at_every_layer_and_step(model: Model) -> None:
    assert_forward_is_exact(IntegerModel(model), model)


def test_untrained_it_is_the_model_that_it_was_made_from(model: Model) -> None:
    assert IntegerModel(model).model_now().digest == model.digest


def loss_of(net: IntegerModel) -> torch.Tensor:
    """Cross entropy on the batch."""
    labels = torch.from_numpy(DATA.labels.astype(np.int64))
    return torch.nn.functional.cross_entropy(net(*inputs(net.model)), labels)


def steps(net: IntegerModel, optimiser: torch.optim.Optimizer, n: int) -> Iterator[float]:
    """Losses of n steps of training."""
    for _ in range(n):
        loss = loss_of(net)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        yield loss.item()


def test_trained_it_still_is_what_it_writes_and_has_learnt(model: Model) -> None:
    net = IntegerModel(model)
    losses = list(steps(net, torch.optim.Adam(net.parameters(), 1e-2), 12))
    assert losses[-1] < 0.8 * losses[0]
    now = net.model_now()
    assert now.digest != model.digest
    assert_forward_is_exact(net, now)


def test_training_is_gone_on_with(model: Model, tmp_path: pathlib.Path) -> None:
    nets = [IntegerModel(model), IntegerModel(model)]
    optimisers = [torch.optim.Adam(net.parameters(), 3e-3) for net in nets]
    first = list(steps(nets[0], optimisers[0], 3))
    torch.save([nets[0].state_dict(), optimisers[0].state_dict()], tmp_path / "last.pt")
    whole = list(steps(nets[0], optimisers[0], 3))
    saved = torch.load(tmp_path / "last.pt", weights_only=True)
    nets[1].load_state_dict(saved[0])
    optimisers[1].load_state_dict(saved[1])
    assert list(steps(nets[1], optimisers[1], 3)) == whole != first
    assert nets[0].model_now().digest == nets[1].model_now().digest


def test_gradients_point_where_those_of_a_float_twin_do(tmp_path: pathlib.Path) -> None:
    net = IntegerModel(reference(tmp_path))
    labels = torch.from_numpy(DATA.labels.astype(np.int64))
    found = []
    for logits in (net(*inputs(net.model)), twin(net, *inputs(net.model))):
        net.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels).backward()
        found.append({name: p.grad.clone() for name, p in net.named_parameters()})
    one, other = found
    assert {name.split(".")[1] for name in one} == {
        "encoder", "in0", "s4d0", "mix0", "norm0", "in1", "s4d1", "mix1", "norm1", "decoder",
    }  # fmt: skip
    for name in one:
        cosine = torch.nn.functional.cosine_similarity(one[name].ravel(), other[name].ravel(), 0)
        ratio = one[name].norm() / other[name].norm()
        assert cosine > 0.9, name
        assert 0.8 < ratio < 1.25, name


def test_gradients_reach_every_parameter(model: Model) -> None:
    net = IntegerModel(model)
    loss_of(net).backward()
    for name, parameter in net.named_parameters():
        is_trained = model.by_name["s4d0"].is_complex or not name.endswith("A.angle")
        assert is_trained == parameter.requires_grad, name
        assert not is_trained or parameter.grad.abs().max() > 0.0, name


@pytest.mark.parametrize(("bits", "off"), [(8, 0.05), (12, 0.01)])
def test_the_slope_of_a_table_is_that_of_its_function(bits: int, off: float) -> None:
    source, output = Signal(8, True, 1 / 32), Signal(bits, True, 4.0 / 2 ** (bits - 1))
    x = torch.arange(-128, 128, dtype=torch.float64, requires_grad=True)
    real = (x.detach() * source.scale).requires_grad_()
    smooth = torch.nn.functional.gelu(real)
    smooth.sum().backward()
    table = np.clip(np.floor(smooth.detach().numpy() / output.scale + 0.5), None, output.code_max)
    layer = TableLayer(Table("act", "x", table.astype(np.int64), output), source)
    found = layer(x, torch.ones(1))
    assert np.array_equal(found.detach().numpy(), table)
    found.sum().backward()
    slope = x.grad * output.scale / source.scale
    assert (slope - real.grad).abs().max() < (0.51 if bits == 8 else 0.05)
    smoothed = torch.nn.functional.avg_pool1d((slope - real.grad)[None], 17, 1)
    assert smoothed.abs().max() < off


@pytest.mark.parametrize("seed", range(8))
def test_a_layernorm_is_exact_where_its_squares_leave_float64(seed: int) -> None:
    """Every channel sits on a tie, which the last bit of the variance decides."""
    rng, signal, n = np.random.default_rng(seed), Signal(16, True, 1.0), 1000
    x = rng.choice([-1, 1], (1, n)) * rng.integers(2**14, 2**15, (1, n))
    deviation = n * x - x.sum()
    square = (deviation**2).sum()
    assert square > 2**53
    gamma = rng.normal(size=n) * 2.0**22
    z = (deviation[0] / float(n)) / np.sqrt(float(square) / float(n**3) + 0.3)
    layer = LayerNorm("norm", "x", gamma, 0.5 - z * gamma, 0.3, signal)
    wanted = apply_layer(layer, x, Model(n, signal, ()), np.ones(1, dtype=np.int64))
    assert (wanted == 1).all()
    with torch.no_grad():
        found = LayerNormLayer(layer, signal)(torch.from_numpy(x.astype(np.float64)), None)
    assert np.array_equal(found.numpy(), wanted)


def test_layers_after_the_pool_run_once_a_sequence(tmp_path: pathlib.Path) -> None:
    model = reference(tmp_path)
    index = model.pool_index
    before, pool, decoder = model.layers[:index], model.layers[index], model.layers[index + 1]
    assert isinstance(pool, Pool)
    norm = dataclasses.replace(model.by_name["norm1"], name="late", input="pool")
    act = Table("act", "late", np.arange(65536) // 2 - 16384, norm.output)
    decoder = dataclasses.replace(decoder, input="act")
    late = dataclasses.replace(model, layers=(*before, pool, norm, act, decoder))
    assert_forward_is_exact(IntegerModel(late), late)


def real_model(tmp_path: pathlib.Path) -> Model:
    """The reference architecture with real modes."""
    return real_modes(reference(tmp_path))


@pytest.mark.parametrize("tensor", ["A", "B", "C"])
def test_an_error_of_a_real_mode_is_that_of_its_code(tmp_path: pathlib.Path, tensor: str) -> None:
    model = real_model(tmp_path)
    layer = model.by_name["s4d0"]
    off = np.random.default_rng(1).integers(-2, 3, layer.n_modes)
    moved = dataclasses.replace(layer, **{f"{tensor}_re": getattr(layer, f"{tensor}_re") + off})
    layers = tuple(moved if x.name == "s4d0" else x for x in model.layers)
    net = IntegerModel(model)
    placed = off[net.parts["s4d0"].place][None].astype(np.float64)
    disturb(net, {"s4d0": {tensor: torch.from_numpy(placed)}})
    assert_forward_is_exact(net, dataclasses.replace(model, layers=layers))


def test_a_chip_with_real_modes_and_tables_gives_its_errors(tmp_path: pathlib.Path) -> None:
    net = IntegerModel(real_model(tmp_path))
    chip = load_chip(ROOT / "examples/chips/pcm_256.yaml", SPLIT)
    (errors,) = errors_of(net, programmed(net, chip, 1, 1, 60.0), 60.0)
    assert set(errors) == {"encoder", "s4d0", "mix0", "s4d1", "mix1", "decoder"}
    disturb(net, errors)
    assert net.parts["s4d0"].errors["A"].shape == (4, 3, 6)
    assert net.parts["s4d0"].errors["A"][0].abs().min() > 0.0
    assert torch.isfinite(net(*inputs(net.model))).all()
