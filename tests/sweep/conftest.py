import os
import signal

import pytest
from distributed import LocalCluster


@pytest.fixture(scope="module")
def local():
    """Start a real scheduler and two worker processes on this machine."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        yield cluster


@pytest.fixture
def cluster(local):
    return local.scheduler_address


class Workers:
    def __init__(self, local):
        self.local = local

    def kill_one(self):
        """Kill one worker process as a machine that goes down would."""
        nanny = next(iter(self.local.workers.values()))
        os.kill(nanny.pid, signal.SIGKILL)
        return nanny.pid


@pytest.fixture
def workers(local):
    return Workers(local)
