"""One BLAS thread for small algebra: the same sums in the same order everywhere, and faster.

Threads cost more than they give on matrices of a few dozen columns; with several processes at work
they cost a factor of ten. What depends on W alone keeps all threads.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")

_LIBRARIES = ThreadpoolController().select(user_api="blas").lib_controllers


def one_blas_thread(work: Callable[P, R]) -> Callable[P, R]:
    """Run a function with one thread; where there is but one anyway, at no cost."""

    @wraps(work)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        before = [library.num_threads for library in _LIBRARIES]
        try:
            for library, threads in zip(_LIBRARIES, before, strict=True):
                if threads != 1:
                    library.set_num_threads(1)
            return work(*args, **kwargs)
        finally:
            for library, threads in zip(_LIBRARIES, before, strict=True):
                if threads != 1:
                    library.set_num_threads(threads)

    return alone
