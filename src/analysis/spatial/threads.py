"""One BLAS thread for small algebra: the same sums in the same order everywhere, and faster.

Threads cost more than they give on matrices of a few dozen columns; with several processes at work
they cost a factor of ten. What depends on W alone keeps all threads.
"""

from threadpoolctl import ThreadpoolController

one_blas_thread = ThreadpoolController().wrap(limits=1, user_api="blas")
