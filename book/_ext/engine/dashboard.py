"""The ledger of claims as a page, the list of tables and programs, and the badge beside a table.

``{claims}``
    The dashboard: counts by verdict and kind, and every claim in a table that can be filtered
    without a network. A printed row that no claim speaks of, or a claim on a row that is not
    printed, is a warning and so fails the strict build.
``{programs}``
    Every table and figure of the book with its notebook, functions, inputs and files.
``{ledger}``
    A role in a foot line: what the claims of the table came to, with a link into the dashboard.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

import pandas as pd
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis.book import ledger, tables
from analysis.errors import listed

from . import harvest
from .markup import _up
from .sources import definition, uri

logger = logging.getLogger(__name__)
PAGE = "book/ledger"
CHIP = {str(verdict): chip for verdict, chip in tables.CHIPS.items()}
COLUMNS = ("paper", "table", "row", "column", "printed", "derived", "kind", "verdict", "where")


def _number(value: object, printed: str) -> str:
    if value is None or pd.isna(value):
        return ""
    decimals = len(printed.partition(".")[2]) if printed else 3
    return tables.number(float(value), f".{min(decimals + 1, 6)}f")


class Claims(SphinxDirective):
    """Counts by verdict and kind, then every claim."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["harvest"] = "yes"
        claims = ledger.frame(harvest.claims(self.env))
        absent = ledger.missing(claims)
        if self.config.book_origin:  # a part has claims on its own rows alone
            absent = absent.iloc[:0]
        for paper, rows in absent.groupby("paper"):
            names = [f"table {r.table}, {r.row}, {r.column}" for r in rows.itertuples()]
            logger.warning(
                "%d printed rows of paper %s have no claim in the ledger: %s",
                len(rows), paper, listed(names, 8),
                location=self.get_location(), type="engine", subtype="ledger",
            )  # fmt: skip
        odd = ledger.unknown(claims)
        if odd:
            logger.warning(
                "%d claims name a place where nothing is printed: %s", len(odd), listed(odd, 8),
                location=self.get_location(), type="engine", subtype="ledger",
            )  # fmt: skip
        if claims.empty:
            return [nodes.paragraph("", "No claims yet.")]
        return [
            nodes.raw("", _counts(ledger.counts(claims)), format="html"),
            nodes.raw("", self._table(claims), format="html"),
        ]

    def _table(self, claims: pd.DataFrame) -> str:
        lines = []
        for claim in claims.to_dict("records"):
            printed = claim["says"] or claim["printed"].replace("-", "−")
            if claim["printed_error"]:
                printed += f" ({claim['printed_error']})"
            derived = _number(claim["derived"], claim["printed"])
            if derived and claim["std_error"] is not None and not pd.isna(claim["std_error"]):
                derived += f" ({_number(claim['std_error'], claim['printed'])})"
            if claim["says"] and isinstance(claim["holds"], bool):
                derived = derived or ("holds" if claim["holds"] else "does not hold")
            anchor = nodes.make_id(claim["anchor"]) if claim["anchor"] else ""
            target = f"{_up(self.env.docname)}{claim['page']}.html" + (
                f"#{anchor}" if anchor else ""
            )
            where = [f'<a href="{target}">{escape(claim["anchor"] or claim["page"])}</a>']
            where += [
                _code_link(name, self.env.docname) for name in claim["origin"].get("code", [])[:2]
            ]
            remark = claim["conflict"] or claim["note"]
            chip = CHIP.get(claim["verdict"])
            verdict = f'<span class="chip chip-{chip}">{claim["verdict"]}</span>' if chip else ""
            if remark:
                verdict += f'<div class="ledger-note">{escape(remark)}</div>'
            data = " ".join(
                f'data-{name}="{escape(str(claim[name]))}"'
                for name in ("paper", "table", "kind", "verdict")
            )
            cells = (
                claim["paper"], claim["table"], escape(claim["row"]), escape(claim["column"]),
                escape(printed), derived, claim["kind"], verdict, "<br>".join(where),
            )  # fmt: skip
            body = "".join(f"<td>{cell}</td>" for cell in cells)
            lines.append(f'<tr {data} data-anchor="{escape(claim["anchor"])}">{body}</tr>')
        choices = "".join(
            f'<label>{name} <select data-filter="{name}"><option value="">all</option>'
            + "".join(
                f"<option>{escape(str(value))}</option>"
                for value in sorted(claims[name].unique(), key=str)
            )
            + "</select></label>"
            for name in ("paper", "table", "kind", "verdict")
        )
        head = "".join(f"<th>{name}</th>" for name in COLUMNS)
        return (
            f'<div class="ledger-filter" role="search">{choices}'
            '<label>contains <input type="search" data-filter="text"></label>'
            f'<output aria-live="polite">{len(lines)} claims</output></div>'
            f'<div class="ledger-scroll" tabindex="0"><table class="ledger"><thead><tr>{head}</tr>'
            f"</thead><tbody>{''.join(lines)}</tbody></table></div>"
        )


def _code_link(name: str, docname: str) -> str:
    found = definition(name)
    shown = f"<code>{escape(name.removeprefix('analysis.'))}</code>"
    return f'<a href="{uri(docname, *found)}">{shown}</a>' if found else shown


def _counts(table: pd.DataFrame) -> str:
    head = "".join(f"<th>{kind}</th>" for kind in table.columns)
    rows = "".join(
        f'<tr><th><span class="chip chip-{CHIP[verdict]}">{verdict}</span></th>'
        + "".join(f"<td>{value or '–'}</td>" for value in row)
        + "</tr>"
        for verdict, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return (
        '<div class="ledger-scroll" tabindex="0"><table class="ledger-counts"><thead><tr>'
        f"<th>verdict</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


class Programs(SphinxDirective):
    """List of tables and programs, from the same records as the RO-Crate."""

    def run(self) -> list[nodes.Node]:
        self.env.metadata[self.env.docname]["harvest"] = "yes"
        up = _up(self.env.docname)
        lines = []
        for result in harvest.results(self.env):
            target = f"{up}{result['page']}.html#{nodes.make_id(result['label'])}"
            code = ", ".join(
                _code_link(name, self.env.docname) for name in result["origin"].get("code", [])
            )
            files = " ".join(
                f'<a href="{up}_results/{name}">{Path(name).suffix[1:]}</a>'
                for name in (*result["files"], f"{result['label']}.json")
            )
            lines.append(
                f'<tr><td><a href="{target}">{escape(result["label"])}</a></td>'
                f"<td>{escape(_plain(result['caption']))}</td>"
                f"<td><code>{escape(result['source'])}</code></td><td>{result['line']}</td>"
                f"<td>{code}</td><td>{files}</td></tr>"
            )
        head = "".join(
            f"<th>{name}</th>"
            for name in ("result", "what it shows", "program", "line", "functions", "output")
        )
        return [
            nodes.raw(
                "",
                '<div class="ledger-scroll" tabindex="0"><table class="ledger"><thead>'
                f"<tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>",
                format="html",
            )
        ]


def _plain(caption: str) -> str:
    return " ".join(caption.replace("$", "").replace("`", "").split())


class Badge(SphinxRole):
    """What the claims shown in one table came to."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        found = Counter(
            (claim["kind"], claim["verdict"])
            for claim in harvest.claims(self.env)
            if claim["page"] == self.env.docname
            and claim["anchor"] == self.text
            and claim["verdict"]
        )
        shown = ", ".join(f"{n} {kind} · {verdict}" for (kind, verdict), n in sorted(found.items()))
        text = f"ledger: {shown}" if shown else "ledger"
        uri = f"{_up(self.env.docname)}{PAGE}.html?result={self.text}"
        link = nodes.reference("", text, refuri=uri, internal=True, classes=["ledger-badge"])
        return [link], []


def _again(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list:
    """Read the pages made from the harvest again whenever any notebook is run again."""
    from . import notebooks, outputs

    store = outputs(app)
    moved = (added | changed | removed) - {""}
    stale = any(not store.is_current(name, path) for name, path in notebooks(env).items())
    pages = [name for name, meta in env.metadata.items() if meta.get("harvest") == "yes"]
    return pages if moved or stale else []


def setup(app: Sphinx) -> None:
    """Register directives, role and the pages' dependence on the notebooks."""
    app.add_directive("claims", Claims)
    app.add_directive("programs", Programs)
    app.add_role("ledger", Badge())
    app.connect("env-get-outdated", _again)
    app.add_js_file("ledger.js", loading_method="defer")
