"""The page of every device model: from its file alone, the same each time, all sources named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from aimc_sim.devices import PulsedDevice, device_model_names, device_model_path, load_device
from aimc_sim.report.device_curves import (
    DAY_s,
    HOUR_s,
    YEAR_s,
    ages_among,
    band_rows,
    fan,
    known_ages,
    sigma_curve,
    spread,
)
from aimc_sim.report.device_pulses import pulse_steps, write_by_loop
from aimc_sim.report.device_text import drift_text, faults_text, noise_text, spread_text
from docs.device_pages import page, write_pages

NAMES = device_model_names()


def text_of(name: str, old: str = "", new: str = "") -> tuple[str, str]:
    """A shipped model's YAML, with one thing changed."""
    text = device_model_path(name).read_text(encoding="utf-8")
    assert old in text
    return text, text.replace(old, new, 1)


def page_of(folder: Path, yaml_text: str) -> str:
    """The page of a YAML text, without the copy of the text at its end."""
    path = folder / "model.yaml"
    path.write_text(yaml_text, encoding="utf-8")
    return page(load_device(path), yaml_text).split("## The file")[0]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages, written once."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "devices").mkdir()
    (folder / "devices" / "model_that_is_gone.md").write_text("# gone\n", encoding="utf-8")
    write_pages(folder)
    return folder


@pytest.mark.slow
def test_every_model_has_a_page_and_a_row(pages: Path) -> None:
    assert sorted(path.stem for path in (pages / "devices").iterdir()) == NAMES
    index = (pages / "devices.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert index.count(f"| [{name}](devices/{name}.md) |") == 1
        assert index.count(f"\ndevices/{name}\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_page_names_all_sources_and_leaves_no_placeholder(pages: Path, name: str) -> None:
    text = (pages / "devices" / f"{name}.md").read_text(encoding="utf-8")
    told = text.split("## Sources")[1].split("## The file")[0]
    for source in load_device(device_model_path(name)).device.sources().values():
        for part in (source.cite, f"*{source.grade}*", source.doi or "", source.note or ""):
            assert " ".join(part.split()) in told
    assert not re.search(r"\bnan\b|\binf\b|#0[1-9a-c]0[1-9a-c]0", text)
    for section in ("Drift", "Read noise", "I-V curve", "Faults", "Sources", "The file"):
        assert text.count(f"\n## {section}\n") == 1
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.slow
def test_the_same_file_gives_the_same_bytes(pages: Path, tmp_path: Path) -> None:
    """Whatever was made before it in the same process."""
    some = ("pcm_joshi2020", "rram_wan2022", "pulse_pcm_nandakumar2020", "taox_64x64_yield84")
    models = tmp_path / "models"
    models.mkdir()
    for name in some:
        shutil.copy(device_model_path(name), models)
    write_pages(tmp_path, models)
    for name in some:
        made = [(at / "devices" / f"{name}.md").read_bytes() for at in (pages, tmp_path)]
        assert made[0] == made[1]


@pytest.mark.parametrize(
    ("name", "old", "new", "section"),
    [
        ("taox_64x64", "sigma_write_S: 5.0e-6", "sigma_write_S: 6.0e-6", "Programming"),
        ("taox_64x64_yield84", "rate: 0.08", "rate: 0.07", "Faults"),
        ("cmo_hfox_falcone_2pct", "mean_slope_S: -0.089", "mean_slope_S: -0.189", "Drift"),
        ("cmo_hfox_falcone_2pct", "k_S: 0.0277", "k_S: 0.0377", "Read noise"),
        ("rram_milo2021", "v_max_V: 0.5", "v_max_V: 0.4", "I-V curve"),
        ("pulse_reram_sb_gong2018", "dw_min: 0.002", "dw_min: 0.003", "One pulse"),
        ("pulse_reram_sb_gong2018", "window_S: 0.5e-6", "window_S: 0.4e-6", "The loop"),
    ],
)
def test_a_changed_number_changes_its_section(
    tmp_path: Path, name: str, old: str, new: str, section: str
) -> None:
    parts = [
        page_of(tmp_path, text).split(f"## {section}\n")[1].split("\n## ")[0]
        for text in text_of(name, old, new)
    ]
    assert parts[0] != parts[1]


def test_what_a_file_does_not_give_is_said_in_words(tmp_path: Path) -> None:
    text = page_of(tmp_path, text_of("ideal")[0])
    assert "<svg" not in text
    for words in ("no spread", "no drift", "no read noise", "no faults", "I = g V"):
        assert words in text


def test_ages_are_those_that_the_device_answers() -> None:
    found = {name: known_ages(load_device(device_model_path(name)).device) for name in NAMES}
    assert found["pcm_joshi2020"].ages_s[0] == 0.0
    assert found["pcm_joshi2020"].ages_s[-1] == YEAR_s
    assert found["cmo_hfox_falcone_2pct"].ages_s[0] == 1.0
    assert found["rram_wan2022"].ages_s == (1.0, DAY_s, 2 * DAY_s)
    listed = {name for name, ages in found.items() if not ages.continuous}
    assert listed == {"rram_wan2022", "rram_wan2022_crosssim", "sonos_agrawal2022"}
    for name, ages in found.items():
        assert list(ages.ages_s) == sorted(set(ages.ages_s)), name
    sonos = load_device(device_model_path("sonos_agrawal2022")).device
    assert ages_among(sonos, (HOUR_s, DAY_s)) == (0.0, DAY_s)


def test_an_interpolated_device_is_shown_from_its_first_to_its_last_time() -> None:
    path = device_model_path("rram_wan2022")
    ages = known_ages(load_device(path, {"device.interpolation": "log_time"}).device)
    assert ages.continuous
    assert (ages.ages_s[0], ages.ages_s[-1]) == (1.0, 2 * DAY_s)


def test_numbers_are_those_of_the_file() -> None:
    taox = load_device(device_model_path("taox_64x64")).device
    assert np.allclose(sigma_curve(taox)[1], 5.0e-6, rtol=1e-6)
    assert spread_text(taox) == "5 µS"
    assert faults_text(taox) == "stuck off 0 %, stuck on 0 %"
    ideal = load_device(device_model_path("ideal")).device
    assert not spread(ideal).sigma_S.any()
    assert not fan(ideal, known_ages(ideal)).moves
    pcm = load_device(device_model_path("pcm_joshi2020")).device
    assert noise_text(pcm) == "1/f"
    assert drift_text(pcm) == "at any age"
    rows = band_rows(pcm, (0.0, DAY_s), (1.0e-6, 1.0e-2), 1024)
    assert len(rows) == 4
    for row in rows:
        assert sum(row[1:]) == pytest.approx(1.0, abs=1e-12)


def test_a_pulse_steps_as_its_response_says() -> None:
    """Soft bounds without any spread: dw (1 - w / w_max) up, dw (1 - w / w_min) down."""
    device = load_device(device_model_path("pulse_reram_sb_gong2018")).device
    assert isinstance(device, PulsedDevice)
    up, down = (pulse_steps(device, up=flag) for flag in (True, False))
    w = (up.g_S - device.conductance_S(np.zeros(1))) / device.slope_S
    scale_S = 0.002 * 25.0e-6
    assert np.allclose(up.typical_S, scale_S * (1.0 - w / 1.25), atol=1e-12)
    assert np.allclose(down.typical_S, -scale_S * (1.0 + w / 0.75), atol=1e-12)
    found = write_by_loop(device)
    assert (np.abs(found.error_S[~found.failed]) < device.write_verify.window_S).all()
