"""Frozen, versioned changes of tables and data: alembic, inside the installer's transaction."""

import io
import threading
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from memoriesdb.installer import database
from memoriesdb.installer.sources import MIGRATIONS, Target

# alembic's environment is one for the process.
_alembic = threading.Lock()


def _config(target: Target, output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output) if output is not None else Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["target"] = target
    return config


def head() -> str:
    """Return the newest revision that is shipped."""
    found = ScriptDirectory.from_config(_config(Target())).get_current_head()
    return cast(str, found)


def is_shipped(revision: str) -> bool:
    """Whether this package has the revision, so that it knows the way from there."""
    return any(
        script.revision == revision
        for script in ScriptDirectory.from_config(_config(Target())).walk_revisions()
    )


def migrate(connection: sa.Connection, target: Target, revision: str = "head") -> None:
    """Bring the tables to a revision, within the connection's transaction."""
    config = _config(target)
    config.attributes["connection"] = connection
    with _alembic:
        command.upgrade(config, revision)


def migration_script(target: Target) -> str:
    """Return the SQL of all migrations, for the script that is printed."""
    output = io.StringIO()
    with _alembic:
        command.upgrade(_config(target, output), "head", sql=True)
    # alembic puts each run in a transaction of its own; the install script is one already.
    lines = output.getvalue().splitlines()
    return "\n".join(line for line in lines if line not in ("BEGIN;", "COMMIT;")) + "\n"


def run_frozen(op: Operations, path: Path) -> None:
    """Run a frozen SQL file as the owner of the tables: the helper of all migrations.

    The driver gets the text as it stands: `:name` and `%` in it are nobody's parameters, and what
    goes wrong is raised as the driver's error.
    """
    context = op.get_context()
    target: Target = context.opts["target"]
    sql = target.render(path.read_text(encoding="utf-8"))
    sql = f"set local role memoriesdb_owner;\n{sql}\nreset role;"
    if context.as_sql:
        context.impl.static_output(sql)
    else:
        database.driver_of(op.get_bind()).execute(sql.encode())
