"""Libraries of the extra `study`, loaded when they are needed."""

from __future__ import annotations

import importlib
from types import ModuleType

from aimc_sim.spec import InputError


def study_extra(module: str) -> ModuleType:
    """Return a module that comes with ``aimc-sim[study]``.

    Raises
    ------
    InputError
        It is not installed.

    Examples
    --------
    >>> study_extra("no_such_library.of_tables")
    Traceback (most recent call last):
    aimc_sim.spec.InputError: this needs no_such_library; type: pip install 'aimc-sim[study]'
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise InputError(f"this needs {name}; type: pip install 'aimc-sim[study]'") from None
