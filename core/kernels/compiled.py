"""How every kernel is compiled: to the same bits whoever calls it first, anew when one changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from numba import config
from numba.core import compiler
from numba.core.caching import FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.registry import CPUDispatcher

Kernel = TypeVar("Kernel", bound=Callable[..., object])
Signature: TypeAlias = tuple[Any, ...]
"""The types of a call's arguments, as numba names them."""

_FILES = tuple(sorted(Path(__file__).parent.glob("*.py")))
_SOURCES = hashlib.sha256(b"".join(file.read_bytes() for file in _FILES)).hexdigest()


class _KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's cache of one function, for functions that are compiled into one another.

    Numba forgets a function when its own file changes. But a caller holds a copy of what it calls:
    kept beside a changed callee, it would go on computing what that used to be. `door` tells what
    Python calls from what kernels do: both lie in one folder.
    """

    def __init__(self, function: Callable[..., object], door: bool) -> None:
        super().__init__(function)
        self._door = door

    def _index_key(self, signature: object, codegen: object) -> tuple[object, ...]:
        return (*super()._index_key(signature, codegen), _SOURCES, self._door)

    def holds(self, signature: Signature, codegen: object) -> bool:
        """Return whether a call of this signature is kept, by this processor and version."""
        return self._index_key(signature, codegen) in self._cache_file._load_index()


class _Inner(JITCodeLibrary):  # type: ignore[misc]
    """Machine code of a kernel as other kernels call it: as it was lowered.

    A copy of it becomes part of every door that leads to it, and is optimised there with the rest.
    To do so before, at every level of calls anew, takes as long again.
    """

    def _optimize_final_module(self) -> None:
        pass


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """Machine code of a door, with copies of all that is called from it, for nobody else to call.

    Else the process that compiles would bind these calls to what it had compiled first.
    """

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage.name == "linkonce_odr":
                function.linkage = "internal"
        super()._optimize_final_module()


class _Compiler(compiler.Compiler):  # type: ignore[misc]
    """Numba's compiler, told into what kind of library, and whether arrays share memory.

    What is inlined by force is optimised before all the same: sums side by side, which in the midst
    of a loop would not be found.
    """

    into: type[JITCodeLibrary]
    apart: bool

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - as numba passes them
        *_, flags, _ = arguments
        flags.noalias = self.apart
        super().__init__(*arguments)

    def compile_extra(self, function: Callable[..., object]) -> object:
        """Compile `function` into a library of its own."""
        kind = JITCodeLibrary if self.state.flags.forceinline else self.into
        self.state.library = kind(self.state.targetctx.codegen(), function.__qualname__)
        self.state.library.enable_object_caching()
        return super().compile_extra(function)


def _compiler(into: type[JITCodeLibrary], *, apart: bool) -> type[_Compiler]:
    return type("_Compiler", (_Compiler,), {"into": into, "apart": apart})


class _Kernel(CPUDispatcher):  # type: ignore[misc]
    """A function as other kernels call it; as Python does, it is its `door`.

    A function that Python can call unpacks every array of its arguments and packs up its answer.
    Most kernels are called by kernels alone: without doors a quarter less is compiled.
    """

    def __init__(
        self, function: Callable[..., object], options: dict[str, object], apart: bool
    ) -> None:
        self._apart = apart
        told = options | {"no_cpython_wrapper": True}
        made_by = _compiler(_Inner, apart=apart)
        super().__init__(function, targetoptions=told, pipeline_class=made_by)
        self._cache = _KernelCache(function, door=False)
        self._options = options

    @cached_property
    def door(self) -> CPUDispatcher:
        """The same for callers in Python, compiled when there is one."""
        made_by = _compiler(_Whole, apart=self._apart)
        door = CPUDispatcher(self.py_func, targetoptions=self._options, pipeline_class=made_by)
        door._cache = _KernelCache(self.py_func, door=True)
        return door

    def __call__(self, *arguments: object) -> object:
        return self.door(*arguments)

    @property
    def stats(self) -> Any:  # noqa: ANN401 - as numba names it
        """What the cache did for callers in Python."""
        return self.door.stats


def compiled(
    *, contract: bool = False, apart: bool = False, **options: object
) -> Callable[[Kernel], Kernel]:
    """Return the decorator of a kernel.

    Parameters
    ----------
    contract
        Whether ``a * b + c`` may be rounded once (a fused multiply-add), which is faster. A kernel
        that is not told would inherit it from whoever calls it first, and the last bits of a
        result would depend on the order in which kernels came to be compiled.
    apart
        Whether no array that is written shares memory with another of the same call. Else a loop
        over few lanes spends as long on asking whether they do as on its sums.
    options
        Further options of numba's.
    """
    told: dict[str, object] = {
        "nopython": True,
        "nogil": True,
        "fastmath": {"contract"} if contract else False,
        "no_cfunc_wrapper": True,  # nobody calls from C
    }

    def decorate(function: Kernel) -> Kernel:
        if config.DISABLE_JIT:
            return function
        return _Kernel(function, told | options, apart)

    return decorate


def cache_folder(kernel: Any) -> Path:  # noqa: ANN401 - a kernel as numba made it
    """Return where numba keeps the compiled `kernel`."""
    return Path(kernel.stats.cache_path)


def signature_of(kernel: Any, arguments: tuple[object, ...]) -> Signature:  # noqa: ANN401
    """Return the signature of a call of `kernel` from Python; of what is not compiled, none."""
    if config.DISABLE_JIT:
        return ()
    return tuple(map(kernel.door.typeof_pyval, arguments))


def is_kept(kernel: Any, signature: Signature) -> bool:  # noqa: ANN401
    """Return whether a call of `kernel` from Python need not be compiled."""
    if config.DISABLE_JIT:
        return True
    door = kernel.door
    return bool(door._cache.holds(signature, door.targetctx.codegen()))


def compile_one(kernel: Any, signature: Signature) -> None:  # noqa: ANN401
    """Compile `kernel` for calls from Python, and keep it."""
    kernel.door.compile(signature)
