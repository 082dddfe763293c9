"""What was done on an organisation's behalf is found without reading the log through."""

from collections.abc import Sequence

from alembic import op

revision: str = "b7c1e94f20d8"
down_revision: str | Sequence[str] | None = "b51c7d90e4f2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(op.f("ix_events_on_behalf_of"), "events", ["on_behalf_of"])


def downgrade() -> None:
    op.drop_index(op.f("ix_events_on_behalf_of"), table_name="events")
