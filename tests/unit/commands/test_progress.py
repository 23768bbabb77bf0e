"""The progress bar: for those who look on, on standard error, with speed and time left."""

from __future__ import annotations

import numba
import pytest

from aimc_sim.commands import progress
from aimc_sim.commands.progress import progress_bar, threads
from aimc_sim.spec import InputError


def drive(quiet: bool = False) -> bool:
    """Go through a run of ten steps; whether a bar was there."""
    with progress_bar(quiet) as tick:
        for done in range(11) if tick else ():
            tick(done, 10)
    return tick is not None


def test_nobody_looks_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert not drive()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("cold", [True, False])
def test_a_terminal_shows_a_bar(
    cold: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setattr(progress, "_kernels_are_cold", lambda: cold)
    assert not drive(quiet=True)
    assert drive()
    out, err = capsys.readouterr()
    assert out == ""
    assert "100 %" in err
    assert "steps/s" in err
    assert ("Compiling kernels" in err) == cold


def test_threads_are_set_for_a_while() -> None:
    before = numba.get_num_threads()
    with threads(1):
        assert numba.get_num_threads() == 1
    assert numba.get_num_threads() == before
    with threads(None):
        assert numba.get_num_threads() == before
    with pytest.raises(InputError, match=r"--threads: found 4096; allowed 1\.\."), threads(4096):
        pass
