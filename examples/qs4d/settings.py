"""What is trained and measured for each claim of QS4D."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

SEEDS = (0, 1, 2)
N_EPOCHS = 10
WIDE = 8
WEIGHTS = ("b", "c", "d", "weights")
EVERYTHING = ("a", *WEIGHTS, "state", "activations", "residual", "input")
MIXED = {"a": 5, "a_run": 8, "state": 5, "activations": 5, "residual": 8, "input": 5}
"""Widths of what is not a weight, in the smallest models."""
TENSORS = {
    "a": "A, log-polar grid",
    "a_cartesian": "A, cartesian grid",
    "b": "B",
    "c": "C",
    "d": "D",
    "weights": "mixing weights",
    "state": "state",
    "activations": "activations",
}


@dataclasses.dataclass(frozen=True)
class Setting:
    """One model: how it is quantised, pruned and trained.

    Parameters
    ----------
    what
        Whose width goes down: "all"; a tensor; "noisy": B, C, D and mixing weights; "mixed": those,
        beside what the sensitivities allow for the rest.
    bits
        That width; what is not named has 8 bits, state and residual stream 16. A is on a log-polar
        grid, but for "a_cartesian".
    training
        "ptq", "qat", or "noise": qat, trained on against chips whose devices err.
    states
        Share of the modes kept.
    """

    what: str
    bits: int
    training: str
    states: float = 1.0

    @property
    def name(self) -> str:
        """Name of its file and folder."""
        pruned = f"_s{self.states:g}" if self.states < 1.0 else ""
        return f"{self.training}_{self.what}{self.bits}{pruned}"

    @property
    def n_epochs(self) -> int:
        """Epochs of training as integers."""
        return 3 * N_EPOCHS if self.what == "mixed" else N_EPOCHS

    @property
    def a_grid(self) -> str:
        """Grid of the poles."""
        return "cartesian" if self.what == "a_cartesian" else "log-polar"

    @property
    def widths(self) -> str:
        """Widths as `aimc quantize --bits` takes them.

        >>> Setting("state", 6, "ptq").widths
        'a=8,b=8,c=8,d=8,weights=8,state=6'
        """
        several = {"all": EVERYTHING, "noisy": WEIGHTS, "mixed": WEIGHTS, "a_cartesian": ("a",)}
        start = MIXED if self.what == "mixed" else dict.fromkeys(("a", *WEIGHTS), WIDE)
        named = several.get(self.what, (self.what,))
        return ",".join(f"{k}={v}" for k, v in {**start, **dict.fromkeys(named, self.bits)}.items())


def homogeneous() -> Iterator[Setting]:
    """Yield claim a: everything at the same width."""
    for bits in (10, 8, 7, 6, 5, 4, 3):
        yield Setting("all", bits, "ptq")
        yield Setting("all", bits, "qat")


def of_state() -> Iterator[Setting]:
    """Yield claim b: the state alone goes down."""
    for bits in (16, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2):
        yield Setting("state", bits, "ptq")
        if bits <= WIDE:
            yield Setting("state", bits, "qat")


def by_tensor() -> Iterator[Setting]:
    """Yield claim c: one tensor alone goes down."""
    for what in TENSORS:
        for bits in (6, 5, 4, 3, 2):
            yield Setting(what, bits, "ptq")
        yield Setting(what, 2, "qat")


def pruned() -> Iterator[Setting]:
    """Yield claim f: modes go, at 8 bits."""
    for states in (1.0, 0.75, 0.5, 0.25, 0.125):
        yield Setting("weights", 8, "qat", states)


def smallest() -> Iterator[Setting]:
    """Yield claim d: few bits and few modes."""
    for bits in (6, 5, 4, 3):
        for states in (0.5, 0.25, 0.125):
            yield Setting("all", bits, "qat", states)
    for bits in (4, 3):
        for states in (0.25, 0.125):
            yield Setting("mixed", bits, "qat", states)


def noisy() -> Iterator[Setting]:
    """Yield claim e: models that are run on chips."""
    for bits in (8, 4, 3, 2):
        for training in ("ptq", "qat", "noise"):
            yield Setting("noisy", bits, training)


CLAIMS = {
    "a": homogeneous,
    "b": of_state,
    "c": by_tensor,
    "d": smallest,
    "e": noisy,
    "f": pruned,
}
