"""privacy: contact data encrypted; households, rosters and their lines."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from alembic import op

from service.kernel.secrecy import vault  # a revision outlives code, but sealed texts need the deployment's own keys

revision: str = "8d3f5b1e6c20"
down_revision: str | Sequence[str] | None = "2c61d4e0b7a5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
CONTACTS = {"contact_name": 120, "phone": 30, "email": 200}
PREFIX = "gAAAA"  # of everything that is sealed
A_BATCH = 1_000


def upgrade() -> None:
    widen()
    rewrite(lambda text: text if text.startswith(PREFIX) else vault().seal(text))
    make_households()


def widen() -> None:
    """Sealed texts have no length of their own. PostgreSQL rewrites nothing from varchar to text: the lock is short."""
    if op.get_context().dialect.name == "postgresql":
        for name in CONTACTS:
            op.execute(
                f"-- squawk-ignore changing-column-type\nALTER TABLE organisations ALTER COLUMN {name} TYPE TEXT"
            )
        return
    with op.batch_alter_table("organisations") as batch_op:
        for name, length in CONTACTS.items():
            batch_op.alter_column(
                name, existing_type=sa.String(length=length), type_=sa.Text(), existing_nullable=False
            )


def rewrite(change: Callable[[str], str]) -> None:
    """Change every contact text, a batch at a time; a script without a database leaves it to `secrets renew`."""
    if op.get_context().as_sql:
        return
    bind, last = op.get_bind(), None
    table = sa.table("organisations", sa.column("id", sa.Uuid), *(sa.column(name, sa.Text) for name in CONTACTS))
    filled = sa.or_(*(table.c[name] != "" for name in CONTACTS))
    while True:
        query = sa.select(table).where(filled).order_by(table.c.id).limit(A_BATCH)
        rows = bind.execute(query if last is None else query.where(table.c.id > last)).mappings().all()
        if not rows:
            return
        for row in rows:
            texts = {name: change(row[name]) for name in CONTACTS if row[name]}
            bind.execute(sa.update(table).where(table.c.id == row["id"]).values(texts))
        last = rows[-1]["id"]


def make_households() -> None:
    op.create_table(
        "households",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pseudonym", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("attester_id", sa.Uuid(), nullable=True),
        sa.Column("attested_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("tier is null or tier between 1 and 4", name=op.f("ck_households_tier")),
        sa.ForeignKeyConstraint(["attester_id"], ["organisations.id"], name=op.f("fk_households_attester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_households_pseudonym")),
    )
    op.create_index(op.f("ix_households_key_id"), "households", ["key_id"])
    op.create_index(op.f("ix_households_valid_until"), "households", ["valid_until"])
    op.create_table(
        "rosters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("attester_id", sa.Uuid(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_until", sa.Date(), nullable=False),
        sa.Column("other_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_reason", sa.String(length=500), nullable=False),
        sa.Column("attested_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("other_days >= 0", name=op.f("ck_rosters_other_days")),
        sa.ForeignKeyConstraint(["attester_id"], ["organisations.id"], name=op.f("fk_rosters_attester_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_rosters_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
        sa.UniqueConstraint(
            "organisation_id", "period_from", "period_until",
            name=op.f("uq_rosters_organisation_id_period_from_period_until"),
        ),
    )  # fmt: skip
    for column in ("attester_id", "period_until", "attested_at"):
        op.create_index(op.f(f"ix_rosters_{column}"), "rosters", [column])
    op.create_table(
        "roster_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("member_no", sa.String(length=20), nullable=False),
        sa.Column("labour_days", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.CheckConstraint("labour_days >= 0", name=op.f("ck_roster_lines_labour_days")),
        sa.ForeignKeyConstraint(["household_id"], ["households.id"], name=op.f("fk_roster_lines_household_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters.id"], name=op.f("fk_roster_lines_roster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_lines")),
        sa.UniqueConstraint("roster_id", "household_id", name=op.f("uq_roster_lines_roster_id_household_id")),
    )
    op.create_index(op.f("ix_roster_lines_household_id"), "roster_lines", ["household_id"])


def downgrade() -> None:
    for table in ("roster_lines", "rosters", "households"):
        op.drop_table(table)
    rewrite(lambda text: vault().open(text) if text.startswith(PREFIX) else text)
    with op.batch_alter_table("organisations") as batch_op:
        for name, length in CONTACTS.items():
            batch_op.alter_column(
                name, existing_type=sa.Text(), type_=sa.String(length=length), existing_nullable=False
            )
