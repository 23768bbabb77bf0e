"""`aimc study run | status | export | merge`: many runs, kept in one file."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from aimc_sim.commands.exits import INTERRUPTED, complain
from aimc_sim.commands.options import at_least
from aimc_sim.commands.progress import progress_bar
from aimc_sim.commands.study_table import status_table, study_table
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.report.files import check_writable
from aimc_sim.spec import InputError
from aimc_sim.study.conduct import conduct
from aimc_sim.study.conductor import Settings
from aimc_sim.study.frame import frame_of, write_frame
from aimc_sim.study.merge import merge
from aimc_sim.study.store import Store
from aimc_sim.study.study import Study, load_study
from aimc_sim.study.summary import pick, study_json


@dataclass(frozen=True)
class StudyOptions:
    """The options of `aimc study run`, as typed; see ``aimc study run --help``."""

    study: str
    output: str | None = None
    workers: int | None = None
    dask: str | None = None
    chips: int | None = None
    limit: int | None = None
    ci: float | None = None
    json: str | None = None
    quiet: bool = False
    command: str = ""


def study_command(options: StudyOptions) -> None:
    """Do what `aimc study run` does."""
    study = read_study(options)
    tree = conducted(options, study)

    def text() -> str:
        return f"{study_table(tree)}\nresults: {output_of(options, study)}\n"

    tell(tree, text, json=options.json, quiet=options.quiet)


def read_study(options: StudyOptions, changes: dict[str, Any] | None = None) -> Study:
    """Read the study with the changes of the command line; refuse what can be refused first."""
    for name, value in (("--workers", options.workers), ("--chips", options.chips)):
        at_least(name, value, 1)
    at_least("--limit", options.limit, 1)
    if options.workers is not None and options.dask is not None:
        raise InputError("--workers and --dask: both are given; a cluster has workers of its own")
    check_json(options.json)
    changed = dict(changes or {})
    if options.chips is not None:
        changed["chips"] = options.chips
    if options.limit is not None:
        changed["base.limit"] = options.limit
    if options.ci is not None:
        changed["adaptive"] = {"ci": options.ci}
    return load_study(options.study, changed)


def output_of(options: StudyOptions, study: Study) -> Path:
    """Return the results file."""
    return Path(options.output or f"{study.name}.sqlite")


def conducted(options: StudyOptions, study: Study) -> dict[str, Any]:
    """Do what is missing of a study; return its JSON."""
    with at_work(options, study) as (store, settings):
        return study_json(store, conduct(study, Path(options.study).parent, store, settings))


@contextmanager
def at_work(options: StudyOptions, study: Study) -> Iterator[tuple[Store, Settings]]:
    """Yield the results file and how to run into it; Ctrl-C and SIGTERM end it with one line."""
    with (
        Store(output_of(options, study), create=True) as store,
        progress_bar(options.quiet, study.name, "tasks") as progress,
        _stopped(store),
    ):
        yield (
            store,
            Settings(
                workers=options.workers or os.cpu_count() or 1,
                dask=options.dask,
                command=options.command,
                progress=progress,
            ),
        )


@contextmanager
def _stopped(store: Store) -> Iterator[None]:
    """Stop at SIGTERM as at Ctrl-C, and say what is kept."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        counts = [store.count(study) for study, _ in store.studies()]
        done, everything = sum(c[1] for c in counts), sum(c[0] for c in counts)
        complain(
            f"interrupted; {done} of {everything} tasks are in {store.path}, and the same command "
            "goes on from there"
        )
        raise SystemExit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def status_command(path: str, json: str | None) -> None:
    """Do what `aimc study status` does."""
    check_json(json)
    with Store(path) as store:
        rows = []
        for study, name in store.studies():
            everything, done, refused = store.count(study)
            points = store.coordinates(study)
            rows.append(
                {
                    "study": name,
                    "digest": study,
                    "n_points": len(points),
                    "n_tasks": everything,
                    "n_done": done,
                    "n_refused": refused,
                    "n_sessions": len(store.sessions(study)),
                }
            )
    tree = {"schema": 1, "kind": "status", "results": path, "studies": rows}
    tell(tree, lambda: status_table(tree), json=json)


@dataclass(frozen=True)
class ExportOptions:
    """The options of `aimc study export`, as typed."""

    results: str
    study: str | None = None
    csv: str | None = None
    parquet: str | None = None
    json: str | None = None


def export_command(options: ExportOptions) -> None:
    """Do what `aimc study export` does."""
    targets = {"--csv": options.csv, "--parquet": options.parquet}
    if not (options.csv or options.parquet or options.json):
        raise InputError("nothing to write: give --csv FILE, --parquet FILE or --json FILE")
    for name, target in targets.items():
        check_writable(name, target)
        suffix = "." + name.removeprefix("--")
        if target and Path(target).suffix != suffix:
            raise InputError(f"{name}: found {target!r}; expected a name that ends in {suffix}")
    with Store(options.results) as store:
        study = pick(store, options.study)
        written = [target for target in targets.values() if target]
        if written:
            frame = frame_of(store, study)
            for target in written:
                write_frame(frame, target)
                complain(f"{len(frame)} rows: {target}")
        if options.json:
            tell(study_json(store, study), json=options.json)


def merge_command(sources: list[str], output: str) -> None:
    """Do what `aimc study merge` does."""
    merged = merge(sources, output)
    sys.stdout.write(
        f"{output}: {merged.n_new} results added, {merged.n_same} were there already\n"
    )
    if merged.n_differ:
        complain(
            f"note: {merged.n_differ} tasks have other figures in another file (another machine or "
            f"other versions of libraries); those of the first stay"
        )
