"""Front: a search for what no other choice beats in every objective, by Optuna's NSGA-II."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from aimc_sim.extras import study_extra
from aimc_sim.spec import canonical_json
from aimc_sim.study.space import Between, Choice

Direction = Literal["maximize", "minimize"]
DRAWS = 5
"""Draws of the sampler for each choice of a batch, before the rest of it is drawn evenly."""


@dataclass(frozen=True)
class Tried:
    """A choice that was told.

    Parameters
    ----------
    coordinates : dict
        Parameter -> value.
    values : tuple of float, or None
        One an objective; None where the choice was refused.
    """

    coordinates: dict[str, Any]
    values: tuple[float, ...] | None


class Front:
    """A search by ask and tell, in batches of fixed size; no choice is asked twice.

    Parameters
    ----------
    space : mapping of str to Choice or Between
        Parameters.
    directions : sequence of {"maximize", "minimize"}
        One an objective.
    seed : int
        Of the sampler.
    batch : int
        Choices asked at once. It changes what is searched; the number of workers does not.
    population : int
        Of a generation.

    Raises
    ------
    InputError
        Optuna is missing.

    Notes
    -----
    What is asked follows from the arguments and from what was told, in order: a search that was
    stopped goes on once a new one is told the same. The sampler of Optuna comes back to choices
    often; it is told what is known of them, and asked again, up to `DRAWS` times a choice. What a
    batch then lacks is drawn evenly from the choices that are left. No state outlives this object.

    References
    ----------
    NSGA-II: Deb et al., IEEE Trans. Evol. Comput. 6, 182 (2002); Optuna: Akiba et al., KDD 2019,
    arXiv:1907.10902.

    Examples
    --------
    >>> front = Front({"bits": Choice((4, 6, 8))}, ["maximize", "minimize"], seed=1, batch=2)
    >>> while batch := front.ask():
    ...     front.tell([(tried["bits"], 2 ** tried["bits"]) for tried in batch])
    >>> sorted(tried.coordinates["bits"] for tried in front.tried)
    [4, 6, 8]
    """

    def __init__(
        self,
        space: Mapping[str, Choice | Between],
        directions: Sequence[Direction],
        seed: int,
        batch: int,
        population: int = 20,
    ) -> None:
        optuna = study_extra("optuna")
        self.space = dict(space)
        self.directions = tuple(directions)
        self.batch = batch
        self.tried: list[Tried] = []
        sampler = optuna.samplers.NSGAIISampler(population_size=population, seed=seed)
        with _quiet(optuna):
            self._study = optuna.create_study(directions=self.directions, sampler=sampler)
        self._rest = np.random.default_rng(seed)
        self._failed = optuna.trial.TrialState.FAIL
        self._known: dict[str, tuple[float, ...] | None] = {}
        self._asked: dict[str, dict[str, Any]] = {}
        self._open: list[tuple[Any, str]] = []

    def ask(self) -> list[dict[str, Any]]:
        """Return new choices, parameter -> value; the same ones until they are told.

        A batch is shorter, and then empty, where the space has no more.
        """
        if not self._asked:
            left = math.prod(choice.n for choice in self.space.values()) - len(self._known)
            wanted = min(self.batch, left)
            for _ in range(DRAWS * self.batch):
                if len(self._asked) < wanted:
                    self._draw()
            while len(self._asked) < wanted:
                self._draw_evenly()
        return list(self._asked.values())

    def tell(self, values: Sequence[Sequence[float] | None]) -> None:
        """Tell what the choices of this batch are worth, in the order of `ask`.

        Parameters
        ----------
        values : sequence
            One number an objective; None for a choice that was refused.

        Raises
        ------
        ValueError
            Another number of choices or objectives, or a value that is not finite.
        """
        if len(values) != len(self._asked):
            raise ValueError(f"told {len(values)} choices; asked {len(self._asked)}")
        told = [None if v is None else tuple(map(float, v)) for v in values]
        for one in told:
            if one is not None and not (
                len(one) == len(self.directions) and all(map(math.isfinite, one))
            ):
                raise ValueError(f"told {one}; expected {len(self.directions)} finite numbers")
        for (key, place), one in zip(self._asked.items(), told, strict=True):
            self._known[key] = one
            self.tried.append(Tried(place, one))
        for trial, key in self._open:
            self._report(trial, key)
        self._asked, self._open = {}, []

    def is_on_front(self) -> list[bool]:
        """Return for each of `tried` whether it is on the front; refused ones are not."""
        kept = [i for i, one in enumerate(self.tried) if one.values is not None]
        found = [False] * len(self.tried)
        values = [self.tried[i].values for i in kept]
        for i, is_best in zip(kept, is_on_front(values, self.directions), strict=True):
            found[i] = bool(is_best)
        return found

    def _draw(self) -> None:
        trial = self._study.ask()
        place = {name: choice.suggested(trial, name) for name, choice in self.space.items()}
        key = canonical_json(place)
        if key in self._known:
            self._report(trial, key)
        else:
            self._asked.setdefault(key, place)
            self._open.append((trial, key))

    def _draw_evenly(self) -> None:
        place = {name: choice.drawn(self._rest) for name, choice in self.space.items()}
        key = canonical_json(place)
        if key not in self._known:
            self._asked.setdefault(key, place)

    def _report(self, trial: Any, key: str) -> None:
        values = self._known[key]
        if values is None:
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, values)


def is_on_front(values: Any, directions: Sequence[Direction]) -> npt.NDArray[np.bool_]:
    """Return which rows no other row dominates, shape (n,).

    A row dominates another that is nowhere better, and somewhere worse. So rows that are equal do
    not dominate each other: all of them are on the front, or none.

    Parameters
    ----------
    values : array_like, shape (n, n_objectives)
        Finite values.
    directions : sequence of {"maximize", "minimize"}
        One a column.

    Examples
    --------
    >>> is_on_front([[0.9, 2.0], [0.8, 1.0], [0.8, 3.0], [0.9, 2.0]],
    ...             ["maximize", "minimize"]).tolist()
    [True, True, False, True]
    """
    signs = np.array([-1.0 if direction == "maximize" else 1.0 for direction in directions])
    loss = np.asarray(values, dtype=np.float64).reshape(-1, len(signs)) * signs
    found = np.ones(len(loss), dtype=np.bool_)
    for i, row in enumerate(loss):
        found[i] = not ((loss <= row).all(axis=1) & (loss < row).any(axis=1)).any()
    return found


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Keep Optuna from announcing a study; its level of logging is put back."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
