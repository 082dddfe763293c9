"""The way to a provider and back, and the page of one's connections.

A provider sends people back with GET. Its answer is proven before the transaction begins: nobody waits for a network
while rows are locked. Steps that begin with a form lead on by a page, not by a redirect: the policy lets forms go to
our own address only.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from service.accounts import codes, sessions
from service.accounts.door import whoever
from service.accounts.rules import Terms
from service.federation import actions, attempts, protocol, providers
from service.federation.attempts import Attempt
from service.federation.protocol import Vouched
from service.federation.providers import Provider
from service.federation.rules import LABELS, DeclinedElsewhere, NotProven
from service.federation.schemas import ConnectIn, RedeemIn
from service.kernel.i18n import named
from service.kernel.problems import NotFound
from service.people import queries as people
from service.web import patience
from service.web.deps import By, Entrant, MaybeBy, Site, Tx, keep_session, settings_of
from service.web.devices import Device
from service.web.forms import Form
from service.web.pages import add_words, local, render, see
from service.web.problems import via
from service.web.routes import page_router, shows_again, writes

router = page_router()
add_words(LABELS)
LEAVE = "/sign-in/with/{name}"
COOKIE = "elsewhere"
CARRIERS = frozenset({"line"})  # providers whose subject is the address of their messages
LONGEST = 2_000  # of what a provider brings back


def _provider(request: Request, name: str) -> Provider:
    found = providers.configured(settings_of(request)).get(name)
    if found is None:
        raise NotFound
    return found


def _reached(request: Request, name: str) -> Provider:
    """The provider, asked about itself before the transaction begins."""
    found = _provider(request, name)
    if request.method == "POST":
        protocol.reach(found)
    return found


Known = Annotated[Provider, Depends(_reached)]


def _cookie(request: Request) -> str:
    return f"__Host-{COOKIE}" if settings_of(request).cookie_secure else COOKIE


def _keep(request: Request, answer: Response, attempt: Attempt) -> Response:
    """The answer with the sealed attempt, out of reach of scripts; a provider's redirect brings it back."""
    answer.set_cookie(
        _cookie(request), attempts.sealed(attempt), max_age=attempts.HOLDS_S, httponly=True, samesite="lax",
        secure=settings_of(request).cookie_secure,
    )  # fmt: skip
    return answer


def _back(site: str, name: str) -> str:
    return f"{site}{LEAVE.format(name=name)}/back"


@router.get(LEAVE)
def leave(request: Request, name: str, provider: Known, site: Site) -> Response:
    """Go to a provider to sign in."""
    patience.entry(request)
    attempt = attempts.begin(name, next=local(request.query_params.get("next", "/")))
    return _keep(request, see(protocol.address(provider, attempt, _back(site, name))), attempt)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody brought back from a provider."""

    attempt: Attempt
    vouched: Vouched


def _proof(request: Request, name: str, provider: Known, site: Site) -> Proof:
    """Prove an answer, before any transaction: state, issuer, code, token."""
    patience.entry(request)
    given = {key: value[:LONGEST] for key, value in request.query_params.items()}
    attempt = attempts.resumed(request.cookies.get(_cookie(request), ""), name, given.get("state", ""))
    if "error" in given:
        raise DeclinedElsewhere(provider=named(provider))
    if given.get("iss", provider.issuer) != provider.issuer or not given.get("code"):
        raise NotProven(provider=named(provider))
    claims = protocol.proven(provider, attempt, given["code"], _back(site, name))
    return Proof(attempt, Vouched(name, provider, claims))


Proven = Annotated[Proof, Depends(_proof)]


@router.get(LEAVE + "/back")
@writes
def come_back(request: Request, proof: Proven, tx: Tx, entrant: Entrant, device: Device) -> Response:
    """Come in, or connect the account that asked."""
    attempt, vouched, terms = proof.attempt, proof.vouched, Terms.of(settings_of(request))
    if attempt.purpose == "connect":
        token = actions.connect(tx, by=whoever(entrant), vouched=vouched, attempt=attempt)
        return _arrived(request, "/account/connections", token)
    if attempt.purpose == "tell":
        actions.tell_there(tx, by=whoever(entrant), vouched=vouched, attempt=attempt)
        answer = see("/notices/choices")
        answer.delete_cookie(_cookie(request))
        return answer
    if attempt.purpose == "redeem":
        begun = actions.redeem(tx, vouched=vouched, attempt=attempt, terms=terms, device=device)
    else:
        begun = actions.enter(tx, vouched=vouched, terms=terms, device=device)
    sessions.leave(tx, by=entrant)
    following = via("/second-factor", attempt.next) if begun.owes else attempt.next
    return _arrived(request, following, begun.token)


def _arrived(request: Request, path: str, token: str) -> Response:
    answer = see(path)
    answer.delete_cookie(_cookie(request))
    return keep_session(request, answer, token)


@router.get("/account/connections")
def connections(request: Request, tx: Tx, by: By) -> Response:
    """The providers with which one's account is connected, and those with which it could be."""
    found = {row.provider: row for row in actions.ways(tx, by=by)}
    own = people.person(tx, sessions.mine(tx, by).person_id)
    return render(request, "federation/connections.html", found=found, has_password=bool(own.password_hash),
                  providers=providers.configured(settings_of(request)))  # fmt: skip


@router.post("/account/connections/{name}")
@shows_again(connections)
def begin_connecting(
    request: Request, name: str, tx: Tx, by: By, posted: Form, provider: Known, site: Site
) -> Response:
    """Show that the account is one's own; then go to the provider."""
    session_id = sessions.must_be_owner(
        tx, by=by, password=posted.read_some(ConnectIn).password, terms=Terms.of(settings_of(request))
    )  # fmt: skip
    return _leaving(request, name, provider, site, attempts.begin(name, purpose="connect", session_id=session_id))


@router.post("/account/connections/{name}/notices")
@shows_again(connections)
def begin_telling(request: Request, name: str, tx: Tx, by: By, provider: Known, site: Site) -> Response:
    """Go to a provider that also carries messages, and come back with the address."""
    if name not in CARRIERS:
        raise NotFound
    session_id = sessions.mine(tx, by).id
    return _leaving(request, name, provider, site, attempts.begin(name, purpose="tell", session_id=session_id))


@router.post("/account/connections/{identity_id}/end")
@shows_again(connections)
def disconnect(request: Request, identity_id: UUID, tx: Tx, by: By) -> Response:
    """Disconnect a provider."""
    del request
    actions.disconnect(tx, by=by, identity_id=identity_id)
    return see("/account/connections")


@router.get("/access/with/{name}")
def redeem_page(request: Request, name: str, provider: Known, by: MaybeBy) -> Response:
    """Where somebody new comes in with a code and a provider."""
    del by
    return render(request, "federation/redeem.html", name=name, provider=provider)


@router.post("/access/with/{name}")
@shows_again(redeem_page)
def begin_redeeming(
    request: Request, name: str, tx: Tx, by: MaybeBy, posted: Form, provider: Known, site: Site
) -> Response:
    """Check the code, then go to the provider; the code is spent on the way back."""
    del by
    patience.entry(request)
    code = posted.read(RedeemIn).code
    Terms.of(settings_of(request)).must_be_ones_own()
    codes.must_hold(tx, code)
    return _leaving(request, name, provider, site, attempts.begin(name, purpose="redeem", code=code))


def _leaving(request: Request, name: str, provider: Provider, site: str, attempt: Attempt) -> Response:
    address = protocol.address(provider, attempt, _back(site, name))
    return _keep(request, render(request, "federation/leaving.html", provider=provider, address=address), attempt)
