"""The private cluster: PostgreSQL, PgBouncer, the workers and an embedding endpoint of our own."""

from memoriesdb.cluster.errors import (
    ClusterError,
    MissingPackageError,
    NotRunningError,
    UnknownUserError,
)
from memoriesdb.cluster.instance import Instance
from memoriesdb.cluster.lifecycle import Choices, down, dsn, psql, psql_command, up
from memoriesdb.cluster.pgbouncer import PgBouncer
from memoriesdb.cluster.postgres import Postgres
from memoriesdb.cluster.status import Component, Status, status
from memoriesdb.cluster.temporary import Cluster, temporary_cluster

__all__ = [
    "Choices",
    "Cluster",
    "ClusterError",
    "Component",
    "Instance",
    "MissingPackageError",
    "NotRunningError",
    "PgBouncer",
    "Postgres",
    "Status",
    "UnknownUserError",
    "down",
    "dsn",
    "psql",
    "psql_command",
    "status",
    "temporary_cluster",
    "up",
]
