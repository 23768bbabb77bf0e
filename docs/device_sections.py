"""The sections of a device's page: words, tables and figures, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

import numpy as np

from aimc_sim.devices import Device, PulsedDevice
from aimc_sim.devices.laws import age_text
from aimc_sim.devices.state import Array
from aimc_sim.display import percent, si
from aimc_sim.report import device_curves as curves
from aimc_sim.report import device_pulses as pulses
from aimc_sim.report import figures_device as figures
from aimc_sim.report.device_text import faults_text, noise_text
from aimc_sim.report.figures_pulse import loop_figure, pulse_figure
from aimc_sim.report.sources import device_sources

AGES_s = (curves.HOUR_s, curves.DAY_s)
STEPS_s, N_BAND_STEPS = (1.0e-6, 1.0e-2), 1024
NAMES = {curves.YEAR_s: "1 year", 30 * curves.DAY_s: "30 days"}


def programming_section(device: Device) -> Iterator[str]:
    """Yield how cells are written by a device whose spread is that after verification."""
    yield "## Programming\n"
    yield (
        "The spread is what is left after program-and-verify; it is applied once. A cell is priced "
        f"with {device.set_pulses_mean} SET pulses, {device.reset_pulses_mean} RESET pulses and "
        f"{device.verify_reads_mean} verify reads.\n"
    )
    found, known = curves.spread(device), curves.known_ages(device)
    if not found.sigma_S.any() and not found.shift_S.any():
        yield "There is no spread: every cell is at its target.\n"
        return
    later = () if known.continuous else known.ages_s[1:]
    lines = [("as written", *curves.sigma_curve(device))]
    lines += [(age_text(t_s), *curves.sigma_curve(device, t_s)) for t_s in later]
    yield picture(
        figures.sigma_figure(lines, found),
        "Standard deviation of programming against the target. Line: before clipping. "
        f"Points: {curves.N_CELLS} cells each, as they were written.",
    )
    columns = (found.g_target_S, lines_at(lines[0], found), found.shift_S, found.sigma_S)
    rows = [
        (*(f"{1e6 * value:.4g}" for value in row), percent(share, 1))
        for *row, share in zip(*columns, found.clipped, strict=True)
    ]
    head = ("target [µS]", "spread before clipping [µS]", "mean less target, as written [µS]",
            "spread as written [µS]", "clipped")  # fmt: skip
    yield table(head, rows)


def lines_at(line: tuple[str, Array, Array], found: curves.Spread) -> Array:
    """Return the spread before clipping at the targets of a sample [S]."""
    stride = (curves.N_CURVE - 1) // (found.g_target_S.size - 1)
    return line[2][::stride]


def pulse_section(device: PulsedDevice) -> Iterator[str]:
    """Yield what a pulse does, the loop, and what the loop leaves."""
    loop, response = device.write_verify, device.response
    yield "## One pulse\n"
    up = {"SET": pulses.pulse_steps(device, up=True)}
    if device.reset is None:
        up["RESET"] = pulses.pulse_steps(device, up=False)
    yield picture(
        pulse_figure(device, up),
        f"Step of one pulse against the conductance before it, response `{response.kind}`. Lines: "
        "a device without any spread. Bands: 5 to 95 % of devices and pulses.",
    )
    if device.reset is not None:
        ends = (device.reset.weight, device.reset.dtod, device.reset.std)
        yield (
            "A RESET is not gradual: it brings a device to weight {:g}, with a spread of {:g} from "
            "device to device and {:g} from one RESET to the next.\n".format(*ends)
        )
    if response.write_noise_std:
        seen_S = response.write_noise_std * response.dw_min * device.slope_S
        yield f"What a read sees scatters around that by {si(seen_S, 'S')}, anew at every pulse.\n"
    yield "## The loop\n"
    found = pulses.write_by_loop(device)
    done_S = found.error_S[~found.failed]
    start = "its lower bound" if device.start_weight is None else f"weight {device.start_weight:g}"
    rows = [
        ("window", f"{si(loop.window_S, 'S')} either way"),
        ("budget", f"{loop.max_pulses} pulses"),
        ("verify reads", f"`{loop.verify}`"),
        ("start", "a RESET" if device.reset is not None else start),
        ("pulses, mean and median", f"{found.n_pulses.mean():.4g} and "
                                    f"{float(sorted(found.n_pulses)[found.n_pulses.size // 2]):g}"),
        ("failed", f"{int(found.failed.sum())} of {found.failed.size}"),
        ("spread of those done", si(float(done_S.std()) if done_S.size else None, "S")),
    ]  # fmt: skip
    yield table(("", ""), rows)
    yield picture(
        loop_figure(device, found),
        f"{found.failed.size} devices, one at each target, as the loop leaves them; errors beyond "
        "three windows are drawn at the edge.",
    )


def drift_section(device: Device) -> Iterator[str]:
    """Yield how conductances change with age."""
    yield "## Drift\n"
    known = curves.known_ages(device)
    if len(known.ages_s) == 1:
        yield f"The device is known at {age_text(known.ages_s[0])} only, so no change is known.\n"
        return
    fan = curves.fan(device, known)
    if not fan.moves:
        yield "The file gives no drift: conductances keep.\n"
        return
    yield picture(
        figures.fan_figure(fan, device.time_scale_s),
        f"Median and 5 to 95 % of {curves.N_CELLS} cells written to each target"
        + (
            ", without read noise."
            if known.continuous
            else "; nothing is known between the points."
        ),
    )
    wanted = (*AGES_s, 30 * curves.DAY_s, curves.YEAR_s)
    ages = curves.ages_among(device, wanted) if known.continuous else known.ages_s
    some = curves.fan(device, curves.Ages(ages, continuous=False))
    rows = [
        (f"{1e6 * target:.4g}", *(
            f"{1e6 * some.median_S[k, i]:.4g} ({1e6 * some.low_S[k, i]:.4g} to "
            f"{1e6 * some.high_S[k, i]:.4g})" for k in range(len(ages))))
        for i, target in enumerate(some.g_target_S)
    ]  # fmt: skip
    yield table(("target [µS]", *(NAMES.get(t_s, age_text(t_s)) for t_s in ages)), rows)


def read_section(device: Device) -> Iterator[str]:
    """Yield the spread of reads, and what 1/f noise consists of."""
    yield "## Read noise\n"
    ages = curves.ages_among(device, AGES_s)
    found = {t_s: curves.read_sigma(device, t_s) for t_s in ages}
    if device.telegraph is not None:
        noise = device.telegraph
        yield (
            f"Telegraph noise: {percent(noise.share)} of the cells switch by "
            f"{percent(noise.relative_amplitude)} of their conductance, with mean dwell times of "
            f"{si(noise.tau_low_s, 's')} (low) and {si(noise.tau_high_s, 's')} (high).\n"
        )
    lines: list[tuple[str, Array, Array]] = []
    for t_s, pair in found.items():
        if lines and pair is not None and np.array_equal(lines[-1][1:], pair):
            lines[-1] = (f"{lines[-1][0]}, {age_text(t_s)}", *pair)
        elif pair is not None:
            lines.append((age_text(t_s), *pair))
    if not lines:
        yield "The file gives no read noise: reads are exact.\n"
        return
    yield picture(
        figures.read_figure(lines),
        "Standard deviation of one read taken alone, relative to the conductance, at each age "
        f"({noise_text(device)}); where g nears 0 the ratio leaves the figure.",
    )
    rows = curves.band_rows(device, ages, STEPS_s, N_BAND_STEPS)
    if rows:
        yield picture(
            figures.shares_figure(rows),
            f"What the 1/f noise of a run is, by age and time between steps: frozen over a run of "
            f"{N_BAND_STEPS} steps, correlated between its steps, white from step to step.",
        )


def current_section(device: Device) -> Iterator[str]:
    """Yield the I-V curve."""
    yield "## I-V curve\n"
    if device.v_max_V is None:
        yield "Currents are linear in the voltage, I = g V.\n"
        return
    yield picture(
        figures.current_figure(device, device.v_max_V, curves.targets_S(device, 4)),
        "Current against voltage, and how far it is from I = g V.",
    )


def faults_section(device: Device) -> Iterator[str]:
    """Yield rates and ranges of what is broken."""
    yield "## Faults\n"
    faults = device.faults
    if faults is None:
        yield "The file gives no faults: every device can be written ([](../faults.md)).\n"
        return
    yield faults_text(device).capitalize() + " ([](../faults.md)).\n"
    if faults.stuck_off is not None or faults.stuck_on is not None:
        yield picture(
            figures.faults_figure(device, faults),
            "Conductances of stuck devices, with their share, and the range of targets.",
        )


def source_section(device: Device) -> Iterator[str]:
    """Yield where each set of numbers comes from."""
    yield "## Sources\n"
    for row in device_sources(device):
        doi = "" if row.doi is None else f", [{row.doi}](https://doi.org/{row.doi})"
        note = "" if row.note is None else f"\\\n  {' '.join(row.note.split())}"
        of = row.of.removeprefix("device, ").removeprefix("device") or "all"
        yield f"- **{of}** (*{row.grade}*): {' '.join(row.cite.split())}{doi}{note}"
    yield ""


def picture(svg: str, caption: str) -> str:
    """Return a drawing with its caption as a block of raw HTML."""
    text = "".join(f"<code>{part}</code>" if i % 2 else escape(part)
                   for i, part in enumerate(caption.split("`")))  # fmt: skip
    figure = f'<figure class="device">\n{svg}\n<figcaption>{text}</figcaption>\n</figure>'
    return f"```{{raw}} html\n{figure}\n```\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown; a bar in a cell is written so that it stays one."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())
