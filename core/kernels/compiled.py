"""How every kernel is compiled: to the same bits whoever calls it first, anew when one changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import config, njit
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

Kernel = TypeVar("Kernel", bound=Callable[..., object])

_FILES = tuple(sorted(Path(__file__).parent.glob("*.py")))
_SOURCES = hashlib.sha256(b"".join(file.read_bytes() for file in _FILES)).hexdigest()


class _KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache of one function, for functions that are compiled into one another.

    Numba forgets a function when its own file changes. But a caller holds a copy of what it calls:
    kept beside a changed callee, it would go on computing what that used to be.
    """

    def _index_key(self, signature: object, codegen: object) -> tuple[object, ...]:
        return (*super()._index_key(signature, codegen), _SOURCES)


def compiled(*, contract: bool = False, **options: object) -> Callable[[Kernel], Kernel]:
    """Return the decorator of a kernel.

    Parameters
    ----------
    contract
        Whether ``a * b + c`` may be rounded once (a fused multiply-add), which is faster. A kernel
        that is not told would inherit it from whoever calls it first, and the last bits of a
        result would depend on the order in which kernels came to be compiled.
    options
        Further options of numba's.
    """
    contraction: object = {"contract"} if contract else False

    def decorate(function: Kernel) -> Kernel:
        kernel: Any = njit(nogil=True, fastmath=contraction, **options)(function)
        if isinstance(kernel, Dispatcher):  # else numba is told not to compile, and there is none
            kernel._cache = _KernelCache(function)  # type: ignore[attr-defined]
        return kernel  # type: ignore[no-any-return]

    return decorate


def cache_folder(kernel: Any) -> Path:  # noqa: ANN401 - a kernel as numba made it
    """Return where numba keeps the compiled `kernel`."""
    return Path(kernel.stats.cache_path)


def is_kept(kernel: Any) -> bool:  # noqa: ANN401 - a kernel as numba made it
    """Return whether `kernel` need not be compiled: kept since any kernel's source was written."""
    if config.DISABLE_JIT:
        return True
    written = max(file.stat().st_mtime for file in _FILES)
    source = Path(kernel.py_func.__code__.co_filename)
    kept = cache_folder(kernel).glob(f"{source.stem}.{kernel.__name__}-*.nbi")
    return any(index.stat().st_mtime >= written for index in kept)
