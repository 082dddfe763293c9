"""Where people stand in the tables, and what becomes of it: every column that names a person has its line here."""

from collections.abc import Iterator
from typing import Literal

from sqlalchemy import Column, Table

from service.kernel.db import Base

Fate = Literal["delete", "close", "unlink", "keep"]
FATES: dict[str, Fate] = {
    "memberships.person_id": "close",
    "sign_in_sessions.person_id": "delete",
    "sign_in_sessions.acting_id": "unlink",
    "second_factors.person_id": "delete",
    "recovery_codes.person_id": "delete",
    "pins.person_id": "delete",
    "one_time_codes.person_id": "delete",
    "one_time_codes.issued_by": "unlink",
    "answer_links.person_id": "delete",
    "api_keys.person_id": "delete",
    "identities.person_id": "delete",
    "passkeys.person_id": "delete",
    "notices.person_id": "delete",
    "notice_choices.person_id": "delete",
    "notice_addresses.person_id": "delete",
    "webhooks.created_by": "unlink",
    "role_requests.person_id": "keep",
    "role_requests.asked_by": "keep",
    "role_requests.decided_by": "keep",
    "draft_states.person_id": "delete",
    # Decisions about public money keep their reference: it leads to an anonymous row.
    "demands.approved_by": "keep",
    "demand_amendments.proposed_by": "keep",
    "demand_amendments.decided_by": "keep",
    "recurring_demands.created_by": "keep",
    "demands.created_by": "keep",
    "rounds.facilitator_person_id": "keep",
    "rounds.approved_by": "keep",
    "replays.asked_by": "keep",
    "comparisons.asked_by": "keep",
    "committees.named_by": "keep",
    "committee_seats.person_id": "keep",
    "overrides.made_by": "keep",
    "overrides.withdrawn_by": "keep",
    "log_checks.asked_by": "keep",
    "award_lines.answered_by": "keep",
    "assisted_entries.entered_by": "keep",
    "assisted_entries.decided_by": "keep",
}
SECRET_WORDS = ("hash", "secret", "token")  # columns that let someone in: not even their owner is shown them


def columns() -> Iterator[tuple[Table, Column[object], Fate]]:
    """Every column that refers to a person."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "people.id" for key in column.foreign_keys):
                yield table, column, FATES.get(f"{table.name}.{column.name}", "keep")


def is_secret(name: str) -> bool:
    """Whether a column lets someone in."""
    return any(word in name for word in SECRET_WORDS)
