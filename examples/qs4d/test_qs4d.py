"""The scripts of the claims: what a setting becomes, resume, what is read out of rows.

PYTHONPATH=examples/train:examples/qs4d pytest examples/qs4d
"""

from __future__ import annotations

import json
import pathlib

import claims
import kit
import make
import numpy as np
import pytest
import qat
from datasets import Split
from loop import Run
from rows import Rows
from settings import CLAIMS, Setting
from tasks import TASKS

from aimc_sim import load_model
from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.network import Model

DIGITS = TASKS["digits"]


@pytest.fixture
def short(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """One epoch a model on the committed test recordings, kept elsewhere."""
    with np.load(kit.ROOT / "examples/data/digits_test.npz") as file:
        inputs, labels, lengths = (file[name] for name in ("inputs", "labels", "lengths"))
    part = Split(inputs, labels.astype(np.int64), lengths.astype(np.int64), np.arange(len(labels)))
    monkeypatch.setattr(qat, "load_split", lambda task: (part, part))
    monkeypatch.setattr(kit, "RUNS", tmp_path)
    monkeypatch.setattr(Setting, "n_epochs", 1)
    return tmp_path


@pytest.mark.parametrize("what", ["all", "state", "a", "weights", "noisy"])
def test_what_goes_down_is_what_the_setting_says(short: pathlib.Path, what: str) -> None:
    model = load_model(make.made(DIGITS, Setting(what, 4, "ptq"), 0))
    kernels = [layer for layer in model.layers if isinstance(layer, S4D)]
    mixing = [layer for layer in model.layers if isinstance(layer, Linear)]
    widths = model.meta["quantised"]["bits"]
    for name in ("a", "b", "c", "d", "weights", "state", "activations", "residual", "input"):
        default = 16 if name in ("state", "residual") else 8
        goes_down = {
            "all": True,
            "noisy": name in ("b", "c", "d", "weights"),
        }.get(what, name == what)
        assert widths[name] == (4 if goes_down else default), name
    assert {layer.state.bits for layer in kernels} == {widths["state"]}
    assert all(np.abs(layer.C_re).max() < 2 ** (widths["c"] - 1) for layer in kernels)
    assert {layer.weight_bits for layer in mixing} == {widths["weights"]}


def test_noise_goes_on_from_qat_and_nothing_is_made_twice(
    short: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    against: list[bool] = []
    fit = make.fit

    def recorded(run: Run, start: Model, rate: float, disturbance: qat.Disturbance | None) -> Model:
        against.append(disturbance is not None)
        return fit(run, start, rate, disturbance)

    monkeypatch.setattr(make, "fit", recorded)
    setting = Setting("noisy", 3, "noise", 0.25)
    path = make.made(DIGITS, setting, 0)
    trained = make.file_of("digits", Setting("noisy", 3, "qat", 0.25), 0)
    qat, noise = load_model(trained), load_model(path)
    assert sum(x.n_modes for x in noise.layers if isinstance(x, S4D)) == 192
    first = next(x for x in noise.layers if isinstance(x, S4D))
    before = next(x for x in qat.layers if isinstance(x, S4D))
    assert np.any(first.A_re != before.A_re)
    assert against == [False, True]
    stamps = [p.stat().st_mtime_ns for p in (path, trained)]
    assert make.made(DIGITS, setting, 0) == path
    assert [p.stat().st_mtime_ns for p in (path, trained)] == stamps


def test_names_of_settings_are_one_to_one() -> None:
    settings = {s for claim in CLAIMS.values() for s in claim()}
    assert len({s.name for s in settings}) == len(settings)


def test_rows_become_losses_by_seed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "RESULTS", tmp_path)
    rows = Rows(tmp_path / "digits.jsonl")
    floats = [
        json.loads((kit.ZOO / f"digits/float_seed{s}.json").read_text())["accuracy"]
        for s in range(3)
    ]
    for seed, own in enumerate(floats):
        for bits, lost in ((8, 0.0), (6, 0.009), (5, 0.02), (4, 0.008)):
            of = make.row_of(Setting("all", bits, "qat"), seed)
            rows.measured(of, lambda own=own, lost=lost: {"accuracy": [own - lost]})
    found = claims.digital("digits")
    series = found.series(Setting("all", bits, "qat") for bits in (8, 6, 5, 4))
    assert claims.loss(series[6], found.floats) == pytest.approx((0.009, 0.0), abs=1e-9)
    assert claims.least_bits(series, found.floats) == 6
    assert claims.least_by_seed(series, found.floats) == [6, 6, 6]
    assert found.accuracy(Setting("all", 3, "qat")) == ()
