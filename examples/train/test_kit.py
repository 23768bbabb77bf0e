"""Tests of the training kit; they need the extra `train` (run: pytest examples/train)."""

from __future__ import annotations

import json
import pathlib
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from datasets import Corpus, read_ts, shift_images, split_indices  # noqa: E402
from fakequant import FakeQuant, logits_of_file  # noqa: E402
from s4d import Classifier, Kernel, MaskedBatchNorm  # noqa: E402
from scan import DiagonalScan  # noqa: E402
from tasks import TASKS  # noqa: E402

DATA = pathlib.Path(__file__).parents[1] / "data"


def test_scan_equals_convolution_with_the_kernel() -> None:
    torch.manual_seed(1)
    kernel = Kernel(TASKS["smnist784"]).double()
    u = torch.randn(2, 300, 32, dtype=torch.float64)
    with torch.no_grad():
        abar, c = kernel.discretise()
        powers = torch.exp(torch.log(abar)[:, :, None] * torch.arange(300))
        k = 2 * torch.einsum("hn,hnl->lh", c * kernel.B, powers).real
        n = 600
        expected = torch.fft.irfft(
            torch.fft.rfft(k, n, dim=0) * torch.fft.rfft(u, n, dim=1), n, dim=1
        )[:, :300]
        parts = (abar.real.T, abar.imag.T, kernel.B.T, c.real.T, c.imag.T)
        found = DiagonalScan.apply(u, *parts)
    assert torch.max(torch.abs(found - expected)) < 1e-12 * torch.max(torch.abs(expected))


def test_gradient_of_the_scan() -> None:
    torch.manual_seed(2)
    shapes = [(2, 5, 3)] + 5 * [(2, 3)]
    tensors = [torch.randn(s, dtype=torch.float64).mul(0.5).requires_grad_() for s in shapes]
    assert torch.autograd.gradcheck(DiagonalScan.apply, tensors)


def test_batch_norm_ignores_padding() -> None:
    torch.manual_seed(3)
    u = torch.randn(4, 7, 5, dtype=torch.float64)
    valid = (torch.arange(7) < torch.tensor([[7], [2], [4], [5]])).double()[:, :, None]
    norm, plain = MaskedBatchNorm(5).double(), torch.nn.BatchNorm1d(5).double()
    kept = valid[:, :, 0].bool()
    expected = plain(u[kept])
    assert torch.allclose(norm(u, valid)[kept], expected, atol=1e-12)
    assert torch.allclose(norm.running_var, plain.running_var, atol=1e-12)


def test_logits_do_not_depend_on_padding() -> None:
    torch.manual_seed(4)
    model = Classifier(TASKS["digits"]).double().eval()
    short = torch.randn(1, 9, 13, dtype=torch.float64)
    padded = torch.cat([short, torch.randn(1, 4, 13, dtype=torch.float64)], dim=1)
    length = torch.tensor([9])
    assert torch.allclose(model(short, length), model(padded, length), atol=1e-12)


def test_split_is_stratified_and_disjoint() -> None:
    labels = np.repeat(np.arange(10), 300)
    train, test = split_indices(labels)
    assert len(train) == 2400
    assert sorted([*train, *test]) == list(range(3000))
    assert np.bincount(labels[test]).tolist() == 10 * [60]


def batch_of(name: str) -> dict[str, np.ndarray]:
    """The arrays of a committed data file."""
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def test_vowels_keep_the_split_of_their_data_set() -> None:
    test, calibration = batch_of("vowels_test"), batch_of("vowels_calibration")
    assert sorted(test["index"]) == list(range(270, 640))
    assert np.bincount(test["labels"]).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    assert np.all(np.diff(test["labels"][np.argsort(test["index"])]) >= 0)
    assert np.all(calibration["labels"] == calibration["index"] // 30)
    assert (test["lengths"].min(), test["lengths"].max()) == (7, 29)


@pytest.mark.parametrize("part", ["test", "calibration"])
def test_zero_against_one_is_in_the_split_of_all_digits(part: str) -> None:
    two, ten = batch_of(f"digits01_{part}"), batch_of(f"digits_{part}")
    kept = ten["labels"] < 2
    n = int(kept.sum())
    for key in ("index", "labels", "lengths"):
        assert np.array_equal(two[key][:n], ten[key][kept]), key
    assert n == len(two["index"]) or part == "calibration"
    assert set(two["labels"]) == {0, 1}


def test_fewer_classes_leave_the_indices_alone() -> None:
    labels, inputs = np.array([2, 0, 1, 2, 1, 0]), np.zeros((6, 1, 1), np.float32)
    train, test = np.array([5, 0, 2]), np.array([3, 1, 4])
    two = Corpus(inputs, labels, np.ones(6, np.int64), train, test).of_classes(2)
    assert (two.train.tolist(), two.test.tolist()) == ([5, 2], [1, 4])


def test_sequences_of_a_file_differ_in_length() -> None:
    sequences, labels = read_ts("# a,b:c\n@classLabel true 1 2\n@data\n1,2:3,4:2\n5:6:1\n")
    assert [s.tolist() for s in sequences] == [[[1.0, 3.0], [2.0, 4.0]], [[5.0, 6.0]]]
    assert labels == [2, 1]


def test_shift_moves_by_at_most_one_pixel() -> None:
    images = np.zeros((200, 28, 28), np.uint8)
    images[:, 10, 12] = 7
    where = np.argwhere(shift_images(images, 1, seed=5))[:, 1:] - [10, 12]
    assert {tuple(w) for w in where} == {(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)}


def test_fake_quantisation_of_one_mode_against_plain_integers(tmp_path: pathlib.Path) -> None:
    codes = {"A_re": [115], "A_im": [-40], "B_re": [90], "B_im": [0], "C_re": [70], "C_im": [-33]}
    scalars = {
        "m_A": 128,
        "k_A": 14,
        "m_B": 200,
        "k_B": 10,
        "m_C": 9,
        "k_C": 11,
        "m_D": 1,
        "k_D": 6,
    }
    signal = {"bits": 8, "signed": True, "scale": 0.1}
    head = {"name": "s", "kind": "s4d", "input": "input", "complex": True, "readout": "new"}
    last = {"name": "p", "kind": "pool", "input": "s", "rule": "last", "output": signal}
    header = {
        "input": {**signal, "channels": 1},
        "layers": [{**head, "state": {**signal, "bits": 12}, "output": signal}, last],
    }
    arrays = {f"s.{k}": np.array(v) for k, v in {**codes, **scalars}.items()}
    arrays |= {"s.n_states": np.array([1]), "s.D": np.array([-50])}
    np.savez(tmp_path / "m.npz", header=np.array(json.dumps(header)), **arrays)
    inputs = [100, -128, 3, 77, 127, 127, -90]
    re = im = y = 0
    for u in inputs:
        drive = 90 * u * 200 * 2**4
        new_re = ((115 * re + 40 * im) * 128 + drive + 2**13) >> 14
        im = max(-2048, min(2047, ((115 * im - 40 * re) * 128 + 2**13) >> 14))
        re = max(-2048, min(2047, new_re))
        y = (2 * (70 * re + 33 * im) * 9 - 50 * u * 2**5 + 2**10) >> 11
    model = FakeQuant(tmp_path / "m.npz")
    found = logits_of_file(model, {"inputs": np.array(inputs)[None, :, None]})
    assert found.tolist() == [[max(-128, min(127, y))]]
