"""Every broken model file gives one line that names the file, the place, found and expected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aimc_sim.model.npz import load_model
from aimc_sim.spec import InputError
from tests.broken import arrays, corpus, headers, zips
from tests.broken.corpus import Broken, gated_model, good_model, model_bytes

CASES = (*zips.CASES, *headers.CASES, *arrays.CASES)


def assert_one_clear_line(message: str, path: Path, case: Broken) -> None:
    """Check the form of a message: one line, file first, not too long, all that it must say."""
    assert message.startswith(str(path))
    assert "\n" not in message
    assert len(message) < len(str(path)) + 400
    for text in case.says:
        assert text.lower() in message.lower()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_broken_model(case: Broken, tmp_path: Path) -> None:
    path = case.write(tmp_path)
    with pytest.raises(InputError) as caught:
        load_model(path)
    assert_one_clear_line(str(caught.value), path, case)


def test_the_good_files_are_good(tmp_path: Path) -> None:
    for gated, model in ((False, good_model()), (True, gated_model())):
        path = tmp_path / "good.npz"
        path.write_bytes(model_bytes(gated))
        assert load_model(path).digest == model.digest
        corpus.write_parts(path, *corpus.parts(gated))
        assert load_model(path).digest == model.digest


def test_damaged_bytes_are_told_or_harmless(tmp_path: Path) -> None:
    """Flip, cut, double or overwrite bytes anywhere: an `InputError`, or the very same model."""
    rng, good, path = np.random.default_rng(20240), model_bytes(), tmp_path / "damaged.npz"
    digest, told = good_model().digest, 0
    for _ in range(400):
        data = bytearray(good)
        at, size = int(rng.integers(len(data))), int(rng.integers(1, 40))
        kind = rng.integers(4)
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            del data[at : at + size]
        elif kind == 2:
            data[at:at] = data[at : at + size]
        else:
            data[at : at + size] = rng.bytes(size)
        path.write_bytes(bytes(data))
        message = fault_of(path, digest)
        assert message is None or (message.startswith(str(path)) and "\n" not in message)
        told += message is not None
    assert told > 200


def fault_of(path: Path, digest: str) -> str | None:
    """Return the message of a file that is refused; one that is read must have this digest."""
    try:
        assert load_model(path).digest == digest
    except InputError as error:
        return str(error)
    return None
