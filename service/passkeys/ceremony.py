"""Questions to a device and what its answers prove (WebAuthn), without a database.

A question leaves with the page, once in the clear for the device and once sealed for us; nothing is stored for people
who only look. It names what it was asked for and on which session, holds for five minutes, and an answer to it counts
once (actions.py). The device must have recognised its owner, by finger, face or PIN.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from cryptography.fernet import InvalidToken
from pydantic import BaseModel, ConfigDict, ValidationError
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from service.kernel.secrecy import vault
from service.passkeys.rules import HOLDS, PasskeyRefused, QuestionOver

NAME = "Pracharat Market"
MUST = UserVerificationRequirement.REQUIRED
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)  # whatever a stranger may send


class Question(BaseModel):
    """What was asked, sealed: other sealed texts are no questions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: Literal["passkey"] = "passkey"
    purpose: Literal["enter", "add"]
    challenge: str
    session_id: UUID | None = None

    def hash(self) -> str:
        """Under which it is noted as answered."""
        return sha256(self.challenge.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page carries it: the device's part and ours."""

    options: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a new passkey is to stand for, and the passkeys that there are."""

    id: UUID
    username: str
    display_name: str
    session_id: UUID
    known: tuple[str, ...]


def to_enter(site: str) -> Asked:
    """Ask any passkey of this site who its owner is."""
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(rp_id=_host(site), challenge=challenge, user_verification=MUST)
    return _asked(webauthn.options_to_json(options), Question(purpose="enter", challenge=_text(challenge)))


def to_add(site: str, owner: Owner) -> Asked:
    """Ask a device to make a passkey that names its owner by itself."""
    challenge = secrets.token_bytes(32)
    chosen = AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=MUST)
    options = webauthn.generate_registration_options(
        rp_id=_host(site), rp_name=NAME, user_id=owner.id.bytes, user_name=owner.username,
        user_display_name=owner.display_name, challenge=challenge, authenticator_selection=chosen,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in owner.known],
    )  # fmt: skip
    question = Question(purpose="add", challenge=_text(challenge), session_id=owner.session_id)
    return _asked(webauthn.options_to_json(options), question)


def resumed(sealed: str, purpose: str) -> Question:
    """The question that an answer belongs to."""
    try:
        found = Question.model_validate_json(vault().open(sealed, within_s=int(HOLDS.total_seconds())))
    except (InvalidToken, ValidationError):
        raise QuestionOver from None
    if found.purpose != purpose:
        raise QuestionOver
    return found


def made(question: Question, credential: str, site: str) -> VerifiedRegistration:
    """The new passkey, proven."""
    try:
        return webauthn.verify_registration_response(
            credential=credential, expected_challenge=base64url_to_bytes(question.challenge),
            expected_rp_id=_host(site), expected_origin=_origin(site), require_user_verification=True,
        )  # fmt: skip
    except UNREADABLE:
        raise PasskeyRefused from None


def read(credential: str) -> AuthenticationCredential:
    """A device's answer; which passkey it speaks of is its own word so far."""
    try:
        return parse_authentication_credential_json(credential)
    except UNREADABLE:
        raise PasskeyRefused from None


def proven(
    question: Question, given: AuthenticationCredential, site: str, *, public_key: str, sign_count: int
) -> VerifiedAuthentication:
    """What the answer proves; a counter that did not grow means a copy of the key."""
    try:
        return webauthn.verify_authentication_response(
            credential=given, expected_challenge=base64url_to_bytes(question.challenge), expected_rp_id=_host(site),
            expected_origin=_origin(site), credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count, require_user_verification=True,
        )  # fmt: skip
    except UNREADABLE:
        raise PasskeyRefused from None


def _asked(options: str, question: Question) -> Asked:
    return Asked(options, vault().seal(question.model_dump_json()))


def _text(data: bytes) -> str:
    return bytes_to_base64url(data)


def _host(site: str) -> str:
    return urlsplit(site).hostname or ""


def _origin(site: str) -> str:
    parts = urlsplit(site)
    return f"{parts.scheme}://{parts.netloc}"
