"""Statements that write, each with the changes that the model says it makes.

Expectations are asked of the model in the state before; afterwards the tables are compared with
what they were, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from oracle.grammar import Grammar
from oracle.relations import BY_NAME

# The graph is as of its last refresh, which the model is not.
READ = [BY_NAME[name] for name in ("memories", "memory_edges", "memory_grants", "memory_versions")]


@dataclass(frozen=True)
class Change:
    """A statement, and the queries whose rows are the changes it makes.

    ``touched`` gives the keys of the rows of ``table`` that are changed or go, ``made`` what new
    rows of memories or edges are like, and ``refused`` whether it must fail: then nothing happens.
    """

    sql: str
    table: str = "memories"
    touched: str = "select null, null where false"
    made: str = "select null where false"
    refused: str = "select false"
    is_removal: bool = False


WRITER = "current_setting('model.writer')"
EDGE = "concat_ws(' ', e.owner_id, e.source_id, e.target_id, e.relation)"
MEMORY = "concat_ws(' ', m.owner_id, m.id)"


def _where(grammar: Grammar, name: str, alias: str) -> str:
    """Draw a condition over a relation under a given alias.

    It names a column: where none is named, PostgreSQL asks no SELECT policy, and a token that may
    write and not read changes its user's rows unseen.
    """
    source = grammar.named(BY_NAME[name])
    mine = source.key[0].partition(".")[0]
    where = grammar.predicate(source.columns).replace(f"{mine}.", f"{alias}.")
    return f"{where} and {alias}.owner_id is not null"


def _update(grammar: Grammar) -> Change:
    where = _where(grammar, "memories", "m")
    assignment = grammar.choose(
        "kind = 'idea'",
        "importance = 0.75",
        "content = 'new'",
        "stream = null, content = m.content || '!'",
    )
    returning = grammar.choose("", " returning m.content")
    return Change(
        f"update {{memories}} as m set {assignment} where {where}{returning}",
        touched=f"select {MEMORY} from {{writable}} as m where {where}",
    )


def _update_from(grammar: Grammar) -> Change:
    where = _where(grammar, "memories", "m")
    other, tie = grammar.matched(grammar.named(BY_NAME["memories"]).columns)
    tie = tie.partition(" = ")[0] + " = m.id"
    return Change(
        f"update {{memories}} as m set kind = 'other' from {other.sql} where {tie} and {where}",
        touched=f"select distinct {MEMORY} from {{writable}} as m, {other.sql} "
        f"where {tie} and {where}",
    )


def _forget(grammar: Grammar) -> Change:
    """A grantee with write forgets nothing, and nobody what is held."""
    where = _where(grammar, "memories", "m")
    return Change(
        f"update {{memories}} as m set forgotten_at = clock_timestamp() where {where}",
        touched=f"select {MEMORY} from {{writable}} as m where {where}",
        refused=f"select exists (select from {{writable}} as m where {where} and "
        f"(m.owner_id::text <> {WRITER} or {_HELD}))",
    )


def _delete(grammar: Grammar) -> Change:
    where = _where(grammar, "memories", "m")
    using = grammar.chance()
    mine = f"from {{memories}} as m where m.owner_id::text = {WRITER} and {where}"
    return Change(
        f"delete from {{memories}} as m where {where}{' returning m.*' if using else ''}",
        touched=f"select {MEMORY} {mine}",
        refused=f"select exists (select {mine} and {_HELD})",
        is_removal=True,
    )


def _edges(grammar: Grammar) -> Change:
    where = _where(grammar, "memory_edges", "e")
    touched = (
        f"select {EDGE} from {{memory_edges}} as e where e.owner_id::text = {WRITER} and {where}"
    )
    if grammar.chance():
        sql = f"delete from {{memory_edges}} as e where {where} returning e.source_id"
        return Change(sql, "memory_edges", touched, is_removal=True)
    return Change(
        f"update {{memory_edges}} as e set weight = 0.125 where {where}", "memory_edges", touched
    )


def _insert(grammar: Grammar) -> Change:
    where = _where(grammar, "memories", "m")
    seen = f"from {{memories}} as m where {where}"
    for_others = grammar.chance()
    columns, values = ("owner_id, content", "m.owner_id, m.content || ' copied'")
    if not for_others:
        columns, values = columns.removeprefix("owner_id, "), values.removeprefix("m.owner_id, ")
    # Who may not write is told so though there be no row.
    refused = f"select {WRITER} = ''"
    if for_others:
        refused += f" or exists (select {seen} and m.owner_id::text <> {WRITER})"
    return Change(
        f"insert into {{memories}} ({columns}) select {values} {seen}",
        made=f"select {WRITER} || ' ' || m.content || ' copied' {seen}",
        refused=refused,
    )


def _merge(grammar: Grammar) -> Change:
    """Rows that are seen and may not be changed are an error here, not passed over."""
    where = _where(grammar, "memories", "s")
    picked = f"(select s.id from {{memories}} as s where {where})"
    action = grammar.choose("delete", "update set kind = 'merged'")
    allowed = "writable" if action.startswith("update") else "memories"
    own = "true"
    held = "false"
    if action == "delete":
        own, held = f"m.owner_id::text = {WRITER}", _HELD
    return Change(
        f"merge into {{memories}} as m using {picked} as p on p.id = m.id "
        f"when matched then {action} when not matched then do nothing",
        touched=f"select {MEMORY} from {{{allowed}}} as m where m.id in {picked}",
        refused=f"select exists (select from {{memories}} as m where m.id in {picked} and ({held} "
        f"or m.id not in (select m.id from {{{allowed}}} as m where {own})))",
        is_removal=action == "delete",
    )


def _upsert(grammar: Grammar) -> Change:
    """Edges between what is seen: of what is shared it must fail, of what is own it is one edge."""
    where = _where(grammar, "memories", "m"), _where(grammar, "memories", "n")
    pairs = (
        f"from {{memories}} as m, {{memories}} as n where m.id < n.id and {where[0]} and {where[1]}"
    )
    strange = f"m.owner_id::text <> {WRITER} or n.owner_id::text <> {WRITER}"
    edge = "e.source_id = m.id and e.target_id = n.id and e.relation = 'near'"
    return Change(
        "insert into {memory_edges} (source_id, target_id, relation, weight) "
        f"select m.id, n.id, 'near', 0.25 {pairs} "
        "on conflict (owner_id, source_id, target_id, relation) do update set weight = 0.0625",
        "memory_edges",
        touched=f"select {EDGE} from {{memory_edges}} as e "
        f"where exists (select {pairs} and {edge})",
        made=f"select concat_ws(' ', m.id, n.id, 'near') {pairs} "
        f"and not exists (select from {{memory_edges}} as e where {edge})",
        refused=f"select exists (select {pairs} and ({strange}))",
    )


_HELD = (
    "exists (select from memoriesdb.memory_holds as h where h.owner_id = m.owner_id "
    "and coalesce(h.memory_id = m.id, true))"
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """Draw a statement that writes."""
    shapes = (_update, _update, _update_from, _forget, _delete, _edges, _insert, _merge, _upsert)
    return draw(st.sampled_from(shapes))(Grammar(draw, READ))
