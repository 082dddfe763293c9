"""The API of visits: whom a service centre visits first, and entries that a group confirms."""

from uuid import UUID

from service.accounts.rules import NameYourself, WrongPin
from service.catalog.rules import NotASupplier
from service.kernel.clock import today
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.orders.rules import AlreadyAnswered, AwardClosed, TooLate
from service.parties.rules import NotQualified
from service.visits import actions, known, queries
from service.visits.models import AssistedEntry
from service.visits.rules import EntryOver
from service.visits.schemas import EntryIn, EntryOut, PinIn, VisitOut, VisitsOut
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotFound)
WRITES = (*SIGNED_IN, NotAllowed, KeyReused, NotQualified, AlreadyAnswered, AwardClosed, TooLate)
DECIDES = problems(*WRITES, EntryOver, NameYourself, EditConflict, PreconditionRequired)

router = api_router("", "visits")


@router.get("/visits", response_model=VisitsOut, responses=problems(*SIGNED_IN, NotAllowed))
def visits(tx: Tx, by: By) -> VisitsOut:
    """The groups of your centre's province that are worth a visit, the most urgent first, then the nearest."""
    found = [VisitOut.model_validate(visit) for visit, _ in queries.visits(tx, by=by)]
    return VisitsOut(as_at=today(), items=found)


@router.get("/assisted-entries", response_model=Page[EntryOut], responses=problems(SignInRequired, InvalidInput))
def entries(tx: Tx, by: By, cut: Paging) -> Page[EntryOut]:
    """Entries that your group may confirm, or that your centre wrote."""
    rows, following = page_of(tx, known.entries(by), AssistedEntry.id, cut)
    return Page(items=[queries.seen(row, by) for row in rows], next=following)


@router.post("/assisted-entries", status_code=201, response_model=EntryOut, responses=problems(*WRITES, NotASupplier),
             dependencies=[Creates])  # fmt: skip
def enter(body: EntryIn, tx: Tx, by: By) -> EntryOut:
    """Write down what a group asks for; nothing happens before the group confirms."""
    row = actions.enter(tx, by=by, draft=body)
    tx.flush()
    return queries.seen(row, by)


@router.post("/assisted-entries/{entry_id}/confirm", response_model=EntryOut, responses=DECIDES, dependencies=[Creates])
def confirm(entry_id: UUID, version: IfMatch, tx: Tx, by: By) -> EntryOut:
    """Your group confirms an entry: it happens now, in your name."""
    row = actions.confirm(tx, by=by, entry_id=entry_id, version=version)
    tx.flush()
    return queries.seen(row, by)


@router.post("/assisted-entries/{entry_id}/refuse", response_model=EntryOut, responses=DECIDES, dependencies=[Creates])
def refuse(entry_id: UUID, version: IfMatch, tx: Tx, by: By) -> EntryOut:
    """Your group refuses an entry: nothing happens."""
    row = actions.refuse(tx, by=by, entry_id=entry_id, version=version)
    tx.flush()
    return queries.seen(row, by)


@router.post("/assisted-entries/{entry_id}/pin", response_model=EntryOut, dependencies=[Creates],
             responses=problems(*WRITES, EntryOver, WrongPin))  # fmt: skip
def confirm_here(entry_id: UUID, body: PinIn, tx: Tx, by: By) -> EntryOut:
    """Someone of the group confirms at your centre with their PIN."""
    row = actions.confirm_here(tx, by=by, entry_id=entry_id, proof=body)
    tx.flush()
    return queries.seen(row, by)
