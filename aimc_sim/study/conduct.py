"""conduct: run a study from its first task to its last, with as many chips as its points want."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aimc_sim.study.conductor import Conductor, Progress, Settings
from aimc_sim.study.points import points_of
from aimc_sim.study.rounds import Rounds
from aimc_sim.study.store import Store
from aimc_sim.study.study import ACCURACY, Study, load_study
from aimc_sim.study.summary import pick

if TYPE_CHECKING:
    import pandas as pd


def conduct(study: Study, folder: str | Path, store: Store, settings: Settings) -> str:
    """Do everything that is missing of a study; return its digest.

    Parameters
    ----------
    study : Study
        The study.
    folder : path
        Where its paths start from.
    store : Store
        The results file.
    settings : Settings
        How to run it.

    Raises
    ------
    InputError
        A file that is missing or wrong, a full disk, workers that die; what is written stays.
    """
    with Conductor(study, folder, store, settings, points_of(study)) as conductor:
        chips = {p.point.index: p.point.chips(study.first_chips) for p in conductor.points}
        conductor.do(chips)
        while study.adaptive is not None and (more := _next_round(study, conductor)):
            conductor.do(more)
        conductor.keep_record()
        return conductor.digest


def _next_round(study: Study, conductor: Conductor) -> dict[int, range]:
    """Return the points that want more chips, and which."""
    adaptive = study.adaptive
    assert adaptive is not None
    width, step = adaptive.ci / 100.0, 1.0 / conductor.content["n_sequences"]
    rounds = Rounds(adaptive.first, adaptive.more, adaptive.most, width, step)
    found = {}
    for i, values in conductor.values(ACCURACY).items():
        if len(values) >= adaptive.first and (n := rounds.wanted(values)) > len(values):
            found[i] = range(n)
    return found


def run_study(
    study: str | Path | Study,
    results: str | Path,
    *,
    folder: str | Path = ".",
    workers: int = 1,
    dask: str | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run what is missing of a study and return all of it as a table.

    Parameters
    ----------
    study : path or Study
        A study file, or a study; the paths of the latter start from `folder`.
    results : path
        Results file; made where it is missing.
    folder : path
        Where the paths of a `Study` start from.
    workers : int
        Processes; 1 is this one. A script that asks for more needs the usual
        ``if __name__ == "__main__":``.
    dask : str, optional
        Address of a Dask scheduler.
    progress : callable, optional
        Called with (tasks finished, all of them).

    Returns
    -------
    pandas.DataFrame
        One row a task: point, coordinates, chip, metrics.

    Raises
    ------
    InputError
        A file that is missing or wrong, a full disk, workers that die; what is written stays.
    """
    from aimc_sim.study.frame import frame_of

    if not isinstance(study, Study):
        folder, study = Path(study).parent, load_study(study)
    with Store(results, create=True) as store:
        settings = Settings(workers=workers, dask=dask, progress=progress)
        return frame_of(store, conduct(study, folder, store, settings))


def load_results(results: str | Path, study: str | None = None) -> pd.DataFrame:
    """Return the finished tasks of a results file as a table.

    Parameters
    ----------
    results : path
        Results file.
    study : str, optional
        Name or digest of the study, where the file has several.

    Raises
    ------
    InputError
        Not a results file, or no such study.
    """
    from aimc_sim.study.frame import frame_of

    with Store(results) as store:
        return frame_of(store, pick(store, study))
