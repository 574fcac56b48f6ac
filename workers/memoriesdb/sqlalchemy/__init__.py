"""SQLAlchemy: the tables as typed metadata, and the user set at every BEGIN.

An ORM application gets isolation by two lines, the engine and the user::

    from memoriesdb.sqlalchemy import Memory, acting_as, create_engine

    engine = create_engine("postgresql://app@pool:6432/memoriesdb")  # 1: or isolate(my_engine)

    with acting_as(user_id), Session(engine) as session:             # 2
        session.add(Memory(content="The meeting moved to Thursday"))
        session.commit()

Where no user is set, transactions go on and see nothing. The tables are made by ``memoriesdb
install``, and what the database stamps (id, owner, times, hash, version) is fetched, never sent.
"""

from memoriesdb.sqlalchemy.isolation import (
    USER,
    acting_as,
    create_async_engine,
    create_engine,
    isolate,
)
from memoriesdb.sqlalchemy.tables import (
    Base,
    EmbeddingModel,
    Memory,
    MemoryEdge,
    MemoryEmbedding,
    MemoryGrant,
    MemoryVersion,
    User,
    memory_graph,
)

__all__ = [
    "USER",
    "Base",
    "EmbeddingModel",
    "Memory",
    "MemoryEdge",
    "MemoryEmbedding",
    "MemoryGrant",
    "MemoryVersion",
    "User",
    "acting_as",
    "create_async_engine",
    "create_engine",
    "isolate",
    "memory_graph",
]
