"""Libraries of the extras `study`, `cluster` and `train`, loaded when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from aimc_sim.spec import InputError


def extra(module: str, name: str) -> Any:
    """Return a module that comes with ``aimc-sim[name]``.

    Raises
    ------
    InputError
        It is not installed.

    Examples
    --------
    >>> extra("no_such_library.of_tables", "study")
    Traceback (most recent call last):
    aimc_sim.spec.InputError: this needs no_such_library; type: pip install 'aimc-sim[study]'
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        library = module.partition(".")[0]
        raise InputError(f"this needs {library}; type: pip install 'aimc-sim[{name}]'") from None


def study_extra(module: str) -> Any:
    """Return a module that comes with ``aimc-sim[study]``; see `extra`."""
    return extra(module, "study")
