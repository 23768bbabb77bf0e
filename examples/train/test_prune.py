"""Tests of structural pruning; the last one needs the extra `train` (run: make test-train)."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import prune as command
from importance import activity_of, channel_importance, mode_energy, mode_importance
from prune import Shares, prune

from aimc_sim import load_data, load_model
from aimc_sim.model.calibration import Calibration, load_calibration
from aimc_sim.model.layers import S4D, Linear, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.reference import run_reference
from aimc_sim.model.signal import Requant, Signal

EXAMPLES = pathlib.Path(__file__).resolve().parents[1]
MODELS = sorted((EXAMPLES / "models").glob("*.npz"))
S16 = Signal(16, True, 1.0)


def digits() -> Model:
    """The bundled model of the spoken digits."""
    return load_model(EXAMPLES / "models/digits.npz")


def batch_of(name: str, n: int | None = None) -> Calibration:
    """The first sequences of a committed calibration batch."""
    return load_calibration(EXAMPLES / f"data/{name}_calibration.npz", n)


def states_of(model: Model) -> int:
    """Modes of all layers."""
    return sum(layer.n_modes for layer in model.layers if isinstance(layer, S4D))


def with_layers(model: Model, **changed: dict[str, object]) -> Model:
    """The model with other fields of the layers named."""
    layers = (dataclasses.replace(x, **changed.get(x.name, {})) for x in model.layers)
    return dataclasses.replace(model, layers=tuple(layers))


def one(value: int) -> Requant:
    """A multiplier of 2^-value a tensor."""
    return Requant(np.array(1), np.array(value))


def kernel(n_states: list[int], poles: list[complex], c: list[int], complex_: bool = True) -> S4D:
    """An S4D layer in 16 bits: poles in units of 2^-15, B = 1 in units of 2^-8, C as given."""
    a = np.round(np.array(poles) * 2**15)
    a_re, a_im = a.real.astype(np.int64), a.imag.astype(np.int64)
    zero, no_d = np.zeros(len(a), dtype=np.int64), np.zeros(len(n_states), dtype=np.int64)
    if not complex_:
        a_im = zero = None
    return S4D(
        "s4d", "input", np.array(n_states), a_re, a_im, np.full(len(a), 256), zero, np.array(c),
        zero, no_d, dict.fromkeys("ABCD", 16), one(15), one(1), one(14), one(14),
        Signal(24, True, 1.0), S16,
    )  # fmt: skip


def classifier(layer: S4D) -> Model:
    """The layer alone between its input and a sum over its channels."""
    weight = np.ones((layer.n_out, 1), dtype=np.int64)
    last = Linear("last", "pool", weight, 8, np.zeros(1, dtype=np.int64), one(1), S16)
    pool = Pool("pool", "s4d", "mean", 1, 0, S16)
    return Model(layer.n_out, S16, (layer, pool, last))


def white(n_steps: int, *sizes: int) -> Calibration:
    """One sequence of independent codes, as large as said, one channel a size."""
    codes = np.random.default_rng(8).choice([-1, 1], (1, n_steps, len(sizes))) * np.array(sizes)
    return Calibration(codes, np.array([n_steps]))


@pytest.mark.parametrize("complex_", [True, False])
def test_energy_in_closed_form_is_that_of_the_impulse_response(complex_: bool) -> None:
    poles = [0.9, -0.5, 0.99, 1.0] if not complex_ else [0.9 + 0.3j, 0.2 - 0.7j, 0.99, 1.0, 1.0j]
    c = np.arange(1, len(poles) + 1) * 700
    layer = kernel([2, len(poles) - 2], poles, c.tolist(), complex_)
    if complex_:
        layer = dataclasses.replace(layer, B_im=np.array([9, -80, 200, 60, 30]), C_im=-c // 3)
    b = layer.B_re + (1j * layer.B_im if layer.B_im is not None else 0)
    g = b * 2.0**-1 * (c + (1j * layer.C_im if layer.C_im is not None else 0)) * 2.0**-14
    x, direct = g.copy(), np.zeros(len(c))
    for _ in range(37):
        direct += np.square((2.0 if complex_ else 1.0) * x.real)
        x = x * layer.poles
    assert np.allclose(mode_energy(layer, 37), direct, rtol=1e-9)


def test_the_only_mode_of_a_layer_makes_all_of_its_output() -> None:
    model = classifier(kernel([1], [0.3 + 0.6j], [3000]))
    batch = white(5000, 50)
    share = mode_importance(model, activity_of(model, batch))["s4d"]
    assert share == pytest.approx([1.0], rel=0.05)


def test_modes_go_by_input_kernel_and_layer() -> None:
    """Loud input before quiet, large C before small, slow before fast."""
    poles = [0.9, 0.9, 0.5, 0.9, 0.9]
    model = classifier(kernel([3, 2], poles, [3000, 2000, 2000, 3000, 2000]))
    importance = mode_importance(model, activity_of(model, white(400, 100, 10)))
    assert np.argsort(-importance["s4d"]).tolist() == [0, 1, 2, 3, 4]
    kept = prune(model, white(400, 100, 10), Shares(states=0.6)).layers[0]
    assert kept.n_states.tolist() == [2, 1]
    assert kept.C_re.tolist() == [3000, 2000, 3000]
    bare = prune(model, white(400, 100, 10), Shares(states=0.6, least=0)).layers[0]
    assert (bare.n_states.tolist(), bare.A_re.tolist()) == (
        [3, 0],
        model.layers[0].A_re[:3].tolist(),
    )


def test_importance_does_not_depend_on_the_scale_of_the_output() -> None:
    layer = kernel([2], [0.9, 0.5], [3000, 2000])
    half = dataclasses.replace(layer, requant_C=one(15), requant_D=one(15))
    found = [
        mode_importance(classifier(x), activity_of(classifier(x), white(400, 100)))["s4d"]
        for x in (layer, half)
    ]
    assert np.allclose(*found, rtol=0.01)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_keeping_everything_is_the_identity(path: pathlib.Path) -> None:
    model = load_model(path)
    assert prune(model, batch_of(path.stem, 2), Shares()).digest == model.digest


def test_modes_without_energy_leave_no_trace() -> None:
    """Some read by nobody (C = 0), some driven by nobody (B = 0); one channel whole."""
    model, rng = digits(), np.random.default_rng(1)
    changed = {}
    for layer in (x for x in model.layers if isinstance(x, S4D)):
        dead = (rng.random(layer.n_modes) < 0.3) | (layer.channel_of_mode == 7)
        names = ("C_re", "C_im") if layer.name != "s4d1" else ("B_re", "B_im")
        changed[layer.name] = {name: np.where(dead, 0, getattr(layer, name)) for name in names}
    full = with_layers(model, **changed)
    alive = sum(int(np.any(list(x.values()), axis=0).sum()) for x in changed.values())
    smaller = prune(full, batch_of("digits", 32), Shares(states=alive / 768, least=0))
    assert states_of(smaller) == alive < 600
    assert smaller.layers[2].n_states[7] == 0
    assert_same_codes(full, smaller, ("s4d0", "s4d1", "s4d2"))


def test_channels_that_nobody_reads_leave_no_trace() -> None:
    model, gone = digits(), [0, 5, 31]
    readers = [x for x in model.layers if isinstance(x, Linear) and x.input != "input"]
    weights = {x.name: {"weight": x.weight.copy()} for x in readers}
    for fields in weights.values():
        fields["weight"][gone] = 0
    shift = model.layers[2].requant_A.k + np.arange(32) % 2
    per_channel = Requant(np.ones(32, dtype=np.int64), shift)
    full = with_layers(model, **weights, s4d0={"requant_A": per_channel})
    (shares,) = channel_importance(full, activity_of(full, batch_of("digits", 8))).values()
    assert np.flatnonzero(shares == 0.0).tolist() == gone
    assert shares.sum() == pytest.approx(4.0)  # three mixing layers and the decoder
    smaller = prune(full, batch_of("digits", 8), Shares(channels=29 / 32))
    assert set(smaller.widths.values()) == {13, 29, 10}
    assert_same_codes(full, smaller, ())


def assert_same_codes(full: Model, smaller: Model, probes: tuple[str, ...]) -> None:
    """Compare the integer reference, bit for bit, on 40 test sequences."""
    data = load_data(EXAMPLES / "data/digits_test.npz", full).rows(0, 40)
    found = [run_reference(m, data.x_code, data.lengths, probes=probes) for m in (full, smaller)]
    assert np.array_equal(found[0].y_code, found[1].y_code)
    for name in probes:
        assert np.array_equal(found[0].probes[name], found[1].probes[name]), name


def accuracy(model: Model) -> float:
    """Share of 200 test sequences that the integer reference has right."""
    data = load_data(EXAMPLES / "data/digits_test.npz", model).rows(0, 200)
    y_code = run_reference(model, data.x_code, data.lengths).y_code
    return float(np.mean(y_code.argmax(axis=1) == data.labels))


def test_what_is_kept_is_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the modes by importance, and a quarter by the opposite of it."""
    best = accuracy(prune(digits(), batch_of("digits"), Shares(states=0.25)))

    def upside_down(*given: object) -> dict[str, np.ndarray]:
        return {name: -share for name, share in mode_importance(*given).items()}

    monkeypatch.setattr(command, "mode_importance", upside_down)
    worst = accuracy(prune(digits(), batch_of("digits"), Shares(states=0.25)))
    assert best > 0.95
    assert worst < best - 0.2


def test_the_command_writes_a_model_and_says_what_is_left(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [EXAMPLES / "models/digits.npz", "--calibration"]
    words += [EXAMPLES / "data/digits_calibration.npz", "--states", 0.5, "--per-layer"]
    words += ["-o", tmp_path / "half.npz"]
    monkeypatch.setattr(sys, "argv", ["prune.py", *map(str, words)])
    command.main()
    half = load_model(tmp_path / "half.npz")
    assert [x.n_modes for x in half.layers if isinstance(x, S4D)] == [128, 128, 128]
    assert half.meta["pruned"]["states"] == 0.5
    assert capsys.readouterr().out.count("128 of 256") == 3
    monkeypatch.setattr(sys, "argv", ["prune.py", *map(str, words), "--states", "0"])
    with pytest.raises(SystemExit, match="above 0"):
        command.main()


def test_retraining_wins_back_what_pruning_lost(tmp_path: pathlib.Path) -> None:
    torch = pytest.importorskip("torch")
    from datasets import Split
    from integer_model import IntegerModel
    from loop import Run, run_epochs
    from qat import groups, input_codes
    from tasks import TASKS

    batch = batch_of("digits")
    start = prune(digits(), batch, Shares(0.125))
    split = Split(batch.inputs, batch.labels, batch.lengths, np.arange(len(batch.labels)))
    torch.manual_seed(0)
    net = IntegerModel(start)

    def to_input(inputs: np.ndarray) -> object:
        return torch.from_numpy(input_codes(start, inputs).astype(np.float64))

    given = Run(TASKS["digits"], 0, 3, tmp_path), net, torch.optim.Adam(groups(net, 1e-3))
    run_epochs(*given, split, to_input, lambda: 0.0)
    again = net.model_now()
    assert states_of(again) == states_of(start) == 96
    assert accuracy(again) > accuracy(start) + 0.03
