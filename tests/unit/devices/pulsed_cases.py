"""Single-pulse devices for tests: all spreads off unless asked for."""

from __future__ import annotations

from typing import Any

from aimc_sim.devices import PulsedDevice

SOURCE = {"cite": "for this test", "grade": "assumed", "note": "made up"}
RESPONSES: dict[str, dict[str, Any]] = {
    "constant_step": {},
    "linear_step": {"gamma_up": 0.3, "gamma_down": 0.7, "mult_noise": True},
    "soft_bounds": {"mult_noise": False},
    "exp_step": {
        "A_up": -1.5,
        "A_down": 0.2,
        "gamma_up": 2.0,
        "gamma_down": 3.0,
        "a": -0.5,
        "b": 0.25,
    },
}


def response_of(kind: str = "constant_step", **changes: Any) -> dict[str, Any]:
    """Return a response from weight -1 to 1 with a step of 0.01."""
    common = {"kind": kind, "dw_min": 0.01, "w_min": -1.0, "w_max": 1.0, "source": SOURCE}
    return {**common, **RESPONSES[kind], **changes}


def pulsed(
    kind: str = "constant_step",
    window_S: float = 1.0e-6,
    max_pulses: int = 1000,
    verify: str = "ideal",
    response: dict[str, Any] | None = None,
    **changes: Any,
) -> PulsedDevice:
    """Return a device whose weights -1 to 1 are 0 to 100 uS: a unit of weight is 50 uS."""
    tree = {
        "kind": "pulsed",
        "statistic": "single_pulse",
        "g_min_S": 0.0,
        "g_max_S": 100.0e-6,
        "w_at_g_min": -1.0,
        "w_at_g_max": 1.0,
        "range_source": SOURCE,
        "response": response_of(kind, **(response or {})),
        "write_verify": {
            "window_S": window_S,
            "max_pulses": max_pulses,
            "verify": verify,
            "source": SOURCE,
        },
        "pulses_source": SOURCE,
    }
    return PulsedDevice.model_validate({**tree, **changes})
