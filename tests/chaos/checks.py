"""What must hold once the faults have stopped and the queues are drained."""

from acting import Database
from chaos.embedder import POISON
from queues.endpoint import vector_of
from queues.support import value

# Jobs that wait, words that are not indexed, slices to refresh, entries without a block.
WAITING = """
select
  (select count(*) from memoriesdb.embedding_schedule where dead_at is null),
  (select count(*) from memoriesdb.search_schedule),
  (select count(*) from memoriesdb.vindexing_schedule),
  (
    select count(*) from memoriesdb.audit_log as a where not exists (
      select from memoriesdb.ledger_blocks as b
      where b.incarnation = a.incarnation
        and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
    )
  )
"""
# Without an embedding of the present text, without a job and without a dead letter.
STRANDED = """
select m.id, o.name
from memoriesdb.memories as m
cross join memoriesdb.embedding_models as o
where o.is_enabled
  and not exists (
    select from memoriesdb.memory_embeddings as e
    where e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = o.id
      and e.text_hash = m.embedding_text_hash
  )
  and not exists (
    select from memoriesdb.embedding_schedule as j
    where j.owner_id = m.owner_id and j.memory_id = m.id and j.model_id = o.id
  )
"""
STRANDED_BY_THE_VIEW = "select memory_id, model_id from memoriesdb.stranded_memories"
# Dead letters of texts that no endpoint refuses.
BURIED = f"""
select j.memory_id, j.last_error
from memoriesdb.embedding_schedule as j
join memoriesdb.memories as m on m.owner_id = j.owner_id and m.id = j.memory_id
where j.dead_at is not null and m.content not like '%{POISON}%'
"""
# Memories that were written once and whose embedding by a model was written more often.
DOUBLED = """
select w.owner_id, w.row_id, w.model_id, w.writes
from (
  select a.owner_id, a.row_id, a.row_key ->> 'model_id' as model_id, count(*) as writes
  from memoriesdb.audit_log as a
  where a.table_name = 'memory_embeddings' and a.operation in ('INSERT', 'UPDATE')
  group by a.owner_id, a.row_id, a.row_key ->> 'model_id'
) as w
where w.writes > 1 and 1 >= (
  select count(*) from memoriesdb.audit_log as a
  where a.table_name = 'memories' and a.row_id = w.row_id
)
"""
# What each memory has by each model: the vector, whether it is of the present text, dead letters.
HELD = """
select
  m.id, m.content,
  memoriesdb._embedding_text(m.content, m.metadata, m.occurred_at),
  e.text_hash is not distinct from m.embedding_text_hash,
  e.embedding::public.vector::real[],
  (
    select count(*) from memoriesdb.embedding_schedule as j
    where j.owner_id = m.owner_id and j.memory_id = m.id and j.model_id = o.id
  )
from memoriesdb.memories as m
cross join memoriesdb.embedding_models as o
left join memoriesdb.memory_embeddings as e
  on e.owner_id = m.owner_id and e.memory_id = m.id and e.model_id = o.id
where o.is_enabled
"""
TWICE = """
select m.content, count(*) from memoriesdb.memories as m
group by m.content having count(*) > 1
"""


def waiting(database: Database) -> tuple[int, ...]:
    """How much is still to be done, by queue."""
    with database.connect("superuser", autocommit=True) as db:
        row = db.execute(WAITING).fetchone()
    assert row is not None
    return row


def check(database: Database) -> None:
    """Fail unless every memory has what it should have, once."""
    left = waiting(database)
    assert left == (0, 0, 0, 0), f"still to be done: {left}"
    with database.connect("superuser", autocommit=True) as db:
        assert db.execute(BURIED).fetchall() == [], "a dead letter that should not be"
        assert db.execute(STRANDED).fetchall() == [], "neither embedding nor job nor dead letter"
        has_view = value(db, "select to_regclass('memoriesdb.stranded_memories') is not null")
        assert db.execute(DOUBLED).fetchall() == [], "an embedding was written twice"
        assert db.execute(TWICE).fetchall() == [], "a memory was kept twice"
        held = db.execute(HELD).fetchall()
        users = db.execute("select id from memoriesdb.users").fetchall()
    if has_view:
        with database.connect("admin", pooled=False) as admin:
            assert admin.execute(STRANDED_BY_THE_VIEW).fetchall() == []
    for memory_id, content, text, is_current, vector, dead in held:
        if POISON in content:
            assert dead > 0, f"memory {memory_id} has no dead letter"
        else:
            assert is_current, f"memory {memory_id} has no embedding of its last text"
            assert vector == vector_of(text), f"memory {memory_id} has the vector of another text"
            assert dead == 0, f"memory {memory_id} has a job or dead letter too many"
    for (user,) in users:
        with database.acting(user) as db:
            assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []
