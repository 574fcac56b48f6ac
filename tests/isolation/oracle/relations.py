"""What the generated queries are made of: relations with their columns and keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """An expression and the kind of its value: uuid, text, number, integer or time."""

    sql: str
    kind: str


@dataclass(frozen=True)
class Relation:
    """A relation that users read; its key orders its rows."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


def _relation(name: str, key: str, **kinds: str) -> Relation:
    columns = tuple(
        Column(column, kind.rstrip("s"))
        for kind, names in kinds.items()
        for column in names.split()
    )
    return Relation(name, tuple(key.split()), columns)


RELATIONS = (
    _relation(
        "memories",
        "owner_id id",
        uuids="owner_id id created_by updated_by",
        texts="kind content stream",
        numbers="importance",
        integers="version",
        times="expires_at forgotten_at",
    ),
    _relation(
        "memory_versions",
        "owner_id memory_id version",
        uuids="owner_id memory_id ended_by",
        texts="kind content operation stream",
        integers="version",
        times="valid_until",
    ),
    _relation(
        "memory_embeddings",
        "owner_id memory_id model_id",
        uuids="owner_id memory_id",
        texts="encode(text_hash,'hex')",
    ),
    _relation(
        "memory_edges",
        "owner_id source_id target_id relation",
        uuids="owner_id source_id target_id created_by",
        texts="relation",
        numbers="weight",
    ),
    _relation(
        "memory_grants",
        "owner_id memory_id grantee_id",
        uuids="owner_id memory_id grantee_id granted_by",
        texts="privilege",
        times="expires_at",
    ),
    _relation(
        "memory_graph",
        "owner_id source_id target_id relation",
        uuids="owner_id source_id target_id",
        texts="relation",
        numbers="weight",
    ),
    _relation(
        "audit_log",
        "audit_id",
        uuids="owner_id row_id user_id actor_id",
        texts="table_name::text operation",
        integers="audit_id",
    ),
    _relation(
        "audit_payloads",
        "audit_id",
        uuids="owner_id",
        texts="(after->>'content') (before->>'kind')",
        integers="audit_id",
    ),
    _relation(
        "access_log",
        "access_id",
        uuids="user_id owner_id memory_ids[1]",
        texts="action outcome",
        integers="access_id result_count",
    ),
    _relation("memory_holds", "id", uuids="id owner_id memory_id", texts="reason"),
    _relation("users", "id", uuids="id", texts="username role"),
    _relation("api_tokens", "id", uuids="id user_id", texts="label"),
    _relation(
        "service_assignments", "service_id user_id", uuids="service_id user_id", times="assigned_at"
    ),
)
BY_NAME = {relation.name: relation for relation in RELATIONS}
