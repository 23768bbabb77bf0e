"""A read voltage beyond the measured I-V curve is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.laws.build import device_of, hardware_of


def dac(v_read_V):
    return {"kind": "ideal", "v_read_V": v_read_V}


def test_a_voltage_beyond_the_curve_is_refused():
    device = device_of("rram_milo2021")
    assert hardware_of(device, dac=dac(0.5)).dac.v_read_V == 0.5
    with pytest.raises(ValidationError, match=r"v_read_V: found 0\.51; .* known up to 0\.5 V"):
        hardware_of(device, dac=dac(0.51))


def test_without_a_curve_any_voltage_goes():
    for name, effects in (("rram_milo2021_linear", {}), ("rram_milo2021", {"nonlinearity": False})):
        assert hardware_of(device_of(name), dac=dac(0.8), effects=effects).dac.v_read_V == 0.8
