"""Broken chip and device files, made from shipped ones by one change each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from aimc_sim.spec import read_yaml, with_override, write_yaml
from tests.broken.corpus import Broken

ROOT = Path(__file__).parents[2]
CHIP = ROOT / "examples" / "chips" / "rram_64.yaml"
DEVICE = ROOT / "device_models" / "pcm_joshi2020.yaml"
Edit = Callable[[dict[str, Any]], dict[str, Any]]


def setting(path: str, value: Any) -> Edit:
    """Return an edit that sets the value at a dotted path."""
    return lambda tree: with_override(tree, path, value)


def dropping(path: str) -> Edit:
    """Return an edit that takes the key at a dotted path out."""

    def edit(tree: dict[str, Any]) -> dict[str, Any]:
        parent, _, key = path.rpartition(".")
        section = tree
        for part in filter(None, parent.split(".")):
            section = section[part]
        del section[key]
        return tree

    return edit


def renaming(path: str, new: str) -> Edit:
    """Return an edit that gives the key at a dotted path another name."""

    def edit(tree: dict[str, Any]) -> dict[str, Any]:
        parent, _, key = path.rpartition(".")
        section = tree
        for part in filter(None, parent.split(".")):
            section = section[part]
        section[new] = section.pop(key)
        return tree

    return edit


def from_tree(name: str, base: Path, edit: Edit, *says: str) -> Broken:
    """Break one thing in the content of a good file."""
    return Broken(name, lambda path: write_yaml(path, edit(read_yaml(base))), says, ".yaml")


def from_text(name: str, base: Path, old: str, new: str, *says: str) -> Broken:
    """Break the text of a good file; `old` must occur in it."""

    def make(path: Path) -> None:
        text = base.read_text(encoding="utf-8")
        assert old in text
        path.write_bytes(text.replace(old, new, 1).encode("latin-1"))

    return Broken(name, make, says, ".yaml")


def _texts(kind: str, base: Path) -> tuple[Broken, ...]:
    """Return what can go wrong with the text of either kind of file."""
    head = f"format: aimc-{kind}"
    return (
        Broken(f"{kind}_missing_file", lambda path: None, ("No such file",), ".yaml"),
        Broken(f"{kind}_empty", lambda path: path.touch(), ("found nothing",), ".yaml"),
        from_text(f"{kind}_tab", base, head, f"{head}\n\tversion: 1", "line ", "not valid YAML"),
        from_text(f"{kind}_key_twice", base, head, f"{head}\n{head}", "'format' is given twice"),
        from_text(f"{kind}_open_quote", base, head, f'format: "aimc-{kind}', "not valid YAML"),
        from_text(f"{kind}_not_utf8", base, head, f"# caf\xe9\n{head}", "not UTF-8"),
        from_text(f"{kind}_alias", base, head, f"{head}\na: &x 1\nb: *x", "aliases"),
        from_text(f"{kind}_tag", base, head, f"{head}\nx: !!python/name:os.system", "not valid"),
        from_text(
            f"{kind}_other_format",
            base,
            head,
            "format: aimc-model",
            "format: found 'aimc-model'",
            f"'aimc-{kind}'",
        ),
        from_tree(
            f"{kind}_version_future",
            base,
            setting("version", "2.0"),
            "version: found '2.0'",
            "'1.0'",
        ),
        from_tree(f"{kind}_version_number", base, setting("version", 1.0), "version: found 1.0"),
        from_tree(
            f"{kind}_version_missing", base, dropping("version"), "version: required key is missing"
        ),
        from_tree(
            f"{kind}_unknown_key", base, setting("author", "x"), "author: unknown key", "allowed:"
        ),
        from_tree(
            f"{kind}_misspelt_key",
            base,
            renaming("description", "desciption"),
            "desciption: unknown key",
            "did you mean 'description'",
        ),
    )


# fmt: off
DEVICES: tuple[Broken, ...] = (
    *_texts("device", DEVICE),
    from_tree("device_kind", DEVICE, setting("device.kind", "pcmm"), "device.kind: found 'pcmm'",
              "did you mean 'pcm'"),
    from_tree("device_kind_missing", DEVICE, dropping("device.kind"),
              "device.kind: required key is missing"),
    from_tree("device_unit", DEVICE, renaming("device.g_max_S", "g_max_uS"),
              "device.g_max_uS: unknown key", "did you mean 'g_max_S'"),
    from_tree("device_window_turned", DEVICE, setting("device.g_min_S", 30.0e-6), "g_min_S",
              "g_max_S"),
    from_tree("device_negative_g", DEVICE, setting("device.g_min_S", -1.0e-6),
              "g_min_S: found -1e-06", "greater than or equal to 0"),
    from_tree("device_nan", DEVICE, setting("device.drift_law.t0_s", float("nan")),
              "t0_s: found nan", "finite"),
    from_tree("device_infinite", DEVICE, setting("device.g_max_S", float("inf")),
              "g_max_S: found inf", "finite"),
    from_tree("device_text", DEVICE, setting("device.flicker_law.q_s.high", "small"),
              "flicker_law.q_s.high: found 'small'", "valid number"),
    from_tree("device_null", DEVICE, setting("device.flicker_law.q_s.high", None),
              "flicker_law.q_s.high: found None"),
    from_tree("device_no_source", DEVICE, dropping("device.flicker_law.source"),
              "flicker_law.source: required key is missing"),
    from_tree("device_no_cite", DEVICE, dropping("device.drift_law.source.cite"),
              "drift_law.source.cite: required key is missing"),
    from_tree("device_grade", DEVICE, setting("device.drift_law.source.grade", "guessed"),
              "grade: found 'guessed'", "'measured'"),
    from_tree("device_nu_bounds", DEVICE, setting("device.drift_law.nu_mean.low", 0.2), "nu_mean",
              "below high"),
    from_tree("device_nu_typo", DEVICE, renaming("device.drift_law.nu_std.offset", "ofset"),
              "nu_std.ofset: unknown key", "did you mean 'offset'"),
    from_tree("device_pulses", DEVICE, setting("device.set_pulses_mean", -1),
              "set_pulses_mean: found -1"),
    from_tree("device_name", DEVICE, setting("name", "My PCM!"), "name: found 'My PCM!'",
              "pattern"),
)

CHIPS: tuple[Broken, ...] = (
    *_texts("chip", CHIP),
    from_tree("chip_no_costs", CHIP, dropping("costs"), "costs: required key is missing"),
    from_tree("chip_no_hardware", CHIP, dropping("hardware"), "hardware: required key"),
    from_tree("chip_no_adc", CHIP, dropping("hardware.adc"), "hardware.adc: required key"),
    from_tree("chip_hardware_list", CHIP, setting("hardware", [1]), "hardware: found [1]"),
    from_tree("chip_device_unknown", CHIP, setting("hardware.device", "taox_64"),
              "hardware.device: found 'taox_64'", "did you mean 'taox_64x64'", "shipped:"),
    from_tree("chip_device_path", CHIP, setting("hardware.device", "../nowhere/x.yaml"),
              "hardware.device: found '../nowhere/x.yaml'", "nor a file"),
    from_tree("chip_device_null", CHIP, setting("hardware.device", None), "hardware.device"),
    from_tree("chip_adc_kind", CHIP, setting("hardware.adc.kind", "flash"),
              "hardware.adc.kind: found 'flash'", "allowed: 'ideal', 'uniform', 'sar'"),
    from_tree("chip_adc_bits_negative", CHIP, setting("hardware.adc.bits", -8),
              "hardware.adc.bits: found -8", "greater than or equal to 2"),
    from_tree("chip_adc_bits_broken", CHIP, setting("hardware.adc.bits", 7.5), "found 7.5",
              "integer"),
    from_tree("chip_adc_bits_not_priced", CHIP, setting("hardware.adc.bits", 11), "no 11"),
    from_tree("chip_ideal_adc_with_bits", CHIP, setting("hardware.adc.kind", "ideal"),
              "bits: unknown key"),
    from_tree("chip_dac_bits_zero", CHIP, setting("hardware.dac.bits", 0), "dac", "found 0"),
    from_tree("chip_dac_voltage", CHIP, renaming("hardware.dac.v_read_V", "v_read_mV"),
              "v_read_mV: unknown key", "did you mean 'v_read_V'"),
    from_tree("chip_given_without_scale", CHIP, setting("hardware.adc.range", "given"),
              "full_scale_A"),
    from_tree("chip_tile_zero", CHIP, setting("hardware.tile.n_wordlines", 0),
              "n_wordlines: found 0"),
    from_tree("chip_tile_huge", CHIP, setting("hardware.tile.n_bitlines", 100000),
              "n_bitlines: found 100000", "8192"),
    from_tree("chip_adcs", CHIP, setting("hardware.tile.bitlines_per_adc", 65),
              "hardware.tile.bitlines_per_adc: found 65",
              "n_bitlines 64"),
    from_tree("chip_mapping", CHIP, setting("hardware.mapping.s4d", "hybird"),
              "mapping.s4d: found 'hybird'", "'hybrid'"),
    from_tree("chip_mapping_typo", CHIP, renaming("hardware.mapping.subtraction", "substraction"),
              "substraction: unknown key", "did you mean 'subtraction'"),
    from_tree("chip_t_read_nan", CHIP, setting("hardware.timing.t_read_s", float("nan")),
              "t_read_s: found nan", "finite"),
    from_tree("chip_t_read_negative", CHIP, setting("hardware.timing.t_read_s", -1.0e-9),
              "t_read_s: found -1e-09", "greater than 0"),
    from_tree("chip_t_read_text", CHIP, setting("hardware.timing.t_read_s", "100 ns"),
              "t_read_s: found '100 ns'", "valid number"),
    from_tree("chip_t_step_short", CHIP, setting("hardware.timing.t_step_s", 1.0e-12),
              "t_step_s: found 1e-12", "takes"),
    from_tree("chip_unit_pJ", CHIP, renaming("costs.sample_hold.energy_J", "energy_pJ"),
              "costs.sample_hold.energy_pJ: unknown key", "did you mean 'energy_J'"),
    from_tree("chip_area_um2", CHIP, renaming("costs.adder.area_m2", "area_um2"),
              "costs.adder.area_um2: unknown key", "did you mean 'area_m2'"),
    from_tree("chip_cost_negative", CHIP, setting("costs.lut.energy_J", -1.0e-12),
              "costs.lut.energy_J: found -1e-12"),
    from_tree("chip_cost_missing", CHIP, dropping("costs.mux"), "costs.mux: required key"),
    from_tree("chip_cost_no_source", CHIP, dropping("costs.bus.source"),
              "costs.bus.source: required key"),
    from_tree("chip_cost_unknown", CHIP, setting("costs.fan", {"energy_J": 1.0}),
              "costs.fan: unknown key"),
    from_tree("chip_adc_table_short", CHIP, setting("costs.adc.energy_J", [1.0e-12]),
              "costs.adc", "one a width"),
    from_tree("chip_adc_table_order", CHIP, setting("costs.adc.bits", [8, 7, 6, 5, 4, 9, 10]),
              "costs.adc", "ascend"),
    from_tree("chip_name", CHIP, setting("name", ""), "name: found ''"),
)
