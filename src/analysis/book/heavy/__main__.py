"""``python -m analysis.book.heavy [NAME ...]``: run heavy studies and write their tables."""

import sys
from typing import Annotated

import typer

from analysis.book import heavy, provenance
from analysis.errors import StudyError


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Studies; all by default.")] = None,
    stale: Annotated[bool, typer.Option("--stale", help="Only those that are stale.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Say what there is and stop.")] = False,
) -> None:
    """Run heavy studies on all cores and write their tables to data/validated/."""
    try:
        asked = heavy.chosen(names or [])
    except StudyError as error:
        sys.exit(str(error))
    late = []
    for study in asked:
        current = provenance.is_current(heavy.FOLDER / f"{study.name}.json")
        if show:
            state = "current" if current else "stale or missing"
            typer.echo(f"{study.name}: {state}, budget {study.budget:.0f} s")
        elif not (stale and current):
            made = heavy.perform(study)
            late += [study.name] if made.seconds > study.budget else []
            spent = f"{made.seconds:.0f} s of {study.budget:.0f} s"
            typer.echo(f"{study.name}: {len(made.frame)} rows, {spent}")
    if late:
        sys.exit(f"over budget: {', '.join(late)}")


if __name__ == "__main__":
    typer.run(main)
