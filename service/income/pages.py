"""Pages of income: by month and by buyer, the statements that a group shows, and the page that confirms one."""

from typing import Annotated, Any
from uuid import UUID

import segno
from fastapi import Query, Request, Response

from service.accounts import pins
from service.income import actions, chart, known, paper, queries, rules
from service.income.models import Statement
from service.income.schemas import StatementIn, VersionForm
from service.parties.permissions import may
from service.web.deps import By, MaybeBy, Site, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(rules.LABELS)
Year = Annotated[int | None, Query(ge=2000, le=2200)]
Code = Annotated[str, Query(max_length=100)]


@router.get("/income")
def income(request: Request, tx: Tx, by: By, year: Year = None) -> Response:
    """What the group earns: ordered, due and paid, by month and by buyer."""
    found = queries.income(tx, by=by, organisation_id=by.organisation_id, year=year)
    return render(request, "income/income.html", income=found, chart=chart.draw(found.months), year=year,
                  years=queries.years(tx, found.group.id), shows=_shows(by))  # fmt: skip


def _shows(by: By) -> bool:
    return may(by, "income.show", organisation_id=by.organisation_id)


@router.get("/income/statements")
def statements(request: Request, tx: Tx, by: By) -> Response:
    """The statements of the group, and a form for another."""
    found = queries.newest(tx.scalars(queries.statements(by)).all())
    return render(request, "income/statements.html", statements=found, state_of=known.state_of, **_named(tx, by))


def _named(tx: Tx, by: By) -> dict[str, Any]:
    return {"unnamed": by.organisation_id is not None and pins.is_unnamed(tx, by, by.organisation_id)}


@router.post("/income/statements")
@shows_again(statements)
def make(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Make a statement."""
    del request
    row = actions.make(tx, by=by, draft=posted.read(StatementIn))
    tx.flush()
    return see(f"/income/statements/{row.id}")


@router.get("/income/statements/{statement_id}")
def statement(request: Request, statement_id: UUID, tx: Tx, by: By, site: Site) -> Response:
    """A statement as the group keeps it: its figures, its code, the paper, and how to take it back."""
    row = known.statement(tx, by=by, statement_id=statement_id)
    return render(request, "income/statement.html", statement=row, state=known.state_of(row), **_told(row, site),
                  **_named(tx, by))  # fmt: skip


def _told(row: Statement, site: str) -> dict[str, Any]:
    address = f"{site}/statements/{row.code}"
    square = segno.make(address, micro=False, error="m").svg_inline(omitsize=True, border=2)
    return {"facts": row.facts, "code": rules.spaced(row.code), "address": address, "square": square,
            **paper.TEXTS}  # fmt: skip


@router.get("/income/statements/{statement_id}/paper")
def on_paper(statement_id: UUID, tx: Tx, by: By, site: Site) -> Response:
    """The statement as one page (PDF)."""
    row = known.holding(known.statement(tx, by=by, statement_id=statement_id))
    name = {"Content-Disposition": f'inline; filename="statement-{row.code[:4]}.pdf"'}
    return Response(paper.pdf(row, f"{site}/statements/{row.code}"), media_type="application/pdf", headers=name)


@router.post("/income/statements/{statement_id}/withdraw")
@shows_again(statement)
def withdraw(request: Request, statement_id: UUID, tx: Tx, by: By, site: Site, posted: Form) -> Response:
    """Take it back."""
    del request, site
    actions.withdraw(tx, by=by, statement_id=statement_id, version=posted.read_some(VersionForm).version)
    return see(f"/income/statements/{statement_id}")


@router.get("/statements")
def ask(request: Request, tx: Tx, by: MaybeBy, code: Code = "") -> Response:
    """Where the code of a paper is typed."""
    del tx, by
    return see(f"/statements/{rules.read_code(code)}") if code.strip() else render(request, "income/ask.html", code="")


@router.get("/statements/{code}")
def check(request: Request, code: str, tx: Tx, by: MaybeBy) -> Response:
    """What a statement shows, for whoever has its code."""
    del by
    found, typed = queries.check(tx, code=code), rules.spaced(rules.read_code(code))
    if found is None:
        return render(request, "income/ask.html", code=typed, status=404)
    answer = render(request, "income/check.html", found=found, facts=found.facts, code=typed,
                    **paper.TEXTS)  # fmt: skip
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
