"""Functions to sweep over; in a module, so that worker processes can import them."""

import os
import time
from functools import cache
from pathlib import Path

import numpy as np

from analysis.book.sweep import sweep


def _log(specification):
    with Path(specification["log"]).open("a") as file:
        file.write(f"{specification['x']}\n")


def numbers(specification):
    """Sums whose last bits depend on the order in which they are taken."""
    draws = np.random.default_rng(specification["x"]).normal(size=(200, 200))
    if specification["x"] % 10 == 3:
        raise ValueError(f"x = {specification['x']} is not liked")
    value = np.linalg.solve(draws, draws @ draws)
    return {"trace": np.trace(value), "smallest": value.min(), "note": None}


def slow(specification):
    time.sleep(0.02)
    _log(specification)
    return {"square": specification["x"] ** 2}


def fails_until_mended(specification):
    _log(specification)
    if specification["x"] % 3 == 2 and not Path(specification["mended"]).exists():
        raise OSError("not mended")
    return {"square": specification["x"] ** 2}


def cube(specification):
    return {"square": specification["x"] ** 3}


def power(exponent, specification):
    return {"power": specification["x"] ** exponent}


@cache
def wrapped(specification):
    return {}


def leaves(specification):
    raise SystemExit("gone")


def overwrites(specification):
    return {"error": "mine"}


def no_row(specification):
    return specification["result"]


def sweeps_into_its_own_folder(specification):
    return sweep(cube, [{"x": 1}], specification["folder"], jobs=1)


def two_rows(specification):
    return [{"term": "a", "estimate": 1.0}, {"term": "b", "estimate": float("nan")}]


def dies_once(specification):
    """Kill the worker that first meets x = 5."""
    marker = Path(specification["log"])
    if specification["x"] == 5 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), 9)
    return {"square": specification["x"] ** 2}


def deadly(specification):
    if specification["x"] == 5:
        os.kill(os.getpid(), 9)
    return {"square": specification["x"] ** 2}
