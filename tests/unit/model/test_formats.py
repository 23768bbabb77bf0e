"""docs/formats.md: the exporter in it works, and what it lists is what the readers know."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from aimc_sim.data import KNOWN as DATA_ARRAYS
from aimc_sim.data import load_data
from aimc_sim.model import calibration, heads
from aimc_sim.model.architecture import Architecture
from aimc_sim.model.npz import load_model
from aimc_sim.model.reference import run_reference
from aimc_sim.model.widths import Bits

TEXT = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text below a heading, up to the next of the same level or above."""
    level = title.split()[0]
    found = re.search(rf"^{re.escape(title)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", TEXT, re.M | re.S)
    assert found, title
    return found.group(1)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Run the exporter as a stranger would: a script of its own, without aimc_sim."""
    folder = tmp_path_factory.mktemp("stranger")
    code, *_ = re.findall(r"^```python\n(.*?)^```$", TEXT, re.M | re.S)
    assert "aimc_sim" not in code
    (folder / "export.py").write_text(code, encoding="utf-8")
    subprocess.run([sys.executable, "-I", "export.py"], cwd=folder, check=True, timeout=60)
    return folder


def test_the_exporter_agrees_bit_for_bit(exported):
    model = load_model(exported / "model.npz")
    data = load_data(exported / "data.npz", model)
    result = run_reference(model, data.x_code, data.lengths)
    assert np.array_equal(result.y_code, data.logits)
    assert len(np.unique(result.y_code)) > 6


def test_the_example_is_not_trivial(exported):
    model = load_model(exported / "model.npz")
    data = load_data(exported / "data.npz", model)
    result = run_reference(model, data.x_code, data.lengths, probes=("kernel", "kernel/x"))
    kernel, x = result.probes["kernel"], result.probes["kernel/x"]
    assert {0, 255} <= set(np.unique(kernel))
    assert len(np.unique(kernel)) > 20
    assert np.abs(x).max() > 2**11


@pytest.mark.parametrize("kind", heads.HEADS)
def test_every_key_of_a_layer_is_documented(kind):
    text = section(f"### `{kind}`") + section("### Header")
    for key in heads.HEADS[kind].model_fields:
        assert f"`{key}`" in text, key


def test_every_key_of_the_header_is_documented():
    text = section("### Header")
    for key in heads.ModelHead.model_fields:
        assert f"`{key}`" in text
    assert heads.FORMAT in text
    assert f'`"{heads.VERSION}"`' in text


def test_data_arrays_checkpoint_options_and_widths_are_documented():
    data = section("## Data `.npz`")
    assert set(re.findall(r"^\| `(\w+)` \|", data, re.M)) == set(DATA_ARRAYS)
    assert set(calibration.KNOWN) == set(DATA_ARRAYS)
    listed = set(re.findall(r"^\| `(\w+)` \|", section("## Float checkpoint"), re.M))
    assert set(Architecture.model_fields) <= listed
    widths = section("### What `aimc quantize` does")
    for key in Bits.model_fields:
        assert f"`{key}`" in widths
