"""Every shipped device model: it loads, says where its numbers come from, and round-trips."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import yaml

from aimc_sim.devices import DeviceFile, device_model_names, device_model_path, load_device
from aimc_sim.spec import InputError, Source, read_yaml, validate, write_yaml
from tests.unit.devices.draws import named

NAMES = device_model_names()
EXPECTED = {
    "cmo_hfox_falcone_0p2pct",
    "cmo_hfox_falcone_2pct",
    "gaussian",
    "ideal",
    "pcm_hermes2023_one_device",
    "pcm_hermes2023_two_devices",
    "pcm_joshi2020",
    "pcm_joshi2020_crosssim",
    "rram_milo2021",
    "rram_milo2021_linear",
    "rram_wan2022",
    "rram_wan2022_crosssim",
    "sonos_agrawal2022",
    "table_example",
    "taox_64x64",
    "taox_64x64_yield84",
}
WINDOW = {
    "window_S": 1.0e-6,
    "max_pulses": 10,
    "source": {"cite": "for this test", "grade": "assumed"},
}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@cache
def shipped(name):
    return load_device(device_model_path(name))


KINDS = {shipped(name).device.kind: name for name in NAMES}
"""One shipped model of each kind."""


@pytest.fixture
def device(name):
    return shipped(name).device


def test_the_models_of_this_version_are_shipped():
    assert set(NAMES) >= EXPECTED


def test_name_is_the_file_name(name):
    assert shipped(name).name == name


def test_every_source_says_where_and_how_well(device):
    sources = device.sources()
    assert len(sources) >= 2
    for source in sources.values():
        assert isinstance(source, Source)
        assert source.grade == "assumed" or source.doi


def test_what_is_assumed_says_why(device):
    if device.kind != "ideal":
        assert all(s.note for s in device.sources().values() if s.grade == "assumed")


def test_round_trip_keeps_every_number(name, tmp_path):
    model = shipped(name)
    path = tmp_path / "copy.yaml"
    write_yaml(path, model.model_dump(mode="json"))
    copy = load_device(path)
    assert copy == model
    assert copy.digest() == model.digest()


def test_every_number_is_read_as_a_number(name):
    def check(tree):
        for value in tree.values() if isinstance(tree, dict) else tree:
            if isinstance(value, dict | list):
                check(value)
            elif isinstance(value, str):
                with pytest.raises(ValueError, match="could not convert"):
                    float(value)

    check(read_yaml(device_model_path(name))["device"])


def test_conductances_written_are_physical(device):
    g_S = np.linspace(device.g_min_S, device.g_max_S, 2_000).reshape(40, 50)
    state = device.program(g_S, named(1, g_S.shape))
    assert (state.g_target_S == g_S).all()
    assert state.g_programmed_S.shape == g_S.shape
    assert (state.g_programmed_S >= 0.0).all()
    g_read_S = device.drift(state, device.first_age_s)
    if state.z_relaxation is None:
        assert (g_read_S == state.g_programmed_S).all()
    sigma_S = device.read_noise(state, g_read_S, device.first_age_s).sigma_S()
    assert sigma_S is None or (sigma_S.shape == g_S.shape and (sigma_S >= 0.0).all())


def test_reading_changes_nothing(device):
    g_S = np.linspace(device.g_min_S, device.g_max_S, 100)
    state = device.program(g_S, named(1, g_S.shape))
    kept = state.g_programmed_S.copy()
    read_S = device.drift(state, device.first_age_s)
    first_S = read_S.copy()
    read_S += 1.0
    assert (state.g_programmed_S == kept).all()
    assert (device.drift(state, device.first_age_s) == first_S).all()


def test_one_cell_does_not_depend_on_its_neighbours(device):
    g_S = np.linspace(device.g_min_S, device.g_max_S, 64)
    z = named(3, g_S.shape)
    whole = device.program(g_S, z)
    part = device.program(g_S[10:20], lambda source: z(source)[10:20])
    assert (whole.g_programmed_S[10:20] == part.g_programmed_S).all()


@pytest.mark.parametrize("wrong", [-1.0e-9, np.nan, np.inf, "above"])
def test_target_outside_the_range_is_refused(device, wrong):
    value = 1.001 * device.g_max_S if wrong == "above" else wrong
    target = [device.g_max_S, value]
    with pytest.raises(InputError, match=r"g_target_S: found .* in 1 of 2 cells; allowed"):
        device.program(target, named(1, (2,)))


def test_rounding_beyond_the_range_is_taken_as_the_end(device):
    over = [device.g_max_S * (1.0 + 1e-12), device.g_min_S - device.g_max_S * 1e-12]
    ends = [device.g_max_S, device.g_min_S]
    z = named(1, (2,))
    assert (device.program(over, z).g_programmed_S == device.program(ends, z).g_programmed_S).all()


@pytest.mark.parametrize("t_s", [-1.0e-9, -1.0, np.nan, np.inf])
def test_time_before_the_reference_read_is_refused(device, t_s):
    state = device.program([device.g_max_S], named(1, (1,)))
    for act in (
        lambda: device.drift(state, t_s),
        lambda: device.read_noise(state, state.g_programmed_S, t_s).sigma_S(),
    ):
        with pytest.raises(InputError, match="t_s: found"):
            act()


def test_counts_of_programming_are_stated(device):
    if device.statistic == "after_verify":
        assert device.set_pulses_mean + device.reset_pulses_mean >= 1
    else:
        assert device.write_verify.max_pulses >= 1


def test_a_spread_left_by_verification_is_not_verified_again(name, device):
    if device.statistic == "single_pulse":
        pytest.skip("written by a loop")
    with pytest.raises(InputError, match=r"write_verify: .* would count it twice"):
        load_device(device_model_path(name), {"device.write_verify": WINDOW})
    with pytest.raises(InputError, match="statistic: found 'single_pulse'"):
        load_device(device_model_path(name), {"device.statistic": "single_pulse"})


@pytest.mark.parametrize("z", [-6.7, 0.0, 6.7])
def test_nothing_is_nan_or_negative_at_the_ends_of_the_range(device, z):
    for shape in ((1,), (), (1, 1, 2), (0,)) if z == 0.0 else ((1,),):
        for end_S in (device.g_min_S, device.g_max_S):
            state = device.program(np.full(shape, end_S), lambda _, s=shape: np.full(s, z, "f4"))
            for t_s in device.example_ages_s:
                g_S = device.drift(state, t_s)
                assert g_S.shape == shape
                assert np.isfinite(g_S).all()
                assert (g_S >= 0.0).all()
                sigma_S = device.read_noise(state, g_S, t_s).sigma_S()
                if sigma_S is not None:
                    assert np.isfinite(sigma_S).all()
                    assert (sigma_S >= 0.0).all()


def test_time_zero_works_or_is_refused_by_name(device):
    state = device.program([device.g_max_S], named(1, (1,)))
    if device.first_age_s == 0.0:
        assert np.isfinite(device.drift(state, 0.0)).all()
        return
    for act in (lambda: device.drift(state, 0.0), lambda: device.drift(state, 0.5)):
        with pytest.raises(InputError, match=r"found 0.* s; .*1 ?s"):
            act()


def test_reading_twice_is_one_trajectory(device):
    g_S = np.linspace(device.g_min_S, device.g_max_S, 50)
    state = device.program(g_S, named(3, g_S.shape))
    first = device.drift(state, device.first_age_s)
    device.drift(state, device.example_ages_s[-1])
    assert (device.drift(state, device.first_age_s) == first).all()


def test_currents_are_finite_at_all_conductances(device):
    g_S = np.concatenate([[0.0], np.geomspace(1e-12, 2.0 * device.g_max_S, 50)])
    terms = device.nonlinearity(g_S)
    if terms is not None:
        assert all(np.isfinite(term).all() and term.shape == g_S.shape for term in terms)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("device.g_min_S", 1.0, "g_min_S: found 1; must be below g_max_S"),
        ("device.g_max_S", -1.0e-6, r"g_max_S: found -1e-06; .*greater than 0"),
        ("device.g_min_uS", 1.0, "unknown key; did you mean 'g_min_S'"),
        ("device.kind", "pcmm", "device"),
        ("device.set_pulses_mean", -1, "set_pulses_mean: found -1"),
        ("device.set_pulses_mean", 1.5, "set_pulses_mean: found 1.5"),
        ("device.statistic", "once", "statistic: found 'once'"),
        ("device.pulses_source.grade", "guessed", "grade: found 'guessed'"),
        ("device.pulses_source.cite", "", "cite: found ''"),
        ("device.g_max_S", float("nan"), "g_max_S: found nan"),
        ("device.g_max_S", "25 uS", "g_max_S: found '25 uS'"),
        ("version", "9.0", "version: found '9.0'"),
        ("format", "aimc-chip", "format: found 'aimc-chip'"),
        ("name", "Not A Name", "name: found 'Not A Name'"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_wrong_value_is_one_line_with_file_and_path(kind, path, value, message):
    file = device_model_path(KINDS[kind])
    with pytest.raises(InputError, match=message) as caught:
        load_device(file, {path: value})
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("key", ["kind", "g_min_S", "g_max_S"])
def test_missing_key_is_named(name, key):
    tree = read_yaml(device_model_path(name))
    del tree["device"][key]
    with pytest.raises(InputError, match=key if key != "kind" else "device"):
        validate(DeviceFile, tree, "x.yaml")


def test_file_without_a_device_is_refused(tmp_path):
    path = tmp_path / "empty.yaml"
    path.write_text(yaml.safe_dump({"format": "aimc-device", "version": "1.0"}))
    with pytest.raises(InputError, match="required key is missing"):
        load_device(path)


def test_unknown_model_names_the_nearest():
    with pytest.raises(
        InputError, match=r"did you mean 'pcm_joshi2020'; shipped: .*pcm_joshi2020,"
    ):
        device_model_path("pcm_joshi")
    with pytest.raises(InputError, match=r"has this name; shipped: .* pcm_\.\.\. \(4\), "):
        device_model_path("../secret")


def test_a_folder_inside_the_package_goes_before_the_one_beside_it(tmp_path, monkeypatch):
    from aimc_sim.devices import io

    beside, package = tmp_path / "device_models", tmp_path / "aimc_sim"
    for folder, model in ((beside, "beside"), (package / "device_models", "inside")):
        folder.mkdir(parents=True)
        (folder / f"{model}.yaml").write_text("{}")
    monkeypatch.setattr(io, "_PACKAGE", package)
    assert io.device_model_names() == ["inside"]
    monkeypatch.setattr(io, "_PACKAGE", tmp_path / "other")
    assert io.device_model_names() == ["beside"]
