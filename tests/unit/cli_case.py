"""A tiny model with data on a shipped chip, as files, and `aimc` called on them in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from typer.testing import CliRunner

from aimc_sim.analysis.run_json import MAY_DIFFER
from aimc_sim.cli import APP
from aimc_sim.model.network import Model
from aimc_sim.model.npz_write import write_model
from aimc_sim.model.reference import classify, run_reference
from tests.generate import random_batch, random_model

ROOT = Path(__file__).resolve().parents[2]
CHIPS = ROOT / "examples/chips"


@dataclass(frozen=True)
class Case:
    """Files in a folder of their own."""

    folder: Path
    model: Model

    def call(self, *words: object) -> Any:
        """Run `aimc` with these words; the result has exit_code, stdout, stderr."""
        return CliRunner().invoke(APP, [str(word) for word in words])

    def run(self, *words: object, chip: str = "pcm_256") -> Any:
        """Call `aimc run` on the files."""
        chip_path = CHIPS / f"{chip}.yaml"
        files = (self.folder / "model.npz", "--chip", chip_path, "--data", self.folder / "data.npz")
        return self.call("run", *files, *words)

    def tree(self, *words: object, chip: str = "pcm_256") -> dict[str, Any]:
        """Return the JSON of a run."""
        result = self.run("--json", "-", *words, chip=chip)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def fixed(self, *words: object) -> str:
        """Return the JSON of a run without what may differ, as text."""
        tree = self.tree(*words)
        return json.dumps({key: value for key, value in tree.items() if key not in MAY_DIFFER})

    def refused(self, *words: object, chip: str = "pcm_256") -> str:
        """Return the one line with which a run of these words is refused."""
        return one_line(self.run(*words, chip=chip))


def one_line(result: Any) -> str:
    """Return the one line on standard error of a call that ended with exit code 2."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("aimc: ")
    return str(line.removeprefix("aimc: "))


def make_case(folder: Path, n: int = 12, steps: int = 9) -> Case:
    """Write model.npz and data.npz, labels and logits those of the reference."""
    rng = np.random.default_rng(5)
    model = random_model(
        rng, n_blocks=1, encoder=True, decoder=True, complex=True, tied=True, residual=True,
        mixing=True, pool="mean", state_bits=(8, 8), weight_bits=(8, 8), activation_bits=(8, 8),
    )  # fmt: skip
    x_code, lengths = random_batch(rng, model, n, steps)
    logits = run_reference(model, x_code, lengths).y_code
    labels = classify(logits)
    write_model(folder / "model.npz", model)
    write_data(folder / "data.npz", inputs=x_code, lengths=lengths, labels=labels, logits=logits)
    return Case(folder, model)


def write_data(path: Path, **arrays: Any) -> None:
    """Write a data file."""
    np.savez(path, **arrays)


def read_data(path: Path) -> dict[str, Any]:
    """Return the arrays of a data file."""
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays}
