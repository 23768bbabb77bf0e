"""The bundled spoken-digits model on both example chips, five chip instances each, with a report.

Run from anywhere: ``python examples/demo.py [--chips N] [--limit N] [-o DIR]``. It is the command
``aimc run`` twice; the lines it prints can be typed by hand.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHIPS = ("pcm_256", "rram_64")


def command(chip: str, out: Path, chips: int, limit: int | None) -> list[str]:
    """Return the words of one run, after ``aimc``."""
    words = [
        "run",
        str(ROOT / "examples/models/digits.npz"),
        "--chip",
        str(ROOT / f"examples/chips/{chip}.yaml"),
        "--data",
        str(ROOT / "examples/data/digits_test.npz"),
        "--chips",
        str(chips),
        "--seed",
        "1",
        "--html",
        str(out / f"digits_{chip}.html"),
        "--json",
        str(out / f"digits_{chip}.json"),
    ]
    return words if limit is None else [*words, "--limit", str(limit)]


def main() -> int:
    """Run both chips; return the exit code of the first that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chips", type=int, default=5, help="chip instances of each chip")
    parser.add_argument("--limit", type=int, help="run only the first sequences")
    parser.add_argument("-o", "--output", type=Path, default=Path("out"), help="folder of reports")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    for chip in CHIPS:
        words = command(chip, args.output, args.chips, args.limit)
        print(f"\n$ aimc {shlex.join(words)}", flush=True)
        done = subprocess.run([sys.executable, "-m", "aimc_sim", *words], check=False)
        if done.returncode:
            return done.returncode
    print("\nReports:")
    for chip in CHIPS:
        print(f"  {(args.output / f'digits_{chip}.html').resolve()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
