"""Runs ngspice on a netlist and reads the currents that it prints."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

LINE = re.compile(r"^(?:@(\w+)\[i\]|(v\w+)#branch) = (\S+)\s*$")

needed = pytest.mark.skipif(
    shutil.which("ngspice") is None,
    reason="NGSPICE IS MISSING, so the wires are not compared with it: "
    "sudo apt-get install -y ngspice, or make test-spice",
)


def currents(text, folder):
    """Return element -> current [A] as ngspice finds it."""
    path = folder / "tile.cir"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["ngspice", "-b", str(path)], capture_output=True, text=True, timeout=600, check=False
    )
    found = {}
    for line in done.stdout.splitlines():
        if match := LINE.match(line):
            found[match.group(1) or match.group(2)] = float(match.group(3))
    assert found, done.stdout + done.stderr
    return found
