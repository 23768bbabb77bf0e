"""Print docs/validation.md: published figures of chips beside those of their files.

``python docs/validation_page.py > docs/validation.md``; a slow test holds the page to this.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from aimc_sim.analysis.busy import BusyChip, busy_chip
from aimc_sim.chip import load_chip
from aimc_sim.cost.adc_sar import sar_area_m2, sar_energy_J

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Validation

Figures of chips as published, and those that `aimc cost --chip CHIP` finds for the files in
`examples/chips/`. **Calibrated**: a constant of the file was fitted to this figure or taken from
the same table, so the error only says that the accounting closes. **Blind**: nothing was fitted
to it. Made by

```console
$ python docs/validation_page.py > docs/validation.md
```

All figures come from events: tiles full of weights are run on random inputs, and what is counted
is priced. `tests/golden/test_chips.py` holds them to the limits that the project set itself.

| chip | figure | published | ours | error | |
|---|---|---|---|---|---|
"""
ISAAC_TEXT = """
## ISAAC-CE

Conversions, drives, reads and time follow from the mapping: 16-bit weights on 8 bitlines of 2-bit
cells, 16 reads of one input bit, 128 conversions in each. Prices of the ADC, DAC, sample-and-hold
and areas are those of Table I of the paper; registers, eDRAM, bus, router and the units behind
them have powers there, which were divided by what a fully busy tile does in the same time. So the
power at full load is calibrated, and is blind only in that events of the right number carry it.
The nameplate sum, powers of Table I without any event, is 12 x 24.08 + 40.85 = 329.8 mW a tile,
65.8 W a chip with its HyperTransport of 10.4 W. The paper's 478.95 GOPS/s/mm2 is not its own
41.29 TOPS over 85.4 mm2 (483.5).

Two of its assumptions do not hold elsewhere: 0.3 mW an array asks for cells of some 2 uS at most,
where the memristors given for it have hundreds; and weights are stored here as signed pairs in a
cell, not with a bias.

## HERMES

Fitted to the core: the power of a converter (12.48 nJ a product) and its area (1.59 TOPS/mm2),
the time of the local digital unit (130 ns). Chosen, not fitted: input drivers, digital unit, and
a read current drawn from 0.8 V where a cell sees 0.2 V. What comes out for the shares stands
where reviews of such tiles have them: output encoding {adc:.1f} % (50 to 70 %), array
{crossbar:.1f} % (15 to 20 %, secondary source). The chip of 64 cores is then the core 64 times;
its links and global logic are what the error holds.

## NeuRRAM

One set of constants: 0.25 pJ an integration, 0.4 pJ a step of the converter with its
shift-and-add, 1.2 pJ a sample, capacitances of the lines by one factor of 1.03 (fitted), 1.25 pJ
a pulse of a pair of rows (fitted). The integrations of a phase of p bits are 2^p - 1; the
converter resolves the output bits, less those of the higher phase; a neuron samples once a
magnitude bit. Times are the published ones of a step (0.27, 0.3, 0.3 us), not fitted. Inputs of
every width from 2 to 8 bits, outputs 2 bits wider; femtojoule an operation of 65,536 a product,
error in per cent.

"""
NEURRAM_TEXT = """
The sum of the three parts is no test: at 6 bits in and 8 out it is 9.18 TOPS/W, where the
published two-phase figure is 8.26. The parts are fitted at 2, 4, 6 and 8 bits with two constants
(lines, pulses); 3, 5 and 7 bits are blind, and so are neurons and times at all widths.

## ADC regression

| bits | node | rate | energy, published | ours | area, published | ours |
|---|---|---|---|---|---|---|
"""
END = """
Silicon draws 0.87 to 12.1 times the energy (tenth and ninetieth percentile of 74 SAR converters,
median 2.9), so every bill with it holds an interval.

## What is not validated

No published figure of a whole model on a chip is compared with: energies per inference beside
those of digital machines are estimates from parts. Leakage of the example chips, costs of
calibration and of programming, and all grades `assumed` ([](costs.md)) rest on single sources or
on choices.
"""


PARTS = ("word lines", "neurons", "pulses", "TOPS")


def compared(chip: str, figure: str, published: float, ours: float, unit: str, kind: str) -> str:
    """Return a row of the table."""
    error = 100.0 * (ours / published - 1.0)
    cells = (chip, figure, f"{published:g} {unit}", f"{ours:.4g} {unit}", f"{error:+.1f} %", kind)
    return f"| {' | '.join(cells)} |"


def isaac_rows(found: BusyChip) -> Iterator[str]:
    """Return the rows of ISAAC-CE."""
    name, n_groups, link_W, link_m2 = "ISAAC-CE", 168, 10.4, 22.88e-6
    area_m2 = sum(found.area_m2.values())
    tile_W = (found.power_W - link_W) / n_groups
    adc_W = found.n_tiles * found.energy_J["adc"] / found.interval_s
    kind = "calibrated"
    yield compared(name, "power of a tile", 330, 1e3 * tile_W, "mW", kind)
    yield compared(name, "area of a tile", 0.372, 1e6 * (area_m2 - link_m2) / n_groups, "mm2", kind)
    yield compared(name, "power of the chip", 65.8, found.power_W, "W", kind)
    yield compared(name, "area of the chip", 85.4, 1e6 * area_m2, "mm2", kind)
    yield compared(name, "peak", 41.29, 1e-12 * found.ops_per_s, "TOPS", "blind")
    yield compared(name, "efficiency", 627.5, 1e-9 * found.ops_per_J, "GOPS/W", kind)
    yield compared(name, "density", 478.95, 1e-15 * found.ops_per_s_m2, "GOPS/s/mm2", kind)
    yield compared(name, "ADC power, about", 32, adc_W, "W", kind)


def hermes_rows(core: BusyChip, chip: BusyChip) -> Iterator[str]:
    """Return the rows of the HERMES core and of the chip of 64."""
    name = "HERMES core"
    yield compared(name, "product", 130, 1e9 * core.latency_s, "ns", "calibrated")
    yield compared(name, "peak", 1.008, 1e-12 * core.ops_per_s, "TOPS", "calibrated")
    yield compared(name, "efficiency", 10.5, 1e-12 * core.ops_per_J, "TOPS/W", "calibrated")
    yield compared(name, "density", 1.59, 1e-18 * core.ops_per_s_m2, "TOPS/mm2", "calibrated")
    yield compared(name, "energy of a product", 12.48, 1e9 * core.energy_per_mvm_J, "nJ",
                   "calibrated")  # fmt: skip
    name = "HERMES, 64 cores"
    yield compared(name, "product", 133, 1e9 * chip.latency_s, "ns", "**blind**")
    yield compared(name, "peak", 63.1, 1e-12 * chip.ops_per_s, "TOPS", "**blind**")
    yield compared(name, "efficiency", 9.76, 1e-12 * chip.ops_per_J, "TOPS/W", "**blind**")
    yield compared(name, "density", 1.55, 1e-18 * chip.ops_per_s_m2, "TOPS/mm2", "**blind**")


def neurram_head() -> str:
    """Return the head of the table of NeuRRAM."""
    cells = " | ".join(f"{part}, published | ours | error" for part in PARTS)
    return f"| bits | {cells} |\n{'|---' * (1 + 3 * len(PARTS))}|\n"


def neurram_rows() -> Iterator[str]:
    """Return the rows of NeuRRAM, one an input width."""
    with (ROOT / "examples/published/neurram.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    for row in rows:
        bits = int(row["in_bits"])
        chip = load_chip(
            ROOT / "examples/chips/neurram.yaml", {"hardware.adc.bits": int(row["out_bits"])}
        )
        found = busy_chip(chip, input_bits=bits, weight_bits=4)
        fJ = {name: 1e15 * e / (2 * found.macs_per_tile) for name, e in found.energy_J.items()}
        parts = (
            (row["word_lines_fJ"], fJ["line"]),
            (row["neurons_fJ"], fJ["adc"] + fJ["sample_hold"]),
            (row["pulses_fJ"], fJ["dac"] + fJ["crossbar"]),
            (row["tops"], 1e-12 * found.ops_per_s),
        )
        cells = [
            f"{float(there):.3g} | {here:.3g} | {100 * (here / float(there) - 1):+.1f}"
            for there, here in parts
        ]
        yield f"| {bits} | {' | '.join(cells)} |"


def adc_rows() -> Iterator[str]:
    """Return the check points of the regression."""
    for bits, node_nm, f_Hz, energy_pJ, area_um2 in (
        (8, 32, 1.28e9, 1.929, 6469),
        (8, 22, 1.0e8, 0.8472, 2199),
        (6, 65, 1.0e9, 4.036, 15600),
        (10, 32, 1.0e9, 13.95, 11180),
        (8, 130, 1.0e6, 23.91, 15170),
    ):
        energy, area = sar_energy_J(bits, node_nm, f_Hz), sar_area_m2(bits, node_nm, f_Hz)
        yield (
            f"| {bits} | {node_nm} nm | {f_Hz:g} S/s | {energy_pJ} pJ | {1e12 * energy:.4g} pJ | "
            f"{area_um2} um2 | {float(f'{1e12 * area:.4g}'):.0f} um2 |"
        )


def page() -> str:
    """Return the page."""
    chips = ROOT / "examples/chips"
    isaac = busy_chip(load_chip(chips / "isaac_ce.yaml"), n_vectors=4)
    core = busy_chip(load_chip(chips / "hermes_core.yaml"))
    many = busy_chip(load_chip(chips / "hermes_core.yaml", {"costs.static.n_tiles_of_chip": 64}))
    share = {name: 100 * e / core.energy_per_mvm_J for name, e in core.energy_J.items()}
    lines = [*isaac_rows(isaac), *hermes_rows(core, many)]
    return (
        HEAD
        + "\n".join(lines)
        + "\n"
        + ISAAC_TEXT.replace("{adc:.1f}", f"{share['adc']:.1f}").replace(
            "{crossbar:.1f}", f"{share['crossbar']:.1f}"
        )
        + neurram_head()
        + "\n".join(neurram_rows())
        + "\n"
        + NEURRAM_TEXT
        + "\n".join(adc_rows())
        + "\n"
        + END
    )


if __name__ == "__main__":
    sys.stdout.write(page())
