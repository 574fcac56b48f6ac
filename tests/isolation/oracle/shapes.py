"""The shapes of whole queries: each reads, so that its answers alone are compared."""

from __future__ import annotations

from hypothesis import strategies as st

from oracle.grammar import Grammar, Query
from oracle.relations import Column

_EDGE = [Column("e.source_id", "uuid"), Column("e.target_id", "uuid"), Column("e.relation", "text")]


def _plain(grammar: Grammar) -> Query:
    source = grammar.source()
    listed = ", ".join(c.sql for c in grammar.listed(source.columns))
    sql = f"select {grammar.choose('', 'distinct ')}{listed} from {source.sql} "
    return Query(f"{sql}where {grammar.predicate(source.columns)}")


def _ordered(grammar: Grammar) -> Query:
    source = grammar.relation()
    first = grammar.column(source.columns)
    assert first is not None
    order = f"{first.sql} {grammar.choose('', 'desc', 'nulls first')}, {', '.join(source.key)}"
    sql = f"select {', '.join(c.sql for c in grammar.listed(source.columns))} from {source.sql} "
    if grammar.chance():
        sql = f"select distinct on ({first.sql}) {first.sql}, {source.key[-1]} from {source.sql} "
    cut = grammar.choose("", "limit 1", "limit 5", "offset 3 limit 4", "fetch first 2 rows only")
    return Query(f"{sql}where {grammar.predicate(source.columns)} order by {order} {cut}", True)


def _aggregate(grammar: Grammar) -> Query:
    source = grammar.source()
    group, other = grammar.column(source.columns), grammar.column(source.columns)
    text, any_id = grammar.column(source.columns, "text"), grammar.column(source.columns, "uuid")
    assert group
    assert other
    aggregates = ["count(*)", f"count(distinct {other.sql})", f"max({other.sql}::text)"]
    aggregates.append(f"count(*) filter (where {grammar.predicate(source.columns)})")
    if text:
        aggregates.append(f"string_agg({text.sql}, ',' order by {text.sql})")
    if any_id:
        aggregates.append(f"array_agg(distinct {any_id.sql})")
    by = grammar.choose("", "one", "one", "rollup", "sets")
    sql = f"select {', '.join(aggregates)} from {source.sql} where "
    sql += grammar.predicate(source.columns)
    if by:
        groups = {
            "one": group.sql,
            "rollup": f"rollup ({group.sql}, {other.sql})",
            "sets": f"grouping sets (({group.sql}), ())",
        }
        sql += f" group by {groups[by]} having count(*) {grammar.choose('>', '<>')} 1"
    return Query(sql)


def _window(grammar: Grammar) -> Query:
    source = grammar.relation()
    part, seen = grammar.column(source.columns), grammar.column(source.columns)
    assert part
    assert seen
    order = ", ".join(source.key)
    return Query(
        f"select {order}, row_number() over w, lag({seen.sql}) over w, "
        f"count(*) over (partition by {part.sql}), last_value({seen.sql}) over "
        f"(order by {order} rows between unbounded preceding and unbounded following) "
        f"from {source.sql} where {grammar.predicate(source.columns)} "
        f"window w as (partition by {part.sql} order by {order})"
    )


def _set(grammar: Grammar) -> Query:
    halves = []
    for _ in range(2):
        source = grammar.source()
        column = grammar.column(source.columns, "uuid")
        assert column
        where = grammar.predicate(source.columns)
        halves.append(f"(select {column.sql} from {source.sql} where {where})")
    operation = grammar.choose("union", "union all", "intersect", "except", "except all")
    return Query(f" {operation} ".join(halves))


def _common(grammar: Grammar) -> Query:
    inner = grammar.relation()
    names = {c: f"c{n}" for n, c in enumerate(inner.columns)}
    listed = ", ".join(f"{c.sql} as {name}" for c, name in names.items())
    how = grammar.choose("materialized", "not materialized")
    tied, other = grammar.matched([c for c in inner.columns if c.kind == "uuid"])
    left = other.partition(" = ")[0]
    first = next(c for c in inner.columns if c.kind == "uuid")
    return Query(
        f"with w as {how} (select {listed} from {inner.sql} "
        f"where {grammar.predicate(inner.columns)}) "
        f"select w.*, x.c0, {left} from w {grammar.choose('join', 'left join')} {tied.sql} "
        f"on {left} = w.{names[first]} cross join lateral "
        f"(select count(*) as c0 from w as v where v.{names[first]} = w.{names[first]}) as x"
    )


def _recursive(grammar: Grammar) -> Query:
    edges = grammar.choose("{memory_edges}", "{memory_graph}")
    return Query(
        f"with recursive r as (select e.target_id as id, 1 as depth from {edges} as e "
        f"where {grammar.predicate(_EDGE, 0)} "
        f"union select e.target_id, r.depth + 1 from r join {edges} as e on e.source_id = r.id "
        "where r.depth < 4) select r.depth, m.content, r.id from r "
        f"{grammar.choose('join', 'left join')} {{memories}} as m using (id)"
    )


def _failing(grammar: Grammar) -> Query:
    """An error for one row alone: it must be a row that the user sees."""
    source = grammar.relation()
    text = grammar.column(source.columns, "text")
    if text is None:
        return _plain(grammar)
    division = f"1 / (length({text.sql}) - {grammar.number(12)})"
    if grammar.chance():
        return Query(f"select {division} from {source.sql}")
    return Query(f"select count(*) from {source.sql} where {division} >= 0")


def _whole(grammar: Grammar) -> Query:
    alias = grammar.alias()
    return Query(
        f"select md5({alias}::text), to_jsonb({alias}) - 'x' from {{{grammar.choose(*WHOLE)}}} "
        f"as {alias}"
    )


# Relations with the same columns on both sides, all of them readable.
WHOLE = ("memories", "memory_versions", "memory_edges", "memory_grants", "audit_log", "access_log")
SHAPES = (
    _plain,
    _plain,
    _ordered,
    _aggregate,
    _window,
    _set,
    _common,
    _recursive,
    _failing,
    _whole,
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Draw a query."""
    return draw(st.sampled_from(SHAPES))(Grammar(draw))
