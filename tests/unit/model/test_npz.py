"""The model file: round trips, digests, and files of older days."""

from __future__ import annotations

import dataclasses
import importlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimc_sim.model.archive import smallest_ints, write_archive
from aimc_sim.model.layers import S4D, Linear
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.model.npz_write import write_model
from aimc_sim.model.reference import run_reference
from aimc_sim.spec import InputError
from tests.fixtures import make_model_v1_0
from tests.generate import models, random_batch, random_model

FIXTURES = Path(__file__).parents[2] / "fixtures"
RECORD = json.loads((FIXTURES / "model_v1_0.json").read_text())


def a_model(seed: int = 7, **limits: Any) -> Model:
    """Return one random model."""
    return random_model(np.random.default_rng(seed), **limits)


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    """Read all arrays of a file with NumPy alone."""
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive.items())


@settings(max_examples=80)
@given(model=models())
def test_round_trip(model: Model, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("round_trip")
    write_model(folder / "a.npz", model)
    read = load_model(folder / "a.npz")
    assert read.digest == model.digest
    write_model(folder / "b.npz", read)
    assert (folder / "a.npz").read_bytes() == (folder / "b.npz").read_bytes()


def test_what_is_read_computes_the_same(tmp_path: Path) -> None:
    for seed in range(10):
        model = a_model(seed)
        write_model(tmp_path / "a.npz", model)
        x_code, lengths = random_batch(np.random.default_rng(seed), model, 2, 8)
        read = load_model(tmp_path / "a.npz")
        assert np.array_equal(
            run_reference(read, x_code, lengths).y_code,
            run_reference(model, x_code, lengths).y_code,
        )


def test_meta_travels_and_does_not_count(tmp_path: Path) -> None:
    model = dataclasses.replace(a_model(), meta={"task": "π", "accuracy": {"float": 0.97}})
    write_model(tmp_path / "a.npz", model)
    assert load_model(tmp_path / "a.npz").meta == model.meta
    assert dataclasses.replace(model, meta={}).digest == model.digest


def test_digest_ignores_compression_order_and_integer_width(tmp_path: Path) -> None:
    model = a_model(complex=True, decoder=True)
    write_model(tmp_path / "a.npz", model)
    arrays = arrays_of(tmp_path / "a.npz")
    wide = {
        name: array.astype(">i8") if array.dtype.kind == "i" else array
        for name, array in reversed(arrays.items())
    }
    np.savez(tmp_path / "stored.npz", **wide)
    assert load_model(tmp_path / "stored.npz").digest == model.digest
    fortran = {
        name: np.asfortranarray(array) if array.ndim > 1 else array
        for name, array in arrays.items()
    }
    np.savez_compressed(tmp_path / "fortran.npz", **fortran)
    assert load_model(tmp_path / "fortran.npz").digest == model.digest
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        repack(tmp_path / "a.npz", tmp_path / "other.npz", method)
        assert load_model(tmp_path / "other.npz").digest == model.digest


def repack(source: Path, target: Path, method: int) -> None:
    """Copy a zip with another compression, date and comment."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", method) as new:
        new.comment = b"repacked"
        for name in old.namelist():
            new.writestr(name, old.read(name))


def test_unsigned_dtypes_are_read(tmp_path: Path) -> None:
    model = a_model(pool="mean", decoder=True)
    write_model(tmp_path / "a.npz", model)
    arrays = arrays_of(tmp_path / "a.npz")
    arrays["decoder.k"] = arrays["decoder.k"].astype(np.uint32)
    write_archive(tmp_path / "b.npz", arrays)
    assert load_model(tmp_path / "b.npz").digest == model.digest


@settings(max_examples=40)
@given(model=models(max_channels=3, max_modes=2), data=st.data())
def test_digest_sees_every_field(model: Model, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(model.layers) - 1))
    layer = model.layers[i]
    changes = [
        change
        for field in dataclasses.fields(layer)
        for change in changed(getattr(layer, field.name), field.name)
    ]
    name, value = data.draw(st.sampled_from(changes))
    layers = list(model.layers)
    layers[i] = dataclasses.replace(layer, **{name: value})
    assert dataclasses.replace(model, layers=tuple(layers)).digest != model.digest


def changed(value: Any, name: str) -> list[tuple[str, Any]]:
    """Return (field, another value) where a value can be changed."""
    if isinstance(value, np.ndarray) and value.size:
        other = value.copy()
        other.reshape(-1)[-1] += 1
        return [(name, other)]
    if isinstance(value, bool):
        return [(name, not value)]
    if isinstance(value, int | float):
        return [(name, value + 1)]
    if isinstance(value, str):
        return [(name, value + "_")]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [
            (name, dataclasses.replace(value, **{key: inner}))
            for f in dataclasses.fields(value)
            for key, inner in changed(getattr(value, f.name), f.name)
        ]
    return []


def test_digest_tells_models_apart() -> None:
    digests = {a_model(seed).digest for seed in range(50)}
    assert len(digests) == 50


def test_a_layer_added_or_renamed_changes_the_digest() -> None:
    model = a_model()
    renamed = dataclasses.replace(model.layers[-1], name="renamed")
    layers = (*model.layers[:-1], renamed)
    assert dataclasses.replace(model, layers=layers).digest != model.digest
    assert dataclasses.replace(model, layers=model.layers[:-1]).digest != model.digest


def test_a_wrong_model_is_not_written(tmp_path: Path) -> None:
    model = a_model(complex=True)
    layers = tuple(
        dataclasses.replace(layer, A_re=layer.A_re + 70000) if isinstance(layer, S4D) else layer
        for layer in model.layers
    )
    with pytest.raises(InputError, match=r"A_re'?: found code .* allowed"):
        write_model(tmp_path / "a.npz", dataclasses.replace(model, layers=layers))
    assert list(tmp_path.iterdir()) == []


def test_a_fault_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.npz"
    write_archive(target, {"x": np.arange(3)})
    before = target.read_bytes()
    with pytest.raises(ValueError, match="Object arrays"):
        write_archive(target, {"x": np.arange(3), "y": np.array([{}], dtype=object)})
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_a_folder_that_does_not_exist_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write_model(tmp_path / "nowhere" / "a.npz", a_model())


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (-128, 127, np.int8),
        (-129, 0, np.int16),
        (0, 128, np.int16),
        (0, 32768, np.int32),
        (-(2**31), 2**31 - 1, np.int32),
        (0, 2**31, np.int64),
    ],
)
def test_smallest_dtype_holds_the_values(low: int, high: int, dtype: type) -> None:
    packed = smallest_ints(np.array([low, high], dtype=np.int64))
    assert packed.dtype == dtype
    assert packed.tolist() == [low, high]


@pytest.mark.parametrize("name", sorted(RECORD))
def test_files_of_version_1_0_are_read_for_ever(name: str) -> None:
    model = load_model(FIXTURES / f"{name}.npz")
    assert model.digest == RECORD[name]["digest"]
    outputs = run_reference(model, *make_model_v1_0.batch(model)).y_code
    assert outputs.tolist() == RECORD[name]["outputs"]


def test_every_committed_fixture_is_recorded_and_made_by_the_script() -> None:
    assert {path.stem for path in FIXTURES.glob("model_*.npz")} == set(RECORD)
    assert set(make_model_v1_0.MODELS) == {name for name in RECORD if "v1_0" in name}
    for name, build in make_model_v1_0.MODELS.items():
        assert build().digest == RECORD[name]["digest"]


def test_fixture_script_does_not_overwrite() -> None:
    script = importlib.import_module("tests.fixtures.make_model_v1_0")
    with pytest.raises(SystemExit, match="kept for ever"):
        script.main()


def test_written_header_is_json_with_format_and_version(tmp_path: Path) -> None:
    model = a_model(pool="last", decoder=True)
    assert isinstance(model.layers[-1], Linear)
    write_model(tmp_path / "a.npz", dataclasses.replace(model, meta={"bits": 8}))
    header = json.loads(str(arrays_of(tmp_path / "a.npz")["header"][()]))
    assert (header["format"], header["version"]) == ("aimc-s4d", "1.0")
    assert header["layers"][-1]["kind"] == "linear"
    assert header["meta"] == {"bits": 8}
