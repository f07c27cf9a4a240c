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

_BLAS = ThreadpoolController().select(user_api="blas")


def one_blas_thread(work: Callable[P, R]) -> Callable[P, R]:
    """Run a function with one thread; where there is but one anyway, at no cost."""

    @wraps(work)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        if all(library.num_threads == 1 for library in _BLAS.lib_controllers):
            return work(*args, **kwargs)
        with _BLAS.limit(limits=1):
            return work(*args, **kwargs)

    return alone
