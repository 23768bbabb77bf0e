"""Telegraph noise: levels that a device cannot have are refused."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from aimc_sim.devices.noise import TelegraphNoise, telegraph_levels


def noise(amplitude: float) -> TelegraphNoise:
    """Return noise that is high for four fifths of the time."""
    source = {"cite": "a test", "grade": "assumed"}
    return TelegraphNoise.model_validate(
        {"share": 1.0, "relative_amplitude": amplitude, "tau_low_s": 1.0, "tau_high_s": 4.0,
         "source": source}
    )  # fmt: skip


def test_a_low_level_below_zero_is_refused():
    low_S, high_S = telegraph_levels(noise(1.25), np.array([10.0e-6]))
    assert (low_S[0], high_S[0]) == (pytest.approx(-10.0e-6), pytest.approx(2.5e-6))
    with pytest.raises(ValidationError, match=r"amplitude: found 1\.26; .* negative above 1\.25"):
        noise(1.26)
