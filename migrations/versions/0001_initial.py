"""The tables of the first release.

Revision ID: 0001
Revises:
"""

from pathlib import Path

from alembic import op

from memoriesdb.installer.migrate import run_frozen

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(op, Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first release: drop the schema")
