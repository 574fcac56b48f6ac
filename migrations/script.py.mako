"""${message}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from pathlib import Path

from alembic import op

from memoriesdb.installer.migrate import run_frozen

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    run_frozen(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    raise NotImplementedError("restore a backup: history is not undone by dropping tables")
