"""Pages of awards and orders, phone first: what waits for an answer, one decision a line, the order that follows."""

import re
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from service.accounts import pins
from service.kernel.actor import Actor
from service.kernel.secrecy import vault
from service.orders import actions, answering, known, queries, rules
from service.orders.schemas import AnswerForm, AnswerIn
from service.orders.vocabulary import LABELS, DeclineReason
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
_MORE = {"accepted": set(), "partially_accepted": {"quantity", "reason", "note"}, "declined": {"reason", "note"}}


@router.get("/awards")
def awards(request: Request, tx: Tx, by: By, cursor: UUID | None = None) -> Response:
    """Today: what waits for an answer, then what was answered."""
    waiting = [] if cursor else queries.open_awards(tx, by=by)
    closed, following = queries.closed_awards(tx, by=by, before=cursor)
    return render(request, "orders/awards.html", waiting=waiting, closed=closed, following=following, first=not cursor,
                  count=queries.count_open(tx, by=by) if waiting else 0, centre=by.has("centre_officer"))  # fmt: skip


@router.get("/awards/{award_id}")
def award(request: Request, award_id: UUID, tx: Tx, by: By) -> Response:
    """One award: each line one decision."""
    return kept_for(by, render(request, "orders/award.html", **_about(request, tx, by, award_id)))


def owner_of(by: Actor) -> str:
    """A mark of who looks, to tell on a phone whose pages and answers it keeps."""
    return vault().mark(f"{by.account_id or ''} {by.person_id} {by.organisation_id}")[:16]


def kept_for(by: Actor, answer: Response) -> Response:
    """Let the reader's own device keep the page for when there is no network."""
    answer.headers["x-keep"] = owner_of(by)
    return answer


def _about(request: Request, tx: Tx, by: By, award_id: UUID) -> dict[str, Any]:
    found = queries.award(tx, by=by, award_id=award_id)
    return {"award": found, "reasons": list(DeclineReason), "typed": typed(request), "owner": owner_of(by),
            "unnamed": pins.is_unnamed(tx, by, found.supplier.id), "named_by_pin": by.account_id is not None,
            "may_answer": queries.may_answer(tx, by=by, supplier_id=found.supplier.id),
            "writes_down": queries.may_write_down(tx, by=by, supplier_id=found.supplier.id)}  # fmt: skip


def fitted(posted: Posted) -> Posted:
    """The form as it is meant: nothing of lines that wait, no quantity or reason where the answer has none."""
    lines = _by_line(posted)
    pairs = [pair for pair in posted.pairs if not re.match(r"lines-\d+-", pair[0])]
    for number, fields in lines.items():
        answer = fields.get("answer", "later")
        if answer != "later":
            spare = {"quantity", "reason", "note"} - _MORE.get(answer, {"quantity", "reason", "note"})
            pairs += [(f"lines-{number}-{name}", value) for name, value in fields.items() if name not in spare]
    return Posted(pairs)


def _by_line(posted: Posted) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for name, value in posted.pairs:
        place = re.fullmatch(r"lines-(\d{1,3})-(\w+)", name)
        if place and isinstance(value, str):
            found.setdefault(int(place[1]), {})[place[2]] = value
    return dict(sorted(found.items()))


def typed(request: Request) -> dict[str, dict[str, Any]]:
    """By line: what was typed into a form that came back, and under `wrong` what is not right about each field."""
    posted = getattr(request.state, "posted", None) or Posted([])
    problem = getattr(request.state, "problem", None)
    texts = {error.pointer: error.text() for error in problem.errors} if problem else {}
    sent = [fields for fields in _by_line(fitted(posted)).values() if "award_line_id" in fields]
    for place, fields in enumerate(sent):
        fields["wrong"] = {name: texts.get(f"/lines/{place}/{name}", "") for name in ("quantity", "reason", "note")}  # type: ignore[assignment]
    return {fields["award_line_id"]: dict(fields) for fields in sent}


@router.post("/awards/{award_id}")
@shows_again(award)
def answer(request: Request, award_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Show what the answers come to; take them once the person is sure."""
    if "x-kept-at" in request.headers and pins.is_unnamed(tx, by, _supplier(tx, by, award_id)):
        return see(f"/phone?next=/awards/{award_id}")  # kept without a network: its person comes back with the PIN
    rules.must_be_whose_it_was(posted.get("_owner"), owner_of(by))
    form = fitted(posted).read(AnswerForm)
    draft = AnswerIn(lines=form.lines)
    if posted.get("_sure"):
        actions.answer(tx, by=by, award_id=award_id, version=form.version, draft=draft)
        return see(f"/awards/{award_id}/result")
    weighed = answering.weigh(tx, by=by, award_id=award_id, version=form.version, draft=draft)
    return render(request, "orders/confirm.html", weighed=weighed, form=form, **_about(request, tx, by, award_id))


def _supplier(tx: Tx, by: By, award_id: UUID) -> UUID:
    return known.award(tx, by=by, award_id=award_id).supplier_id


@router.get("/awards/{award_id}/result")
def result(request: Request, award_id: UUID, tx: Tx, by: By) -> Response:
    """What the answers came to, and the order that they made."""
    about, waiting = _about(request, tx, by, award_id), queries.open_awards(tx, by=by)
    return render(request, "orders/result.html", **about, others=[one for one in waiting if one.id != award_id])


@router.get("/orders")
def orders(request: Request, tx: Tx, by: By, cursor: UUID | None = None) -> Response:
    """The orders of an organisation on either side, the newest first."""
    found, following = queries.newest_orders(tx, by=by, before=cursor)
    return render(request, "orders/orders.html", orders=found, following=following)


@router.get("/orders/{order_id}")
def order(request: Request, order_id: UUID, tx: Tx, by: By) -> Response:
    """One order, fit for paper."""
    return render(request, "orders/order.html", order=queries.order(tx, by=by, order_id=order_id))
