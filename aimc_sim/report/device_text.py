"""What is known of a device, each thing in a few words."""

from __future__ import annotations

from aimc_sim.devices import Device
from aimc_sim.devices.laws import age_text
from aimc_sim.display import si
from aimc_sim.report.device_curves import YEAR_s, fan, known_ages, one_in, sigma_curve

ABSENT = "–"


def known_text(device: Device) -> str:
    """Return the ages at which the device is known.

    Examples
    --------
    >>> from aimc_sim.devices import device_model_path, load_device
    >>> for name in ("ideal", "cmo_hfox_falcone_2pct", "rram_wan2022"):
    ...     print(known_text(load_device(device_model_path(name)).device))
    at any age
    from 1s on
    at 1s, 1d, 2d only
    """
    known = known_ages(device)
    if not known.continuous:
        return f"at {', '.join(map(age_text, known.ages_s))} only"
    first_s, last_s = known.ages_s[0], known.ages_s[-1]
    if last_s < YEAR_s:
        return f"from {age_text(first_s)} to {age_text(last_s)}"
    return f"from {age_text(first_s)} on" if first_s else "at any age"


def spread_text(device: Device) -> str:
    """Return the least and the largest spread of programming, or the window of a loop."""
    if device.write_verify is not None:
        return f"loop, window {si(device.write_verify.window_S, 'S')}"
    _, sigma_S = sigma_curve(device)
    low, high = (si(float(value), "S") for value in (sigma_S.min(), sigma_S.max()))
    if high == "0 S":
        return "none"
    return low if low == high else f"{low} to {high}"


def drift_text(device: Device) -> str:
    """Return whether cells change with age, and when that is known."""
    known = known_ages(device)
    if len(known.ages_s) > 1 and fan(device, known).moves:
        return known_text(device)
    return ABSENT


def noise_text(device: Device) -> str:
    """Return the kinds of read noise."""
    state = device.program([device.g_max_S], one_in("", (1,)))
    t_s = device.first_age_s
    noise = device.read_noise(state, device.drift(state, t_s), t_s)
    parts = (
        ("white", noise.white_S is not None),
        ("1/f", noise.flicker is not None),
        ("telegraph", device.telegraph is not None),
    )
    return ", ".join(name for name, is_there in parts if is_there) or ABSENT


def faults_text(device: Device) -> str:
    """Return the rates of what is broken."""
    faults = device.faults
    if faults is None:
        return ABSENT
    if faults.map is not None:
        return f"map {faults.map}"
    rates: list[tuple[str, float]] = []
    for name, stuck in (("stuck off", faults.stuck_off), ("stuck on", faults.stuck_on)):
        if stuck is not None:
            rates.append((name, stuck.rate))
    for name, rate in (("wordlines", faults.wordline_rate), ("bitlines", faults.bitline_rate)):
        if rate:
            rates.append((f"open {name}", rate))
    return ", ".join(f"{name} {100.0 * rate:g} %" for name, rate in rates) or ABSENT


def temperature_text(device: Device) -> str:
    """Return whether the file says what temperature does."""
    fields = (name for name in type(device).model_fields if "temperature" in name)
    return "known" if any(getattr(device, name) is not None for name in fields) else ABSENT
