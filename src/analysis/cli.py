"""The command ``analysis``: thin over the package, and a named error is one message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from analysis.errors import AnalysisError, ParameterError, did_you_mean
from analysis.resources import declared

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
OPTIONS = {n: typer.Option(*each.pop("flags", []), **each) for n, each in _SAID["options"].items()}
ARGUMENTS = {name: typer.Argument(**each) for name, each in _SAID["arguments"].items()}
Assignments = Annotated[list[str] | None, OPTIONS["parameter"]]
Output = Annotated[Path | None, OPTIONS["output"]]


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


@app.command()
def rerun(
    notebook: Annotated[str, ARGUMENTS["section"]],
    parameter: Assignments = None,
    output: Output = None,
    compare: Annotated[bool, OPTIONS["compare"]] = True,
    heavy: Annotated[bool, OPTIONS["heavy"]] = False,
) -> None:
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


@app.command()
def parameters(
    notebook: Annotated[str | None, ARGUMENTS["section"]] = None,
    as_json: Annotated[bool, OPTIONS["as_json"]] = False,
) -> None:
    """List the parameters of a section: type, default, meaning, what is allowed; or all sections."""
    from analysis.book.parameters import of_notebook
    from analysis.book.rerun import find, sections

    if notebook is None:
        named = {section: list(of_notebook(path)) for section, path in sections().items()}
        if as_json:
            typer.echo(json.dumps(named, indent=1))
        else:
            _table(("section", "parameters"), [(s, ", ".join(own)) for s, own in named.items()])
        return
    known = of_notebook(find(notebook)).values()
    if not as_json:
        _list(known)
        return
    rows = [{"name": each.name, "type": each.kind, "default": each.default,
             "meaning": each.meaning, "allowed": each.allowed} for each in known]  # fmt: skip
    typer.echo(json.dumps(rows, indent=1, ensure_ascii=False))


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


@app.command()
def build(
    folder: Annotated[Path | None, ARGUMENTS["folder"]] = None,
    parameter: Assignments = None,
    file: Annotated[Path | None, OPTIONS["file"]] = None,
    part: Annotated[list[str] | None, OPTIONS["part"]] = None,
    output: Output = None,
    heavy: Annotated[bool, OPTIONS["heavy"]] = False,
) -> None:
    """Build the book, or a book of its own with other parameters.

    Every section gets the parameters that it knows. -p validation/p_value=normality asks in one folder of
    sections alone, -p validation/columbus/p_value=normality in one section.
    """
    from analysis.book.build import build as make
    from analysis.book.build import read_values
    from analysis.resources import ROOT

    _prepared(folder)
    values = (read_values(file) if file else {}) | _assigned(parameter)
    index, assigned = make(folder or ROOT, values, part or (), output, heavy)
    for line in assigned.report() if assigned else ():
        Console(stderr=True).print(escape(line), soft_wrap=True)
    typer.echo(f"The book: {index}")


@app.command()
def export(
    part: Annotated[list[str] | None, ARGUMENTS["part"]] = None,
    book: Annotated[Path | None, OPTIONS["book"]] = None,
) -> None:
    """Make a PDF and a Word file of each part of the book, or of those named.

    Builds the book first; the files go to _build/export, and its pages link to them.
    """
    from analysis.book.export import export as make
    from analysis.resources import ROOT

    _prepared(book)
    _echo(make(book or ROOT, part or ()))


@app.command()
def kernel(
    action: Annotated[str, ARGUMENTS["action"]] = "install",
) -> None:
    """Let Jupyter of any other environment run the notebooks with this one's packages."""
    from ipykernel.kernelspec import install

    if action != "install":
        raise ParameterError(f"kernel {action}: the one thing to do is `analysis kernel install`.")
    place = install(user=True, kernel_name="analysis", display_name="Python (analysis)")
    typer.echo(f"In Jupyter, choose the kernel “Python (analysis)”. It is described in {place}.")


@app.command()
def where() -> None:
    """Print the project's folder, which holds the notebooks."""
    from analysis.resources import project

    typer.echo(project())


@app.command()
def sweep(
    plan: Annotated[str, ARGUMENTS["plan"]],
    parameter: Assignments = None,
    output: Output = None,
    jobs: Annotated[int | None, OPTIONS["jobs"]] = None,
    scheduler: Annotated[str | None, OPTIONS["scheduler"]] = None,
    retry: Annotated[bool, OPTIONS["retry"]] = False,
    list_choices: Annotated[bool, OPTIONS["list_choices"]] = False,
) -> None:
    """Estimate many specifications of a study, on all cores or on a cluster.

    -p NAME=A,B,... makes a grid, -p NAME='*' takes every value; what is not named keeps its
    default. After an interruption the same command goes on where it stopped.
    """
    from analysis.book.sweep import SweepError
    from analysis.book.sweep import sweep as run
    from analysis.study.curve.plan import read

    asked = read(plan, _assigned(parameter))
    if list_choices and not asked.choices:
        raise ParameterError(f"{plan} sweeps a function of your own, which declares no choices.")
    if list_choices:
        _list(asked.choices.values())
        return
    folder = output or Path("sweeps") / asked.name
    with _progress() as progress:
        table = run(
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
        raise SweepError(f"nothing could be estimated. The first row says: {failed.iloc[0]}")


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


@app.command()
def replicate(
    folder: Annotated[Path | None, ARGUMENTS["replicate_folder"]] = None,
    output: Output = None,
    heavy: Annotated[bool, OPTIONS["replicate_heavy"]] = False,
) -> None:
    """Build a book again in a fresh environment, compare every number, and write the report on it.

    Ends with status 1 if a table differs from what was kept.
    """
    from analysis.book.replicate import replicate as make
    from analysis.resources import ROOT

    with Console(stderr=True).status("a fresh environment, and the book in it"):
        done = make(folder or ROOT, output or Path("replication"), heavy)
    for row in done.tables[done.tables["verdict"] != "equal"].itertuples():
        typer.echo(f"{row.table}: {row.verdict}")
    _echo(done.report)
    if not done.equal:
        raise typer.Exit(1)


@app.command()
def new(
    folder: Annotated[Path, ARGUMENTS["new_folder"]],
    panel: Annotated[Path, OPTIONS["panel"]],
    places: Annotated[Path, OPTIONS["places"]],
    outcome: Annotated[str, OPTIONS["outcome"]] = "",
    explanatory: Annotated[str, OPTIONS["explanatory"]] = "",
    unit: Annotated[str, OPTIONS["unit"]] = "",
    period: Annotated[str, OPTIONS["period"]] = "",
) -> None:
    """Begin a study of your own: a commented study.toml and short notebooks, from two files."""
    import sys
    from shlex import quote

    from analysis.study.skeleton import new as make

    if sys.stdin.isatty():
        outcome = outcome or typer.prompt("Column of the outcome")
        explanatory = explanatory or typer.prompt("Column of the variable of interest")
    _echo(make(folder, panel, places, outcome, explanatory, unit, period))
    typer.echo(f"{folder / 'study.toml'}: edit it, then `analysis build {quote(str(folder))}`")


@app.command()
def check(
    folder: Annotated[Path, ARGUMENTS["study_folder"]],
    raw_of: Annotated[str, OPTIONS["raw_of"]] = "",
) -> None:
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
    from importlib import import_module

    from analysis.errors import listed
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
    needed = {
        **lacking, "dependence": lacking.get(study.outcome, rest), "all other sections": rest
    }  # fmt: skip
    for what, files in needed.items():
        can = "can be made" if what in lacking else "can run"
        typer.echo(f"{what}: {f'needs {listed(files, 12)}' if files else can}")
    if wrong:
        raise typer.Exit(1)


@app.command()
def ingest(
    mapping: Annotated[Path, ARGUMENTS["mapping"]],
    output: Annotated[Path | None, OPTIONS["ingest_output"]] = None,
) -> None:
    """Turn yearbook files as they come into tables of units and years, with a log of every change."""
    from analysis.study.ingest import ingest as make

    _echo(make(mapping, output))


@app.command()
def simulate(
    study: Annotated[str, ARGUMENTS["study"]],
    output: Output = None,
) -> None:
    """Write a study's simulated raw files again, byte for byte."""
    from importlib import import_module
    from importlib.util import find_spec

    from analysis.study.sample import DECLARED, known_studies

    simulated = {name: f"{DECLARED}.{name}.generator" for name in known_studies()}
    known = [name for name, module in simulated.items() if find_spec(module)]
    if study not in known:
        hint = did_you_mean(study, known) or ";"
        raise ParameterError(f"no study is called {study!r}{hint} there are: {', '.join(known)}")
    _echo(import_module(simulated[study]).regenerate(output))


@app.command()
def audit(
    table: Annotated[Path | None, ARGUMENTS["table"]] = None,
    cities: Annotated[int | None, OPTIONS["cities"]] = None,
    years: Annotated[int | None, OPTIONS["years"]] = None,
    draws: Annotated[int, OPTIONS["draws"]] = 500,
    all_rows: Annotated[bool, OPTIONS["all_rows"]] = False,
    columns: Annotated[bool, OPTIONS["columns"]] = False,
) -> None:
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
