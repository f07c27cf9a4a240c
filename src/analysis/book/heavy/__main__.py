"""``python -m analysis.book.heavy [NAME ...]``: run heavy studies and write their tables."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from analysis.book import heavy as validate
from analysis.book import provenance
from analysis.errors import StudyError


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Studies; all by default.")] = None,
    stale: Annotated[bool, typer.Option("--stale", help="Only those that are stale.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Say what there is and stop.")] = False,
) -> None:
    """Run heavy studies on all cores and write their tables to data/validated/."""
    console = Console()
    try:
        asked = validate.chosen(names or [])
    except StudyError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from None
    late = []
    for study in asked:
        current = provenance.is_current(validate.FOLDER / f"{study.name}.json")
        if show:
            state = "current" if current else "stale or missing"
            console.print(f"{study.name}: {state}, budget {study.budget:.0f} s")
        elif not (stale and current):
            result = validate.perform(study)
            over = result.seconds > study.budget
            late += [study.name] if over else []
            spent = f"{len(result.frame)} rows, {result.seconds:.0f} s of {study.budget:.0f} s"
            console.print(f"{study.name}: {spent}{' [red]over budget[/red]' if over else ''}")
    if late:
        sys.exit(f"over budget: {', '.join(late)}")


if __name__ == "__main__":
    typer.run(main)
