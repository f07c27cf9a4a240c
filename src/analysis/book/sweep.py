"""Many specifications at once: a journal of finished rows, on all cores or on a cluster.

What is swept is any importable function from a specification (a mapping of names to plain values)
to a row of results, or to several. Each finished specification is written to a journal at once, so
that a sweep that was killed goes on where it stopped. The results table is written when all is
done, in the order of the specifications: the same bytes from one worker, from eight, from a
cluster.
"""

import itertools
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from analysis.book.provenance import digest
from analysis.book.text import as_csv
from analysis.errors import AnalysisError
from analysis.inference.resampling import alone, parallel
from analysis.resources import declared, lock, write_all

Specification: TypeAlias = Mapping[str, Any]
Run: TypeAlias = Callable[[Specification], Specification | Sequence[Specification]]

FAULTS = declared("analysis.book", "faults.toml")["sweep"]
MOST = 1_000_000
"""Specifications of a grid, at most: a slip in a file must not fill the memory."""
_PATIENCE = 20  # seconds to wait for a scheduler and its first worker
_OPENING = b'["'  # of every line of the journal
LOST = "WorkerLost: "


class SweepError(AnalysisError, ValueError):
    """A sweep that cannot start or cannot go on; what was finished is kept."""


class Outcome(NamedTuple):
    """What became of one specification.

    Attributes
    ----------
    key : str
        The specification's hash.
    rows : list of dict
        Its result rows; empty if it failed.
    error : str
        Type and message of the exception, or empty; one that begins with :data:`LOST` is not
        written to the journal, for the worker died, and another try may succeed.
    """

    key: str
    rows: list[dict[str, Any]]
    error: str = ""


def grid(choices: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every combination of the choices, the last name varying fastest.

    Parameters
    ----------
    choices : mapping of str to list
        A value that is no list counts as the only choice.

    Examples
    --------
    >>> grid({"weights": ["knn", "gravity"], "tail": 0.01})
    [{'weights': 'knn', 'tail': 0.01}, {'weights': 'gravity', 'tail': 0.01}]
    """
    columns = [value if isinstance(value, list) else [value] for value in choices.values()]
    if empty := [name for name, column in zip(choices, columns, strict=True) if not column]:
        raise SweepError(f"the grid has no value for {empty[0]}: give one, or leave it out.")
    if (rows := math.prod(map(len, columns))) > MOST:
        raise SweepError(f"a grid of {rows:,} rows; {MOST:,} are the most. Leave some out.")
    return [dict(zip(choices, row, strict=True)) for row in itertools.product(*columns)]


def key(run: Run, specification: Specification, fingerprint: str = "") -> str:
    """Return the hash that identifies a run of a specification, whatever the order of its names.

    Raises
    ------
    SweepError
        If the function has no name to import it by, or a value cannot be told from others.

    Examples
    --------
    >>> key(grid, {"a": 1, "b": 2}) == key(grid, {"b": 2, "a": 1})
    True
    >>> key(grid, {"a": 1}) == key(grid, {"a": 1.5})
    False
    >>> key(grid, {"a": 1}) == key(sweep, {"a": 1})
    False
    """
    text = json.dumps([_identity(run), fingerprint, _as_plain(specification)], sort_keys=True)
    return digest(text, 20)


def _identity(run: Run) -> list[Any]:
    """Return what tells one function from another: its full name, and what a partial has fixed."""
    if isinstance(run, partial):
        fixed = _as_plain({"an argument of the partial": run.args})
        return [*_identity(run.func), fixed, _as_plain(run.keywords)]
    with suppress(AttributeError, ImportError):
        if attrgetter(run.__qualname__)(import_module(run.__module__)) == run:
            return [run.__module__, run.__qualname__]
    raise SweepError(FAULTS["nameless"].format(run=run))


def sweep(
    run: Run,
    specifications: Iterable[Specification],
    folder: Path | str,
    *,
    fingerprint: str = "",
    retry: bool = False,
    jobs: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[int, int, int], None] = lambda done, total, failed: None,
) -> pd.DataFrame:
    """Run every specification once and write the results table.

    Parameters
    ----------
    run : callable
        Importable function, or a partial of one, from a specification to one row or several
        (mappings of names to numbers, texts, truth values or None). An exception makes a row with
        its error.
    specifications : iterable of mapping
        Names, none of them ``error``, with finite numbers, texts, truth values, None or lists of
        these. Duplicates are run once.
    folder : path
        Gets ``rows.jsonl`` (the journal), ``results.parquet`` and ``results.csv``.
    fingerprint : str
        Identifies code and data. Rows of the journal that were made with another, or by a
        function of another name, are not reused.
    retry : bool
        Run again what failed before, as after a fault of the machine.
    jobs : int, optional
        Local worker processes; 1 stays in this process. Default: all cores.
    scheduler : str, optional
        Address of a dask scheduler, ``tcp://host:port``, to run on instead.
    progress : callable, optional
        Called with the numbers of finished, of all and of failed specifications.

    Returns
    -------
    DataFrame
        One row per specification and result row: the specification's columns, the result's
        columns, and ``error`` (empty where it went well).

    Raises
    ------
    SweepError
        If there is nothing to run, the function has no name, a specification cannot be stored, the
        journal is not one, another sweep is writing to `folder`, or the cluster cannot be reached
        or goes away. What was finished stays in the journal.
    """
    plain = [_as_plain(item) for item in specifications]
    plan = {key(run, item, fingerprint): item for item in plain}
    if not plan:
        raise SweepError("there is no specification to run.")
    if any("error" in item for item in plain):
        raise SweepError("a specification names `error`, the table's own column.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _journal(folder / "rows.jsonl") as (earlier, journal):
        kept = {name: item for name, item in earlier.items() if not (retry and item.error)}
        outcomes = {name: kept[name] for name in plan if name in kept}
        failed = sum(bool(outcome.error) for outcome in outcomes.values())
        progress(len(outcomes), len(plan), failed)
        todo = {name: item for name, item in plan.items() if name not in outcomes}
        where = _on_cluster(run, todo, scheduler) if scheduler else _on_cores(run, todo, jobs)
        for outcome in where if todo else ():
            if not outcome.error.startswith(LOST):
                journal.write(json.dumps(outcome).encode() + b"\n")
                journal.flush()
            outcomes[outcome.key] = outcome
            failed += bool(outcome.error)
            progress(len(outcomes), len(plan), failed)
        table = _table(plan, outcomes)
        storable = table.apply(_one_type)
        csv = as_csv(storable, index=False)
        parquet = storable.to_parquet(None, index=False)
        write_all(folder, {"results.parquet": parquet, "results.csv": csv})
    return table


def _outcome(run: Run, item: tuple[str, Specification]) -> Outcome:
    """Run one specification, given with its key."""
    name, specification = item
    try:
        result = run(specification)
        is_several = isinstance(result, Iterable) and not isinstance(result, Mapping)
        given = result if is_several else [result]
        return Outcome(name, [_row(row, specification) for row in given])
    except (Exception, SystemExit) as error:
        return Outcome(name, [], f"{type(error).__name__}: {error}")


def _row(row: Any, specification: Specification) -> dict[str, Any]:
    """Return one row of a result as the journal holds it, or say why it cannot be one."""
    if not isinstance(row, Mapping):
        raise SweepError(FAULTS["no_row"].format(row=row))
    if shared := [name for name in row if name in specification]:
        raise SweepError(f"result and specification share the name {shared[0]}.")
    if "error" in row:
        raise SweepError("the result names `error`, the table's own column.")
    return _as_plain(row, is_result=True)


def _on_cores(run: Run, todo: Mapping[str, Specification], jobs: int | None) -> Iterator[Outcome]:
    """Run on local processes; once one has died, one by one, which shows what kills it."""
    from joblib.externals.loky.process_executor import BrokenProcessPool

    left = dict(todo)
    try:
        for outcome in parallel(partial(_outcome, run), todo.items(), jobs or -1, in_order=False):
            del left[outcome.key]
            yield outcome
    except BrokenProcessPool:
        for item in left.items():
            try:
                yield from parallel(partial(_outcome, run), [item], 2)
            except BrokenProcessPool:
                yield Outcome(item[0], [], f"{LOST}the process that ran this died")


def _on_cluster(run: Run, todo: Mapping[str, Specification], scheduler: str) -> Iterator[Outcome]:
    """Run on an existing dask cluster, which moves the work of a dead worker to the others."""
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ModuleNotFoundError as error:
        raise SweepError(FAULTS["no_dask"]) from error
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
        client.wait_for_workers(1, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        said = FAULTS["no_scheduler"].format(scheduler=scheduler, error=error)
        raise SweepError(said) from error
    with client:
        work = partial(alone, partial(_outcome, run))
        futures = {client.submit(work, item, pure=False): item[0] for item in todo.items()}
        for future in as_completed(futures, loop=client.loop):
            try:
                yield future.result()
            except KilledWorker as error:
                yield Outcome(futures[future], [], f"{LOST}{error}")
            except Exception as error:
                words = {"scheduler": scheduler, "kind": type(error).__name__, "error": error}
                raise SweepError(FAULTS["gone"].format(**words)) from error


@contextmanager
def _journal(path: Path) -> Iterator[tuple[dict[str, Outcome], IO[bytes]]]:
    """Open the journal for this process alone: what it holds, and the file to append to."""
    with path.open("ab+") as file:
        if not lock(file, wait=False):
            raise SweepError(FAULTS["taken"].format(folder=path.parent))
        file.seek(0)
        earlier: dict[str, Outcome] = {}
        whole = 0  # bytes of whole lines; a kill may have cut the last one
        for number, line in enumerate(file, start=1):
            outcome = _finished(line)
            if line.endswith(b"\n") and outcome is not None:
                earlier[outcome.key] = outcome
                whole += len(line)
            elif line.endswith(b"\n") or not line.startswith(_OPENING[: len(line)]):
                raise SweepError(FAULTS["no_journal"].format(path=path, number=number))
        file.truncate(whole)
        yield earlier, file


def _finished(line: bytes) -> Outcome | None:
    """Read a line of the journal, None if it is no such line."""
    with suppress(ValueError):
        match json.loads(line):
            case [str(name), list(rows), str(error)] if all(isinstance(row, dict) for row in rows):
                return Outcome(name, rows, error)
    return None


def _table(plan: Mapping[str, Specification], outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """Lay the outcomes out in the order of the plan, one tidy row each."""
    records = [
        {**specification, **row, "error": outcomes[name].error}
        for name, specification in plan.items()
        for row in outcomes[name].rows or [{}]
    ]
    given, found = (dict.fromkeys(itertools.chain(*each)) for each in (plan.values(), records))
    del found["error"]
    return pd.DataFrame.from_records(records, columns=[*(given | found), "error"])


def _one_type(column: pd.Series) -> pd.Series:
    """Give a column of mixed values one type that both files can hold."""
    kinds = {type(value) for value in column.dropna()} if column.dtype == object else {bool}
    if kinds <= {bool} or kinds <= {str}:
        return column
    if kinds <= {int, float, bool}:
        return column.astype(float)
    return column.map(lambda v: v if v is None or isinstance(v, str) else json.dumps(v))


def _as_plain(mapping: Mapping[str, Any], *, is_result: bool = False) -> dict[str, Any]:
    """Return the mapping as it will come back from the journal, or name what cannot.

    A number of a result that is not finite is a missing one.
    """

    def plain(name: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [plain(name, each) for each in value]
        each = value.item() if isinstance(value, np.generic) else value
        if not (each is None or isinstance(each, str | int | float)):
            raise SweepError(FAULTS["no_value"].format(name=name, kind=type(value).__name__))
        if not isinstance(each, float) or math.isfinite(each):
            return each
        if is_result:
            return None
        raise SweepError(f"{name} is {value}: use a finite number, or None if there is none.")

    return {str(name): plain(name, value) for name, value in mapping.items()}
