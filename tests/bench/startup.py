"""Start-up times: `import aimc_sim` and `aimc --help`, median over fresh interpreters.

Prints one line each; leaves with 1 if a median is above the half second that is promised.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S = 0.5
N_RUNS = 9
AIMC = Path(sys.executable).with_name("aimc")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import aimc_sim": [sys.executable, "-c", "import aimc_sim"],
    "aimc --help": [str(AIMC), "--help"],
}


def median_s(command: list[str]) -> float:
    """Median wall time of the command, after one run that warms the file cache."""
    times = []
    for _ in range(N_RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> int:
    """Time every command; the exit code says whether the promise holds."""
    medians = {name: median_s(command) for name, command in COMMANDS.items()}
    for name, value in medians.items():
        print(f"{name:20s} {value * 1e3:7.0f} ms  (median of {N_RUNS}, limit {LIMIT_S * 1e3:.0f})")
    return int(max(medians.values()) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
