"""alembic's environment: the installer gives the connection, or asks for the SQL alone."""

from alembic import context

config = context.config
options = {
    "version_table_schema": "memoriesdb_system",
    # Everything in the installer's one transaction: an upgrade is there wholly or not at all.
    "transaction_per_migration": False,
    "target": config.attributes["target"],
}

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", **options)
else:
    context.configure(connection=config.attributes["connection"], **options)

with context.begin_transaction():
    context.run_migrations()
