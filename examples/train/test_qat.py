"""Tests of quantisation-aware training; they need the extra `train` (run: make test-train)."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from datasets import Split  # noqa: E402
from disturbance import disturb, errors_of, programmed  # noqa: E402
from integer_model import IntegerModel, load_trainable  # noqa: E402
from loop import Run, run_epochs  # noqa: E402
from qat import groups, input_codes  # noqa: E402
from tasks import TASKS  # noqa: E402

from aimc_sim import load_chip, load_data, run  # noqa: E402
from aimc_sim.data import Data  # noqa: E402
from aimc_sim.model.network import Model  # noqa: E402
from aimc_sim.model.npz import load_model  # noqa: E402
from aimc_sim.model.quantize import quantize_file  # noqa: E402
from aimc_sim.model.reference import run_reference  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = sorted(p for p in (ROOT / "examples/models").rglob("*.npz"))


def rows_of(model: Model, n: int) -> Data:
    """The first sequences of the committed test batch of a model's task."""
    return load_data(ROOT / f"examples/data/{model.meta['task']}_test.npz", model).rows(0, n)


@pytest.mark.parametrize("path", MODELS, ids=lambda p: str(p.relative_to(ROOT / "examples/models")))
def test_forward_is_the_integer_model_at_every_step(path: pathlib.Path) -> None:
    net = load_trainable(path)
    data = rows_of(net.model, 3)
    probes = tuple(x.name for x in net.model.layers if x.name not in ("pool", "decoder"))
    reference = run_reference(net.model, data.x_code, data.lengths, probes=probes)
    valid = np.arange(data.x_code.shape[1]) < data.lengths[:, None]
    x, lengths = torch.from_numpy(data.x_code.astype(np.float64)), torch.from_numpy(data.lengths)
    with torch.no_grad():
        found = {name: codes.numpy() for name, codes in net.codes(x, lengths)}
    for name in probes:
        assert np.array_equal(found[name][valid], reference.probes[name][valid]), name
    assert np.array_equal(found["decoder"], reference.y_code)


@pytest.mark.parametrize("path", MODELS, ids=lambda p: str(p.relative_to(ROOT / "examples/models")))
def test_untrained_it_writes_the_codes_that_it_read(
    path: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    load_trainable(path).write(tmp_path / "again.npz")
    assert load_model(tmp_path / "again.npz").digest == load_model(path).digest


@pytest.mark.parametrize("mapping", ["hybrid", "split"])
def test_errors_are_those_of_the_chips_that_run(mapping: str) -> None:
    """Without converters and read noise the forward pass is the run, but for rounding of sums."""
    effects = ("faults", "read_white", "flicker_frozen", "flicker_correlated", "flicker_white")
    changes = {"hardware.adc": {"kind": "ideal"}, "hardware.mapping.s4d": mapping}
    changes |= {f"hardware.effects.{name}": False for name in effects}
    chip = load_chip(ROOT / "examples/chips/pcm_256.yaml", changes)
    net, age_s = load_trainable(ROOT / "examples/models/digits.npz"), 3600.0
    tiles = programmed(net, chip, 2, 1, age_s)
    data = rows_of(net.model, 10)
    valid = np.arange(data.x_code.shape[1]) < data.lengths[:, None]
    names = ("encoder", "s4d0", "s4d2")
    result = run(net.model, tiles, data, seed=1, age_s=age_s, probes=names)
    exact = run_reference(net.model, data.x_code, data.lengths, probes=names).probes
    x, lengths = torch.from_numpy(data.x_code.astype(np.float64)), torch.from_numpy(data.lengths)
    for i, errors in enumerate(errors_of(net, tiles, age_s)):
        disturb(net, errors)
        with torch.no_grad():
            codes = {name: found.numpy() for name, found in net.codes(x, lengths)}
        for name in names:
            found = result.probes[name][i][valid].astype(np.float64)
            off = np.square(codes[name][valid] - found).mean()
            assert off < 0.005 * np.square(found - exact[name][valid]).mean(), name


def test_gradients_reach_every_parameter() -> None:
    net = load_trainable(ROOT / "examples/models/digits.npz")
    data = rows_of(net.model, 16)
    logits = net(torch.from_numpy(data.x_code.astype(np.float64)), torch.from_numpy(data.lengths))
    labels = torch.from_numpy(data.labels.astype(np.int64))
    torch.nn.functional.cross_entropy(logits, labels).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0.0, name


def trained(folder: pathlib.Path, n_epochs: int, stop_after: int | None = None) -> list[float]:
    """Losses of a run on 64 sequences of the committed calibration batch."""
    torch.manual_seed(0)
    model = load_model(ROOT / "examples/models/digits.npz")
    net = IntegerModel(model)
    with np.load(ROOT / "examples/data/digits_calibration.npz") as file:
        inputs, lengths = file["inputs"][:64], file["lengths"][:64].astype(np.int64)
    labels = np.arange(64) % 10
    part = Split(inputs, labels, lengths, np.arange(64))
    task = dataclasses.replace(TASKS["digits"], shift=0)
    optimiser = torch.optim.Adam(groups(net, 1e-2))

    def to_input(rows: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(input_codes(model, rows).astype(np.float64))

    seen = 0

    def told() -> float:
        nonlocal seen
        seen += 1
        if stop_after is not None and seen == stop_after:
            raise KeyboardInterrupt
        return 0.0

    run = Run(task, 0, n_epochs, folder)
    return list(run_epochs(run, net, optimiser, part, to_input, told))


def test_an_epoch_reproduces_its_loss_and_training_learns(tmp_path: pathlib.Path) -> None:
    one, two = trained(tmp_path / "a", 3), trained(tmp_path / "b", 3)
    assert one == two
    assert one[-1] < 0.9 * one[0]


def test_a_run_that_is_gone_on_with_equals_an_undisturbed_one(tmp_path: pathlib.Path) -> None:
    whole = trained(tmp_path / "whole", 3)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "cut", 3, stop_after=2)
    assert trained(tmp_path / "cut", 3) == whole
    one, other = (torch.load(tmp_path / name / "last.pt") for name in ("whole", "cut"))
    for key, value in one["model"].items():
        assert torch.equal(value, other["model"][key]), key


def test_a_checkpoint_of_another_run_is_refused(tmp_path: pathlib.Path) -> None:
    trained(tmp_path, 1)
    with pytest.raises(SystemExit, match="another run"):
        trained(tmp_path, 2)


@pytest.mark.parametrize("grid", ["polar", "log-polar"])
def test_poles_that_are_trained_stay_on_their_grid(grid: str) -> None:
    """No channel has more levels of magnitude and phase than the width of the grid allows."""
    start, _ = quantize_file(
        ROOT / "examples/models/digits_float.safetensors",
        ROOT / "examples/data/digits_calibration.npz",
        "a=2",
        a_grid=grid,
    )
    net = IntegerModel(start)
    assert net.model_now().digest == start.digest
    poles = net.parts["s4d1"].A
    with torch.no_grad():
        poles.decay += 0.3 * torch.randn_like(poles.decay)
        poles.angle += 0.3 * torch.randn_like(poles.angle)
    re, im = poles().detach().numpy()
    size, phase = np.hypot(re, im), np.arctan2(im, re)
    for h in range(re.shape[1]):
        for values in (size[:, h] / size[:, h].max(), phase[:, h]):
            apart = np.diff(np.sort(values)) > 1e-3
            assert 1 + apart.sum() <= 4
    assert (poles() != poles.read).any()
    assert torch.equal(poles(), poles().round())


def test_shifts_stay_shifts_in_training() -> None:
    start, _ = quantize_file(
        ROOT / "examples/models/digits_float.safetensors",
        ROOT / "examples/data/digits_calibration.npz",
        "a=8",
        multipliers="power_of_two",
    )
    net = IntegerModel(start)
    data = rows_of(net.model, 8)
    optimiser = torch.optim.Adam(groups(net, 1.0))
    for _ in range(3):
        x, lengths = torch.from_numpy(data.x_code.astype(np.float64)), data.lengths
        loss = net(x, torch.from_numpy(lengths)).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    now = net.model_now()
    assert now.digest != start.digest
    pairs = [
        (layer.m, other.m)
        for layer, other in zip(now.layers, start.layers, strict=True)
        if layer.kind == "affine"
    ]
    assert pairs
    for found, before in pairs:
        assert np.array_equal(found, before)
        assert np.array_equal(np.abs(found) & (np.abs(found) - 1), np.zeros_like(found))
