"""The command ``analysis``: thin over the package, and a named error is one message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from analysis.errors import AnalysisError, ParameterError, choose, listed
from analysis.resources import ROOT, declared, project

if TYPE_CHECKING:
    from analysis.book.parameters import Parameter


class Commands(TyperGroup):
    """Prints an error of this package, or of the disk, as one message without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (AnalysisError, OSError) as error:
            message = str(error)
        except ModuleNotFoundError as error:
            message = (
                f"this command needs the package {error.name}, which is no part of the library alone: "
                'pip install "analysis[book]", or "analysis[ingest]" for files as they come'
            )
        Console(stderr=True).print(f"[bold red]Error:[/] {escape(message)}", soft_wrap=True)
        raise typer.Exit(1)


app = typer.Typer(
    cls=Commands, no_args_is_help=True, pretty_exceptions_show_locals=False,
    help="Estimate, re-run and check: the package behind the book.",
)  # fmt: skip
_SAID = declared("analysis", "cli.toml")
DOORS: dict[str, Any] = {"options": typer.Option, "arguments": typer.Argument}
Words = list[str] | None
Place = Path | None
Count = int | None


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a function a command; what it may be given stands in ``cli.toml``."""
    for name, kind in get_type_hints(function).items():
        for key, door in product((f"{function.__name__}_{name}", name), DOORS):
            if key in _SAID[door]:
                said = dict(_SAID[door][key])
                made = DOORS[door](*said.pop("flags", ()), **said)
                function.__annotations__[name] = Annotated[kind, made]
                break
    return app.command()(function)


def _echo(lines: Iterable[object]) -> None:
    for line in lines:
        typer.echo(line)


def _assigned(pairs: list[str] | None) -> dict[str, str]:
    """Split ``name=value`` arguments."""
    values: dict[str, str] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError(f"-p {pair}: write -p NAME=VALUE.")
        if name in values:
            raise ParameterError(f"parameter {name} is given twice.")
        values[name] = value
    return values


@command
def rerun(
    notebook: str, parameter: Words = None, output: Place = None, compare: bool = True,
    heavy: bool = False,
) -> None:  # fmt: skip
    """Execute a section with other parameters: a notebook and a stand-alone page."""
    from analysis.book.rerun import rerun as execute

    console = Console(stderr=True)
    with console.status("running the notebook"):
        done = execute(
            notebook, _assigned(parameter), output or "reruns", compare=compare, heavy=heavy
        )
    if not done.differing:
        console.print("All parameters are the book's.")
    for label, count in done.changes.items():
        console.print(f"{escape(label)}: {count} numbers changed")
    _echo((done.notebook, done.page))


@command
def parameters(notebook: str | None = None, as_json: bool = False) -> None:
    """List the parameters of a section: type, default, meaning, what is allowed; or all sections."""
    from analysis.book.parameters import of_notebook
    from analysis.book.rerun import find, sections

    known = of_notebook(find(notebook)).values() if notebook else ()
    paths = {} if notebook else sections()
    named = {section: list(of_notebook(path)) for section, path in paths.items()}
    rows = [{"name": each.name, "type": each.kind, "default": each.default,
             "meaning": each.meaning, "allowed": each.allowed} for each in known]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows if notebook else named, indent=1, ensure_ascii=False))
    elif notebook:
        _list(known)
    else:
        _table(("section", "parameters"), [(s, ", ".join(own)) for s, own in named.items()])


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(*heads, box=None)
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)


def _list(offered: Iterable[Parameter]) -> None:
    rows = [(p.name, p.kind, repr(p.default), p.meaning, p.allowed) for p in offered]
    _table(("name", "type", "default", "meaning", "may be"), rows)


def _prepared(folder: Path | None) -> None:
    """Let a study of one's own say which of its sections cannot run."""
    if folder is not None and (folder / "study.toml").is_file():
        from analysis.study.skeleton import prepare

        for line in prepare(folder):
            typer.echo(line, err=True)


@command
def build(
    folder: Place = None, parameter: Words = None, file: Place = None, part: Words = None,
    output: Place = None, heavy: bool = False,
) -> None:  # fmt: skip
    """Build the book, or a book of its own with other parameters.

    Every section gets the parameters that it knows. -p validation/p_value=normality asks in one folder of
    sections alone, -p validation/columbus/p_value=normality in one section.
    """
    from analysis.book import build as books

    _prepared(folder)
    values = (books.read_values(file) if file else {}) | _assigned(parameter)
    index, assigned = books.build(folder or ROOT, values, part or (), output, heavy)
    for line in assigned.report() if assigned else ():
        Console(stderr=True).print(escape(line), soft_wrap=True)
    typer.echo(f"The book: {index}")


@command
def export(part: Words = None, book: Place = None) -> None:
    """Make a PDF and a Word file of each part of the book, or of those named.

    Builds the book first; the files go to _build/export, and its pages link to them.
    """
    from analysis.book.export import export as make

    _prepared(book)
    _echo(make(book or ROOT, part or ()))


@command
def kernel(action: str = "install") -> None:
    """Let Jupyter of any other environment run the notebooks with this one's packages."""
    from ipykernel.kernelspec import install

    if action != "install":
        raise ParameterError(f"kernel {action}: the one thing to do is `analysis kernel install`.")
    place = install(user=True, kernel_name="analysis", display_name="Python (analysis)")
    typer.echo(f"In Jupyter, choose the kernel “Python (analysis)”. It is described in {place}.")


@command
def where() -> None:
    """Print the project's folder, which holds the notebooks."""
    typer.echo(project())


@command
def sweep(
    plan: str, parameter: Words = None, output: Place = None, jobs: Count = None,
    scheduler: str | None = None, retry: bool = False, list_choices: bool = False,
) -> None:  # fmt: skip
    """Estimate many specifications of a study, on all cores or on a cluster.

    -p NAME=A,B,... makes a grid, -p NAME='*' takes every value; what is not named keeps its
    default. After an interruption the same command goes on where it stopped.
    """
    from analysis.book import sweep as sweeps
    from analysis.study.curve.plan import read

    asked = read(plan, _assigned(parameter))
    if list_choices:
        if not asked.choices:
            raise ParameterError(
                f"{plan} sweeps a function of your own, which declares no choices."
            )
        _list(asked.choices.values())
        return
    folder = output or Path("sweeps") / asked.name
    with _progress() as progress:
        table = sweeps.sweep(
            asked.run, asked.specifications, folder, fingerprint=asked.fingerprint, retry=retry,
            jobs=jobs, scheduler=scheduler, progress=progress,
        )  # fmt: skip
    failed = table.loc[table["error"] != "", "error"]
    console = Console(stderr=True)
    if len(failed):
        said = "rows failed; the column error says why.[/] With --retry they are run again."
        console.print(f"[yellow]{len(failed)} {said}", soft_wrap=True)
    _echo(folder / f"results.{ending}" for ending in ("parquet", "csv"))
    if failed.str.startswith("WorkerLost").any():
        console.print("Some were lost with their worker: give the same command again for them.")
        raise typer.Exit(1)
    if len(failed) == len(table):
        raise sweeps.SweepError(f"nothing could be estimated. The first row says: {failed.iloc[0]}")


@contextmanager
def _progress() -> Iterator[Callable[[int, int, int], None]]:
    """Show finished, failed and all specifications, the rate and the time left."""
    from rich.progress import MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, TextColumn("{task.fields[failed]} failed"), console=console) as bar:
        task = bar.add_task("", failed=0, total=None)
        said = -1

        def report(done: int, total: int, failed: int) -> None:
            nonlocal said
            bar.update(task, completed=done, total=total, failed=failed)
            if not console.is_terminal and 10 * done // total > said:
                said = 10 * done // total
                console.print(f"{done} of {total}, {failed} failed")

        yield report


@command
def replicate(folder: Place = None, output: Place = None, heavy: bool = False) -> None:
    """Build a book again in a fresh environment, compare every number, and write the report on it.

    Ends with status 1 if a table differs from what was kept.
    """
    from analysis.book.replicate import replicate as make

    with Console(stderr=True).status("a fresh environment, and the book in it"):
        tables, report = make(folder or ROOT, output or Path("replication"), heavy)
    wrong = tables[tables["verdict"] != "equal"]
    _echo(f"{row.table}: {row.verdict}" for row in wrong.itertuples())
    _echo(report)
    if len(wrong):
        raise typer.Exit(1)


@command
def new(
    folder: Path, panel: Path, places: Path, outcome: str = "", explanatory: str = "",
    unit: str = "", period: str = "",
) -> None:  # fmt: skip
    """Begin a study of your own: a commented study.toml and short notebooks, from two files."""
    import sys
    from shlex import quote

    from analysis.study.skeleton import new as make

    if sys.stdin.isatty():
        outcome = outcome or typer.prompt("Column of the outcome")
        explanatory = explanatory or typer.prompt("Column of the variable of interest")
    _echo(make(folder, panel, places, outcome, explanatory, unit, period))
    typer.echo(f"{folder / 'study.toml'}: edit it, then `analysis build {quote(str(folder))}`")


@command
def check(folder: Path, raw_of: str = "") -> None:
    """List everything that is wrong with a study's declaration and data, and what can run.

    With --raw STUDY it lists the faults of all raw files in a folder, and what they suffice for. Ends
    with status 1 if anything is wrong.
    """
    if raw_of:
        _check_raw(folder, raw_of)
        return
    from analysis.study.attempt import prospects, trial
    from analysis.study.own import examine

    study, problems = examine(folder)
    refused = trial(study) if study is not None and not problems else {}
    problems += [f"{where}: {why}" for where, why in refused.items()]
    _echo(f"- {problem}" for problem in problems)
    if study is not None:
        data = study.load()
        periods = data.panel.periods
        typer.echo(f"{data.panel.n_units} {study.units}, {periods[0]}-{periods[-1]}")
        _echo((*data.notes, *(": ".join(of) for of in prospects(study, refused).items())))
    if problems:
        raise typer.Exit(1)
    typer.echo("Nothing is wrong.")


def _check_raw(folder: Path, name: str) -> None:
    """Say which raw files are at fault, which variables can be made, and which sections run."""
    from analysis.study import find_study
    from analysis.study.raw import RawContract
    from analysis.study.sample import DECLARED

    study = find_study(name)
    contract: RawContract = import_module(f"{DECLARED}.{name}.measures").CONTRACT
    required = {key: known.ids for key, known in contract.labels.items()}
    tables, wrong, missing = contract.examine(folder, {**required, "year": contract.years})
    _echo(f"- {fault}" for fault in wrong)
    _echo(absent.partition("; expected")[0] for absent in missing)
    lacking = contract.lacking(tables)
    rest = sorted({file for files in lacking.values() for file in files})
    others = {"dependence": lacking.get(study.outcome, rest), "all other sections": rest}
    for what, files in (lacking | others).items():
        can = "can be made" if what in lacking else "can run"
        typer.echo(f"{what}: {f'needs {listed(files, 12)}' if files else can}")
    if wrong:
        raise typer.Exit(1)


@command
def ingest(mapping: Path, output: Place = None) -> None:
    """Turn yearbook files as they come into tables of units and years, with a log of every change."""
    from analysis.study.ingest import ingest as make

    _echo(make(mapping, output))


@command
def simulate(study: str, output: Place = None) -> None:
    """Write a study's simulated raw files again, byte for byte."""
    from analysis.study.sample import DECLARED, known_studies

    simulated = {name: f"{DECLARED}.{name}.generator" for name in known_studies()}
    known = [name for name, module in simulated.items() if find_spec(module)]
    if study not in known:
        raise ParameterError(f"no study is called {study!r}{choose(study, known)}")
    _echo(import_module(simulated[study]).regenerate(output))


@command
def audit(
    table: Place = None, cities: Count = None, years: Count = None, draws: int = 500,
    all_rows: bool = False, columns: bool = False,
) -> None:  # fmt: skip
    """Check whether the numbers of a printed table agree with each other.

    Ends with status 2 if print alone shows more than a slight error, so that a script can tell.
    """
    from analysis.audit import COLUMNS, audit_table, read_table

    console = Console()
    if columns:
        for name, meaning in COLUMNS.items():
            console.print(f"[bold]{name:13}[/] {escape(meaning)}", soft_wrap=True)
        return
    if table is None:
        raise ParameterError("name a CSV file of printed numbers; --columns explains its columns")
    found = audit_table(read_table(table), cities, years, draws)
    shown = [finding for finding in found if all_rows or finding.contradicts]
    for finding in shown:
        grades = f"[bold]{finding.certainty}, {finding.consequence}[/]"
        console.print(f"{grades} {escape(finding.check)}: {escape(finding.place)}", soft_wrap=True)
        said = {"printed": finding.printed, "implied": finding.recomputed,
                "computation": finding.computation, "": finding.sentence}  # fmt: skip
        for label, text in said.items():
            if text:
                console.print(f"  {label:12}{escape(text)}", soft_wrap=True)
    console.print(f"{len(shown)} finding{'' if len(shown) == 1 else 's'} in {escape(table.name)}")
    if any(one.certainty == "shown" and one.consequence != "slight" for one in found):
        raise typer.Exit(2)


if __name__ == "__main__":
    app()
