"""verify_ledger() names each thing that a superuser can do to the ledger, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from acting import NewDatabase
from ledger.life import Found, Life

LOG, PAYLOADS = "memoriesdb.audit_log", "memoriesdb.audit_payloads"
NUMBERED = f"alter table {LOG} alter column audit_id drop identity"

CHANGED = ("victim", "entry was changed")
GONE = ("block", "entry is missing")
NO_PAYLOAD = ("victim", "payload is missing")
MISFIT = "payload does not fit its commitment"

# What is done to an entry, by column.
COLUMNS: dict[str, tuple[str, Found]] = {
    "audit_id": (
        "audit_id = {gap}",
        {("gap", "entry was changed"), ("gap", "payload is missing"),
         ("victim", "payload has no entry")},
    ),
    "at": ("at = at + interval '1 microsecond'", {CHANGED}),
    "xid": (
        "xid = '1000000000'", {GONE, ("victim", "transaction of the entry has not begun")}
    ),
    "incarnation": (
        "incarnation = 1", {GONE, ("victim", "entry of another cluster was not sealed")}
    ),
    "user_id": ("user_id = gen_random_uuid()", {CHANGED}),
    "user_id, to nobody": ("user_id = null", {CHANGED}),
    "token_id": ("token_id = gen_random_uuid()", {CHANGED}),
    "actor_id": ("actor_id = gen_random_uuid()", {CHANGED}),
    "login": ("login = 'somebody else'", {CHANGED}),
    "table_name": ("table_name = 'settings'", {CHANGED}),
    "operation": ("operation = 'UPDATE'", {CHANGED}),
    "owner_id": (
        "owner_id = gen_random_uuid()", {CHANGED, ("victim", "payload belongs to another owner")}
    ),
    "row_id": (
        "row_id = gen_random_uuid()", {CHANGED, ("victim", "payload belongs to another row")}
    ),
    "row_key": (
        "row_key = row_key || '{{\"target_id\": 7}}'",
        {CHANGED, ("victim", "payload belongs to another row")},
    ),
    "commitment": ("commitment = sha256(commitment)", {CHANGED, ("victim", MISFIT)}),
}  # fmt: skip


@pytest.fixture(scope="module")
def life(new_database: NewDatabase) -> Iterator[Life]:
    with new_database() as database:
        yield Life(database)


@pytest.fixture(autouse=True)
def _nothing_is_named_where_nothing_was_done(life: Life) -> Iterator[None]:
    """The control, before and after each."""
    assert life.named(digest=True) == set()
    yield
    assert life.named(digest=True) == set()


def _copy(table: str, what: str, where: str) -> str:
    """Insert a row like another, with some columns changed: those of a JSON object."""
    return (
        f"insert into {table} overriding system value select (jsonb_populate_record(t, {what})).* "
        f"from {table} as t where {where}"
    )


ENTRIES: dict[str, tuple[list[str], Found]] = {
    "an entry is deleted": (
        [f"delete from {LOG} where audit_id = {{victim}}"],
        {GONE, ("victim", "payload has no entry")},
    ),
    "an entry is deleted with its payload": (
        [f"delete from {table} where audit_id = {{victim}}" for table in (LOG, PAYLOADS)],
        {GONE},
    ),
    "an entry is inserted": (
        [_copy(LOG, "jsonb_build_object('audit_id', {gap})", "audit_id = {victim}")],
        {("gap", "entry was not sealed"), ("gap", "payload is missing")},
    ),
    "an entry is inserted with a payload": (
        [_copy(table, "jsonb_build_object('audit_id', {gap})", "audit_id = {victim}")
         for table in (LOG, PAYLOADS)],
        {("gap", "entry was not sealed")},
    ),
    "two entries are swapped": (
        [NUMBERED]
        + [
            f"update {table} set audit_id = case audit_id when {{victim}} then {{edge}} "
            "else {victim} end + 100000 where audit_id in ({victim}, {edge})"
            for table in (LOG, PAYLOADS)
        ]
        + [
            f"update {table} set audit_id = audit_id - 100000 "
            "where audit_id in ({victim} + 100000, {edge} + 100000)"
            for table in (LOG, PAYLOADS)
        ],
        {CHANGED, ("edge", "entry was changed")},
    ),
    "an entry is sealed nowhere": (
        [
            _copy(LOG, "jsonb_build_object('audit_id', {beyond}, 'incarnation', 1)",
                  "audit_id = {victim}"),
            _copy(PAYLOADS, "jsonb_build_object('audit_id', {beyond})", "audit_id = {victim}"),
        ],
        {("beyond", "entry of another cluster was not sealed"),
         ("beyond", "number of the entry was never given out")},
    ),
    "an entry is put where the sealer has been": (
        [
            _copy(LOG, "jsonb_build_object('audit_id', {gap}, 'xid', pg_current_xact_id()::text)",
                  "audit_id = {victim}"),
            _copy(PAYLOADS, "jsonb_build_object('audit_id', {gap})", "audit_id = {victim}"),
        ],
        {("gap", "entry was left out when those after it were sealed")},
    ),
    "an entry is of the future": (
        [
            _copy(LOG, "jsonb_build_object('audit_id', {gap}, 'xid', '9000000000000000000')",
                  "audit_id = {victim}"),
            _copy(PAYLOADS, "jsonb_build_object('audit_id', {gap})", "audit_id = {victim}"),
        ],
        {("gap", "transaction of the entry has not begun")},
    ),
    "states after": (
        [f"update {PAYLOADS} set after = after || '{{{{\"a\": 1}}}}' where audit_id = {{victim}}"],
        {("victim", MISFIT)},
    ),
    "states before": (
        [f"update {PAYLOADS} set before = '{{{{}}}}' where audit_id = {{victim}}"],
        {("victim", MISFIT)},
    ),
    "a reason": (
        [f"update {PAYLOADS} set reason = 'because' where audit_id = {{victim}}"],
        {("victim", MISFIT)},
    ),
    "an application": (
        [f"update {PAYLOADS} set application_name = 'x' where audit_id = {{victim}}"],
        {("victim", MISFIT)},
    ),
    "a salt": (
        [f"update {PAYLOADS} set salt = substr(sha256(salt), 1, 16) where audit_id = {{victim}}"],
        {("victim", MISFIT)},
    ),
    "a payload's owner": (
        [f"update {PAYLOADS} set owner_id = gen_random_uuid() where audit_id = {{victim}}"],
        {("victim", "payload belongs to another owner")},
    ),
    "a payload's row": (
        [f"update {PAYLOADS} set row_id = null where audit_id = {{victim}}"],
        {("victim", "payload belongs to another row")},
    ),
    "an edge's target": (
        [f"update {PAYLOADS} set target_id = gen_random_uuid() where audit_id = {{edge}}"],
        {("edge", "payload belongs to another row")},
    ),
    "a payload is deleted": (
        [f"delete from {PAYLOADS} where audit_id = {{victim}}"],
        {NO_PAYLOAD},
    ),
    "a payload is planted": (
        [_copy(PAYLOADS, "jsonb_build_object('audit_id', {beyond})", "audit_id = {victim}")],
        {("beyond", "payload has no entry")},
    ),
    "an erased payload is put back": (
        [_copy(PAYLOADS, "jsonb_build_object('audit_id', {erased})", "audit_id = {victim}")],
        {("erased", "payload was erased and is here"), ("erased", MISFIT),
         ("erased", "payload belongs to another row")},
    ),
    "a receipt takes more": (
        [
            f"update {PAYLOADS} set after = jsonb_set(after, '{{{{audit_ids}}}}', "
            "'\"{{[1,2000000)}}\"') where audit_id = {receipt}",
            f"delete from {PAYLOADS} where audit_id <> {{receipt}}",
        ],
        {("receipt", MISFIT), ("receipt", "payload was erased and is here")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_an_entry_changed_in_one_column_is_named(life: Life, column: str) -> None:
    change, expected = COLUMNS[column]
    update = f"update {LOG} set {change} where audit_id = {{victim}}"
    assert life.after(NUMBERED, update) == expected


def test_each_column_is_among_them(life: Life) -> None:
    columns = life.db.execute(
        "select attname from pg_attribute where attnum > 0 and not attisdropped "
        "and attrelid = 'memoriesdb.audit_log'::regclass"
    )
    assert {row[0] for row in columns} - COLUMNS.keys() == set()


@pytest.mark.parametrize("name", ENTRIES)
def test_what_was_done_to_entries_and_payloads_is_named(life: Life, name: str) -> None:
    statements, expected = ENTRIES[name]
    assert life.after(*statements) == expected
