"""A state dict that somebody else trained: quantised, checked against its origin, run on a chip.

Run from anywhere: ``python examples/import_state_dict.py [-o DIR]``. The tensors of the bundled
spoken-digits checkpoint stand in for yours: alone, without a word on how they are joined, and with
the `module.` that DataParallel puts before each key. The commands that it prints can be typed by
hand; docs/import.md explains them.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import forward

ROOT = Path(__file__).resolve().parents[1] / "examples"
ORIGIN = ROOT / "models/digits_float.safetensors"
BATCH = ROOT / "data/digits_calibration.npz"
STATED = ("activation=relu", "prenorm=true")


def write_state_dict(path: Path) -> None:
    """Write the bare tensors, as ``np.savez(FILE, **{k: v.numpy() for k, v in ...})`` would."""
    state = {f"module.{key}": value for key, value in load_file(ORIGIN).items()}
    np.savez_compressed(path, allow_pickle=False, **state)


def write_calibration(path: Path) -> None:
    """Write the calibration batch with the logits of the model where it was trained."""
    with np.load(BATCH, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    origin = load_checkpoint(ORIGIN)  # with you: your own framework
    logits = forward(origin, arrays["inputs"], arrays["lengths"], lambda *_: None)
    np.savez_compressed(path, allow_pickle=False, **arrays, float_logits=logits.astype(np.float32))


def aimc(folder: Path, *words: str) -> None:
    """Print a command and run it in that folder."""
    print(f"\n$ aimc {shlex.join(words)}", flush=True)
    subprocess.run([sys.executable, "-m", "aimc_sim", *words], cwd=folder, check=True)


def import_and_run(folder: Path) -> None:
    """Quantise it as the reference code would be, then as it is, and run the latter."""
    write_state_dict(folder / "mine.npz")
    write_calibration(folder / "batch.npz")
    words = ("quantize", "mine.npz", "--calibration", "batch.npz", "--bits", "a=8")
    aimc(folder, *words, "-o", "guessed.npz")
    stated = [word for text in STATED for word in ("--set", text)]
    aimc(folder, *words, *stated, "-o", "model.npz")
    chip, data = str(ROOT / "chips/pcm_256.yaml"), str(ROOT / "data/digits_test.npz")
    aimc(folder, "run", "model.npz", "--chip", chip, "--data", data, "--limit", "50")


def main() -> int:
    """Do it in the folder that was named, or in one that is removed at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, help="folder to keep the files in")
    output = parser.parse_args().output
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        import_and_run(output)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        import_and_run(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
