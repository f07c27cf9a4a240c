"""Kernels are forked from one process: warm, apart from each other, and gone when it is."""

import os
import time
from pathlib import Path

import nbformat
import pytest

from analysis.book.provenance import imports_elsewhere
from analysis.book.run import Forked, Kernels, NotebookFailedError, run

WARM = "import sys; [name for name in ('scipy.stats', 'analysis') if name in sys.modules]"


@pytest.fixture(scope="module")
def kernels():
    with Kernels(["scipy.stats", "no_such_package"]) as kernels:
        yield kernels


def printed(kernels, *sources, **extra):
    """Text of the last output of cells that run in one fresh kernel."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    ran = run(nbformat.v4.new_notebook(cells=cells), {}, Path.cwd(), kernels, extra)
    return ran.cells[-1].outputs[0]["data"]["text/plain"]


def test_imports_are_those_of_others_wherever_they_stand():
    source = "import os, numpy as np\ndef f():\n    from scipy import stats\nfrom . import a\nimport analysis"
    assert imports_elsewhere(source) == {"numpy", "scipy", "scipy.stats"}


@pytest.mark.seconds
def test_a_kernel_has_the_others_packages_but_not_this_one(kernels):
    assert printed(kernels, WARM) == "['scipy.stats']"


def test_where_nothing_forks_a_kernel_starts_by_itself():
    with Kernels(["scipy.stats"], forks=False) as kernels:
        assert printed(kernels, WARM) == "[]"


@pytest.mark.seconds
def test_a_kernel_has_its_own_environment_process_and_names(kernels):
    session = "import os; (os.environ['MINE'], os.getsid(0) == os.getpid(), 'x' in globals())"
    assert printed(kernels, "x = 1", session, MINE="first") == "('first', True, True)"
    assert printed(kernels, session, MINE="second") == "('second', True, False)"


def test_figures_are_drawn_inline(kernels):
    assert "inline" in printed(kernels, "import matplotlib; matplotlib.get_backend()")


@pytest.mark.seconds
def test_a_kernel_ends_with_the_process_it_came_from(tmp_path):
    with Kernels([]) as kernels:
        argv = ["ipykernel", "-f", str(tmp_path / "connection.json")]
        kernel = Forked(kernels.fork(argv, str(tmp_path), dict(os.environ)))
        time.sleep(1)
        assert kernel.poll() is None
    deadline = time.monotonic() + 20
    while kernel.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.seconds
def test_a_server_that_died_is_named():
    with Kernels([]) as kernels:
        kernels._server.kill()
        kernels._server.wait()
        with pytest.raises(RuntimeError, match="forked from ended with code -9"):
            kernels.fork(["ipykernel"], "/", {})


@pytest.mark.seconds
@pytest.mark.parametrize("forks", [True, False])
def test_a_kernel_that_dies_is_heard(capfd, forks):
    dies = "import os; os.write(2, b'last words'); os._exit(1)"
    with Kernels([], forks=forks) as kernels, pytest.raises(NotebookFailedError, match="died"):
        printed(kernels, dies)


@pytest.mark.seconds
@pytest.mark.parametrize("forks", [True, False])
def test_a_kernel_that_ran_well_prints_nothing_and_wants_no_port(capfd, forks):
    with Kernels([], forks=forks) as kernels:
        source = "from ipykernel.kernelapp import IPKernelApp; IPKernelApp.instance().transport"
        assert [printed(kernels, source) for _ in range(3)] == ["'ipc'"] * 3
    assert capfd.readouterr() == ("", "")
