"""The typed metadata is the real catalogue, as far as users may read it."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from acting import Database
from memoriesdb.errors import UsageError
from memoriesdb.sqlalchemy import Base, create_engine

TABLES = sorted(Base.metadata.tables)

COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
from pg_attribute a
where a.attrelid = cast(:table as regclass) and a.attnum > 0 and not a.attisdropped
  and has_column_privilege('memoriesdb_app', a.attrelid, a.attnum, 'select')
"""


@pytest.fixture
def engine(database: Database) -> Any:
    """The database as a superuser sees it: privileges are asked for in the query."""
    made = create_engine(database.dsn("superuser"))
    yield made
    made.dispose()


def named(column: sa.Column[Any]) -> str:
    """PostgreSQL's name of a column's type."""
    name = str(column.type.compile(postgresql.dialect()))  # type: ignore[no-untyped-call]
    return name.lower()


@pytest.mark.parametrize("name", TABLES)
def test_columns_types_and_nullability_are_those_of_the_catalogue(
    engine: sa.Engine, name: str
) -> None:
    table = Base.metadata.tables[name]
    with engine.connect() as db:
        real = {row[0]: tuple(row[1:]) for row in db.execute(sa.text(COLUMNS), {"table": name})}
    is_view = bool(table.info.get("is_view"))
    mine = {c.name: (named(c), not (is_view or c.nullable)) for c in table.columns}
    assert mine == real


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_those_of_the_catalogue(engine: sa.Engine, name: str) -> None:
    table = Base.metadata.tables[name]
    inspector = sa.inspect(engine)
    if table.info.get("is_view"):
        return
    key = inspector.get_pk_constraint(table.name, schema="memoriesdb")
    assert [c.name for c in table.primary_key] == key["constrained_columns"]
    real = {
        (tuple(f["constrained_columns"]), f["referred_table"], tuple(f["referred_columns"]))
        for f in inspector.get_foreign_keys(table.name, schema="memoriesdb")
    }
    mine = {
        (
            tuple(f.column_keys),
            f.referred_table.name,
            tuple(element.column.name for element in f.elements),
        )
        for f in table.foreign_key_constraints
    }
    assert mine == real


def test_what_users_may_not_send_is_never_sent(engine: sa.Engine) -> None:
    """A column without INSERT privilege must have a server's value, or the ORM sends NULL."""
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        assert isinstance(table, sa.Table)
        with engine.connect() as db:
            may = set(
                db.scalars(
                    sa.text(
                        "select attname from pg_attribute where attrelid = cast(:t as regclass) "
                        "and attnum > 0 and has_column_privilege("
                        "'memoriesdb_app', attrelid, attnum, 'insert')"
                    ),
                    {"t": table.fullname},
                )
            )
        for column in table.columns if may else ():
            assert column.name in may or column.server_default is not None, column


def test_the_tables_are_not_made_from_here(engine: sa.Engine) -> None:
    with pytest.raises(UsageError):
        Base.metadata.create_all(engine)
    with pytest.raises(UsageError):
        Base.metadata.drop_all(engine)
