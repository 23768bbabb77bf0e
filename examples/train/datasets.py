"""Load, split and batch the two data sets.

Splits are made by index in the file of origin, with a fixed seed (`SPLIT_SEED`), stratified by
class: one sequence in five goes to the test split. The order inside a split is shuffled once, so
that the first n sequences of it are a fair sample.

Spoken digits (FSDD): the file does not say who speaks; with six speakers and a split by
recording, the *same speakers occur in training and test*. MNIST: the ten thousand images of the
package are most probably the first ten thousand *training* images of MNIST, so the test split
here is called "a split of MNIST 10k" and not the MNIST test set.
"""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import numpy.typing as npt
from fetch import DATA
from tasks import Task

SPLIT_SEED = 20240
TEST_EVERY = 5


@dataclasses.dataclass(frozen=True)
class Split:
    """Sequences of one split: inputs [sequence, step, channel], labels, lengths, index."""

    inputs: npt.NDArray[np.generic]
    labels: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]

    def take(self, n: int) -> Split:
        """Return the first n sequences, cut to their longest."""
        n_steps = int(self.lengths[:n].max())
        return Split(self.inputs[:n, :n_steps], self.labels[:n], self.lengths[:n], self.index[:n])


def shuffled(n: int, seed: int) -> npt.NDArray[np.int64]:
    """Return a permutation of 0..n-1 made from raw PCG64 words (stable across NumPy versions).

    >>> shuffled(5, 1).tolist()
    [2, 4, 0, 3, 1]
    """
    return np.argsort(np.random.PCG64(seed).random_raw(n), kind="stable")


def split_indices(
    labels: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return (training, test) indices: one in `TEST_EVERY` of each class is a test index."""
    order = shuffled(len(labels), SPLIT_SEED)
    by_class = order[np.argsort(labels[order], kind="stable")]
    is_test = np.zeros(len(labels), dtype=bool)
    is_test[by_class[::TEST_EVERY]] = True
    return order[~is_test[order]], order[is_test[order]]


def load_digits() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return MFCC frames [sequence, step, coefficient] padded with 0, labels and lengths."""
    with np.load(DATA / "digits.npz", allow_pickle=False) as file:
        frames, labels, lengths = file["X"], file["y"], file["lengths"]
    inputs = np.zeros((len(lengths), int(lengths.max()), frames.shape[1]), np.float32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    for i, length in enumerate(lengths):
        inputs[i, :length] = frames[starts[i] : starts[i + 1]]
    return inputs, labels.astype(np.int64), lengths.astype(np.int64)


def load_mnist() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return images [image, row, column] and labels; index = position, digit files in order."""
    images, labels = [], []
    for digit in range(10):
        values = np.array(json.loads((DATA / "mnist" / f"{digit}.json").read_text())["data"])
        images.append(np.rint(values * 255).astype(np.uint8).reshape(-1, 28, 28))
        labels.append(np.full(len(images[-1]), digit, np.int64))
    return np.concatenate(images), np.concatenate(labels)


def pool_codes(images: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Average squares of `side` pixels (integer mean, ties up) and unroll: [image, step, 1].

    >>> pool_codes(np.array([[[1, 2], [3, 4]]], np.uint8), 2).tolist()
    [[[3]]]
    """
    n, height, width = images.shape
    blocks = images.reshape(n, height // side, side, width // side, side).astype(np.int64)
    area = side * side
    means = (2 * blocks.sum(axis=(2, 4)) + area) // (2 * area)
    return means.reshape(n, -1, 1).astype(np.uint8)


def shift_images(images: npt.NDArray[np.uint8], largest: int, seed: int) -> npt.NDArray[np.uint8]:
    """Shift each image by up to `largest` pixels each way, filling with 0."""
    rng = np.random.default_rng(seed)
    padded = np.pad(images, ((0, 0), (largest, largest), (largest, largest)))
    row, column = rng.integers(0, 2 * largest + 1, (2, len(images)))
    pixel = np.arange(images.shape[1])
    i = np.arange(len(images))[:, None, None]
    return padded[i, (row[:, None] + pixel)[:, :, None], (column[:, None] + pixel)[:, None, :]]


def standardise(
    inputs: npt.NDArray[np.float32],
    lengths: npt.NDArray[np.int64],
    train: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Standardise each coefficient with mean and spread of the training frames; padding stays 0."""
    valid = np.arange(inputs.shape[1]) < lengths[:, None]
    frames = inputs[train][valid[train]].astype(np.float64)
    scaled = (inputs - frames.mean(axis=0)) / frames.std(axis=0)
    return np.where(valid[:, :, None], scaled, 0.0).astype(np.float32)


def load_split(task: Task) -> tuple[Split, Split]:
    """Return (training, test): float32 MFCC for the digits, uint8 pixel codes for MNIST."""
    if task.name == "digits":
        inputs, labels, lengths = load_digits()
        train, test = split_indices(labels)
        values: npt.NDArray[np.generic] = standardise(inputs, lengths, train)
    else:
        images, labels = load_mnist()
        train, test = split_indices(labels)
        values = pool_codes(images, task.pool)
        lengths = np.full(len(labels), values.shape[1], np.int64)
    first, second = (Split(values[i], labels[i], lengths[i], i) for i in (train, test))
    return first, second


def augmented_inputs(task: Task, train: Split, epoch_seed: int) -> npt.NDArray[np.generic]:
    """Return the training inputs of one epoch: images shifted at random, MFCC unchanged."""
    if task.shift == 0:
        return train.inputs
    images, _ = load_mnist_cached()
    return pool_codes(shift_images(images[train.index], task.shift, epoch_seed), task.pool)


_MNIST: list[tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]] = []


def load_mnist_cached() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return `load_mnist()`, read once per process."""
    if not _MNIST:
        _MNIST.append(load_mnist())
    return _MNIST[0]


def raw_values(inputs: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    """Return what the network sees: pixel/255 for codes, the values themselves otherwise."""
    if np.issubdtype(inputs.dtype, np.integer):
        return inputs.astype(np.float32) / np.float32(255)
    return inputs.astype(np.float32)
