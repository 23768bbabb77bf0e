"""The one place for Numba's options: where kernels are cached, how they compile, how threads wait.

Only kernel modules import this file, so that ``import aimc_sim`` does not load Numba.

Numba keys its on-disk cache by the file of the *caller*: after an edit of a jitted callee in
another file it would go on running the old code. Therefore the name of the cache directory contains
a digest of every kernel source (``**/*kernels*.py`` and this file) and of the versions of Numba and
Python.
A kernel module may import jitted functions and constants from kernel modules only; anything else
that it freezes at compile time is not seen by the digest.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

# GNU OpenMP's default is to spin between parallel loops, which stalls a second thread pool (BLAS)
# by milliseconds a call. Both libraries read these once, when they load.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("KMP_BLOCKTIME", "0")

import numba

if TYPE_CHECKING:
    prange = range
else:
    prange = numba.prange

__all__ = ["cache_dir", "cache_is_cold", "n_threads", "njit", "pnjit", "prange", "source_digest"]

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])
_PACKAGE = Path(__file__).resolve().parent


def source_digest(package: Path = _PACKAGE) -> str:
    """Digest of everything that a cached kernel depends on.

    Parameters
    ----------
    package
        Directory of the package whose kernel sources count.

    Returns
    -------
    str
        16 hexadecimal digits over the sources and the versions of Numba and Python.

    Examples
    --------
    >>> len(source_digest())
    16
    """
    digest = hashlib.sha256(f"{version('numba')} {sys.version}".encode())
    for path in sorted({*package.rglob("*kernels*.py"), package / "jit.py"}):
        source = path.read_bytes()
        digest.update(f"\0{path.relative_to(package).as_posix()}\0{len(source)}\0".encode())
        digest.update(source)
    return digest.hexdigest()[:16]


def _preferred_dir(name: str) -> Path:
    """Directory of that name below NUMBA_CACHE_DIR, XDG_CACHE_HOME or ~/.cache."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen).absolute() / f"aimc_sim-{name}"
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path(os.path.expanduser("~/.cache"))
    return root / "aimc_sim" / f"numba-{name}"


def _make_writable(path: Path) -> None:
    """Create the directory and write a file in it; OSError where that fails."""
    if not path.is_absolute():  # no home directory is known
        raise OSError(f"{path} is not an absolute path")
    path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path):
        pass


def _find_cache_dir() -> Path:
    """Return the directory to cache in: the preferred one, else one that goes away at exit."""
    name = source_digest()
    path = _preferred_dir(name)
    try:
        _make_writable(path)
    except OSError as error:
        root = tempfile.mkdtemp(prefix="aimc_sim-")
        atexit.register(shutil.rmtree, root, ignore_errors=True)
        os.environ["NUMBA_CACHE_DIR"] = root  # worker processes share it and stay silent
        warnings.warn(
            f"compiled kernels cannot be kept in {path} ({error.strerror or error}); they go to a"
            " temporary directory and are compiled anew by each run"
            " (set NUMBA_CACHE_DIR to a writable directory)",
            RuntimeWarning,
            stacklevel=2,
        )
        path = _preferred_dir(name)
        _make_writable(path)
    return path


_CACHE_DIR = _find_cache_dir()


def cache_dir() -> Path:
    """Directory in which this process keeps its compiled kernels.

    Returns
    -------
    Path
        An absolute, writable directory.

    Examples
    --------
    >>> cache_dir().name.endswith(source_digest())
    True
    """
    return _CACHE_DIR


def cache_is_cold() -> bool:
    """Whether no kernel has been compiled yet, so that the first run will take a while.

    Returns
    -------
    bool
        True while the cache directory holds no index file.

    Examples
    --------
    >>> isinstance(cache_is_cold(), bool)
    True
    """
    return next(_CACHE_DIR.rglob("*.nbi"), None) is None


def n_threads() -> int:
    """Return how many threads kernels run on; `numba.set_num_threads` changes it."""
    return int(numba.get_num_threads())


@overload
def njit(kernel: _Kernel, /) -> _Kernel: ...
@overload
def njit(**options: Any) -> Callable[[_Kernel], _Kernel]: ...
def njit(kernel: Any = None, /, **options: Any) -> Any:
    """Compile a kernel: cached on disk, NumPy's rules for division, no fastmath, one thread.

    Parameters
    ----------
    kernel
        The function, where the decorator is used without options.
    **options
        Further options of ``numba.njit``, such as ``forceinline`` or ``nogil``.

    Returns
    -------
    Callable
        The kernel, compiled at its first call; or, given options, a decorator.

    Raises
    ------
    TypeError
        If ``cache``, ``error_model`` or ``fastmath`` is given: these are fixed here.

    Examples
    --------
    In a file of its own named ``..._kernels.py``::

        @njit
        def half(x: float) -> float:
            return 0.5 * x
    """
    fixed = sorted({"cache", "error_model", "fastmath"} & options.keys())
    if fixed:  # sums must not depend on who compiled them
        raise TypeError(f"{', '.join(fixed)}: fixed for every kernel in aimc_sim/jit.py")
    if kernel is None:
        return lambda function: _compile(function, options)
    return _compile(kernel, options)


@overload
def pnjit(kernel: _Kernel, /) -> _Kernel: ...
@overload
def pnjit(**options: Any) -> Callable[[_Kernel], _Kernel]: ...
def pnjit(kernel: Any = None, /, **options: Any) -> Any:
    """Compile a kernel as `njit` does, with its ``prange`` loops spread over threads.

    Parameters
    ----------
    kernel
        The function, where the decorator is used without options.
    **options
        Further options of ``numba.njit``.

    Returns
    -------
    Callable
        The kernel, compiled at its first call; or, given options, a decorator.

    Raises
    ------
    TypeError
        If ``cache``, ``error_model`` or ``fastmath`` is given: these are fixed here.

    Examples
    --------
    In a file of its own named ``..._kernels.py``::

        @pnjit
        def halve(x: npt.NDArray[np.float64]) -> None:
            for i in prange(x.size):
                x[i] *= 0.5
    """
    decorate = njit(**options, parallel=True)
    return decorate if kernel is None else decorate(kernel)


def _compile(kernel: Callable[..., Any], options: dict[str, Any]) -> Callable[..., Any]:
    """Apply numba.njit with the house options.

    Numba reads its cache directory when it decorates, and may reset it from the environment when
    it compiles; setting it just here works whoever imported Numba first, and moves nobody else's
    cache.
    """
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_CACHE_DIR)
    try:
        jitted: Callable[..., Any] = numba.njit(cache=True, error_model="numpy", **options)(kernel)
    finally:
        numba.config.CACHE_DIR = before
    return jitted
