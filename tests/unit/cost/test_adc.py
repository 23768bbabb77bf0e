"""ADC cost models: the public regression at its check points, tables, and what they refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from aimc_sim.cost.adc import TableAdc
from aimc_sim.cost.adc_sar import AccelergySarAdc, sar_area_m2, sar_energy_J
from aimc_sim.spec import InputError
from tests.unit.cost.plans import chip

SOURCE = {"cite": "a test", "grade": "assumed"}
CHECK_POINTS = [  # bits, node [nm], rate [Hz], energy [pJ], area [um2]: accelergy-adc-plug-in
    (8, 32, 1.28e9, 1.929, 6469),
    (8, 22, 1.0e8, 0.8472, 2199),
    (6, 65, 1.0e9, 4.036, 15600),
    (10, 32, 1.0e9, 13.95, 11180),
    (8, 130, 1.0e6, 23.91, 15170),
]


@pytest.mark.parametrize(("bits", "node_nm", "f_Hz", "energy_pJ", "area_um2"), CHECK_POINTS)
def test_the_regression_at_its_check_points(bits, node_nm, f_Hz, energy_pJ, area_um2):
    assert float(f"{sar_energy_J(bits, node_nm, f_Hz) * 1e12:.4g}") == energy_pJ
    assert float(f"{sar_area_m2(bits, node_nm, f_Hz) * 1e12:.4g}") == area_um2


def test_the_component_uses_the_regression():
    adc = AccelergySarAdc(kind="accelergy_sar", node_nm=32, f_Hz=1.28e9, source=SOURCE)
    assert adc.conversion(8).energy_J == sar_energy_J(8, 32, 1.28e9)
    assert adc.conversion(8).latency_s == 1 / 1.28e9
    assert adc.one_area_m2(8) == sar_area_m2(8, 32, 1.28e9)


def test_width_comes_from_the_hardware():
    for bits in (4, 6, 12):
        c = chip(hardware__adc__bits=bits)
        price = c.costs.prices(c.hardware)["adc.convert"].cost
        assert price.energy_J == sar_energy_J(bits, 32, 1.28e9)


def test_the_regression_refuses_what_it_was_not_fitted_to():
    with pytest.raises(InputError, match=r"hardware\.adc\.bits: found 3; .*from 4 bits") as fault:
        chip(hardware__adc__bits=3)
    assert "\n" not in str(fault.value)
    adc = AccelergySarAdc(kind="accelergy_sar", node_nm=32, f_Hz=1.28e9, source=SOURCE)
    with pytest.raises(InputError, match="found 3"):
        adc.one_area_m2(3)


def test_an_ideal_adc_is_priced_at_a_stated_width_or_refused():
    ideal = chip("ideal")
    price = ideal.costs.prices(ideal.hardware)["adc.convert"].cost
    assert price.energy_J == sar_energy_J(8, 32, 1.28e9)
    with pytest.raises(InputError, match=r"costs\.adc\.bits_if_ideal: found null"):
        chip("ideal", costs__adc__bits_if_ideal=None)
    with pytest.raises(InputError, match=r"costs\.dac\.bits_if_ideal: found null"):
        chip("ideal", costs__dac__bits_if_ideal=None)


def test_a_table_holds_its_widths_and_no_other():
    c = chip("rram_64", hardware__adc__bits=10)
    assert c.costs.prices(c.hardware)["adc.convert"].cost.energy_J == 2.379e-12
    assert c.costs.adc.one_area_m2(10) == 3002.0e-12
    with pytest.raises(InputError, match=r"costs\.adc\.bits: found no 12 .* 4, 5, 6, 7, 8, 9, 10"):
        chip("rram_64", hardware__adc__bits=12)


@pytest.mark.parametrize(
    ("bits", "energy_J", "message"),
    [
        ((8, 6), (1e-12, 1e-12), "ascend"),
        ((8, 8), (1e-12, 1e-12), "ascend"),
        ((6, 8), (1e-12,), "one a width"),
        ((8,), (-1e-12,), "greater than or equal to 0"),
    ],
)
def test_a_broken_table_is_refused(bits, energy_J, message):
    with pytest.raises(ValidationError, match=message):
        TableAdc(
            kind="table",
            node_nm=32,
            bits=bits,
            energy_J=energy_J,
            area_m2=(1e-9,) * len(bits),
            latency_s=1e-9,
            source=SOURCE,
        )


def test_steps_of_an_integrating_converter_are_priced():
    c = chip("rram_64", costs__adc__step_energy_J=0.3e-12)
    assert c.costs.prices(c.hardware)["adc.step"].cost.energy_J == 0.3e-12
