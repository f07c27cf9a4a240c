"""One server and one browser for the tests of the built book."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HTML = Path(__file__).parents[2] / "_build" / "html"


class Quiet(SimpleHTTPRequestHandler):
    """Serve files and keep silent."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def built():
    """Folder of the built book."""
    if not (HTML / "index.html").is_file():
        pytest.fail("there is no built book: run `make book`, or `make test`, which does")
    return HTML


@pytest.fixture(scope="session")
def site(built):
    """Address at which the built book is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=built)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
