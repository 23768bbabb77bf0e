"""Writes docs/devices.md and a page for every device model in docs/devices/, before each build.

    python -m docs.device_pages

Everything on a page comes from the device's YAML file through the library: cells are written, aged
and read with streams of a fixed seed, so the same file gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from aimc_sim.devices import Device, DeviceFile, PulsedDevice, load_device
from aimc_sim.devices.io import device_model_folder
from aimc_sim.display import si
from aimc_sim.report.device_text import (
    drift_text,
    faults_text,
    known_text,
    noise_text,
    spread_text,
    temperature_text,
)
from docs import device_sections as sections
from docs.device_sections import table

DOCS = Path(__file__).resolve().parent

INDEX = """\
# Device models

One page for each file in `device_models/`, made from that file: what is known of the device, by
whom it was published, and what its cells do when they are written, kept and read. The equations
are in [](physics.md), the loop of the pulsed ones in [](writing.md). A dash means that the file
gives nothing, and then nothing of the kind is simulated. The column of drift says when it is
known, the last one counts sources by grade.

"""
COLUMNS = ("device", "family", "targets [µS]", "statistic", "spread of programming", "drift",
           "read noise", "faults", "temperature", "sources")  # fmt: skip


def write_pages(folder: Path = DOCS, models: Path | None = None) -> list[Path]:
    """Write the index and all pages below a folder, and remove those of models that are gone."""
    files = sorted((models or device_model_folder()).glob("*.yaml"))
    loaded = {path: load_device(path) for path in files}
    texts = {folder / "devices.md": index(list(loaded.values()))}
    for path, file in loaded.items():
        texts[folder / "devices" / f"{path.stem}.md"] = page(file, path.read_text(encoding="utf-8"))
    (folder / "devices").mkdir(parents=True, exist_ok=True)
    for old in set((folder / "devices").glob("*.md")) - set(texts):
        old.unlink()
    for path, text in texts.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return list(texts)


def index(files: Sequence[DeviceFile]) -> str:
    """Return the page that lists all devices."""
    pages = "\n".join(f"devices/{file.name}" for file in files)
    tree = f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"
    return (
        INDEX
        + "```{rst-class} devices\n```\n\n"
        + table(COLUMNS, [index_row(file) for file in files])
        + tree
    )


def index_row(file: DeviceFile) -> tuple[str, ...]:
    """Return the line of one device."""
    device = file.device
    grades = Counter(source.grade for source in device.sources().values())
    return (
        f"[{file.name}](devices/{file.name}.md)", f"`{device.kind}`",
        f"{1e6 * device.g_min_S:.4g} to {1e6 * device.g_max_S:.4g}", f"`{device.statistic}`",
        spread_text(device), drift_text(device), noise_text(device), faults_text(device),
        temperature_text(device), ", ".join(f"{n} {grade}" for grade, n in sorted(grades.items())),
    )  # fmt: skip


def page(file: DeviceFile, yaml_text: str) -> str:
    """Return the page of one device."""
    device = file.device
    kind = type(device)
    rows = [
        ("family", f"`{device.kind}`, {{py:class}}`{kind.__module__}.{kind.__name__}`"),
        ("targets", f"{si(device.g_min_S, 'S', 4)} to {si(device.g_max_S, 'S', 4)}"),
        ("statistic", f"`{device.statistic}`"),
        ("known", known_text(device)),
        ("I-V curve", "linear" if device.v_max_V is None else f"known up to {device.v_max_V:g} V"),
        ("temperature", temperature_text(device)),
    ]
    parts = [f"# {file.name}\n", file.description + "\n", table(("", ""), rows), *body(device)]
    return "\n".join([*parts, "## The file\n", f"```yaml\n{yaml_text.rstrip()}\n```\n"])


def body(device: Device) -> Iterator[str]:
    """Yield all sections but the file itself."""
    if isinstance(device, PulsedDevice):
        yield from sections.pulse_section(device)
    else:
        yield from sections.programming_section(device)
    yield from sections.drift_section(device)
    yield from sections.read_section(device)
    yield from sections.current_section(device)
    yield from sections.faults_section(device)
    yield from sections.source_section(device)


if __name__ == "__main__":
    write_pages()
