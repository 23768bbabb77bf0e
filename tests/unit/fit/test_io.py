"""The CSV: there and back, and every fault told in one line with file, line and column."""

from __future__ import annotations

import math

import numpy as np
import pytest

from aimc_sim.devices import device_model_path, load_device
from aimc_sim.fit import Measurements, measurements_of, read_measurements, write_measurements
from aimc_sim.spec import InputError

HEADER = "device,target_S,time_s,g_S,cycle\n"


def rows(n=6, target="1e-6"):
    return "".join(f"d{i},{target},0,{1e-6 + 1e-8 * i},0\n" for i in range(n))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.csv"


def test_there_and_back(path):
    pcm = load_device(device_model_path("pcm_joshi2020")).device
    data = measurements_of(pcm, [0.0, 5.0e-6, 20.0e-6], [0.0, 100.0], 6, 3, seed=2)
    write_measurements(path, data)
    again = read_measurements(path)
    assert again.devices == data.devices
    for name in ("target_S", "times_s", "g_S"):
        assert np.array_equal(getattr(again, name), getattr(data, name)), name
    assert len(again.digest) == 64


def test_missing_reads_and_order_of_columns(path):
    path.write_text(
        "cycle, g_S ,time_s,target_S,device\n"
        + "".join(f"0,{1e-6 + 1e-8 * i},0,1e-6,d{i}\n" for i in range(6))
        + "0,,10,1e-6,d0\n0,NaN,10,1e-6,d1\n1,2e-6,10,1e-6,d2\n"
    )
    m = read_measurements(path)
    assert m.g_S.shape == (6, 2, 2)
    assert np.isfinite(m.g_S).sum() == 7
    assert m.g_S[2, 1, 1] == 2e-6
    census = m.census()
    assert (census["n_reads"], census["n_missing"]) == (7, 17)
    assert census["n_devices_by_time"] == [6, 1]


def test_without_cycles_each_read_is_the_only_one(path):
    path.write_text(
        "device,target_S,time_s,g_S\n" + "".join(f"{i},1e-6,0,1e-6\n" for i in range(5))
    )
    assert read_measurements(path).n_cycles == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: column 'device' is missing"),
        ("device,target,time_s,g_S\n", "unknown column 'target'; did you mean 'target_S'"),
        ("device,device,target_S,time_s,g_S\n", "column 'device' is there twice"),
        (HEADER, "holds no read"),
        (HEADER + "a,x,0,1e-6,0\n", "line 2: column target_S: found 'x'; expected a number"),
        (HEADER + rows() + "a,1e-6,-1,1e-6,0\n", "line 8: column time_s: found '-1'"),
        (HEADER + "a,1e-6,0,25,0\n", "line 2: column g_S: found '25'; expected a number from -1"),
        (HEADER + "a,1e-6,0,inf,0\n", "line 2: column g_S: found 'inf'"),
        (HEADER + "a,1e-6,0,1e-6,0.5\n", "line 2: column cycle: found '0.5'"),
        (HEADER + ",1e-6,0,1e-6,0\n", "line 2: column device: found nothing"),
        (HEADER + "a,1e-6,0,1e-6,0,7\n", "line 2: has more cells than"),
        (HEADER + "a,1e-6,0,1e-6,0\na,1e-6,0,2e-6,0\n", "line 3: column cycle: found 0 twice"),
        (HEADER + "a,1e-6,0,1e-6,0\na,2e-6,9,2e-6,0\n", "line 3: column target_S: found 2e-06"),
        (HEADER + rows(4), "target_S 1e-06 has 4 devices; a spread needs 5 or more"),
        (HEADER + "a,1e-6,0\n", "holds no read"),
        (HEADER + "a,1e-6\n", "line 2: column time_s: found ''"),
    ],
)
def test_a_fault_is_told_in_one_line(path, text, message):
    path.write_text(text)
    with pytest.raises(InputError) as told:
        read_measurements(path)
    assert str(told.value).startswith(str(path)) or "m.csv" in str(told.value)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_measurements(tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_measurements(tmp_path / "bad.csv")


def test_reads_at_the_floor_are_counted(path):
    path.write_text(HEADER + rows())
    m = read_measurements(path, floor_S=1.02e-6)
    assert m.census()["n_at_floor"] == 3
    assert read_measurements(path).census()["n_at_floor"] == 0


def test_generated_reads_have_the_published_noise():
    """One device's reads scatter with the spread of the whole band, in 4.4 standard errors."""
    pcm = load_device(device_model_path("pcm_joshi2020")).device
    data = measurements_of(pcm, [20.0e-6], [0.0], 5, 20_000, seed=4)
    assert isinstance(data, Measurements)
    for reads_S in data.g_S[:, 0]:
        gr = reads_S.mean() / 25.0e-6
        relative = 0.0088 / gr**0.65 * math.sqrt(math.log(20.00000025 / 5.0e-7))
        assert reads_S.std() / reads_S.mean() / relative == pytest.approx(1.0, abs=4.4 * 0.005)
