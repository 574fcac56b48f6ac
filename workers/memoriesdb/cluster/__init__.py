"""The private cluster: PostgreSQL, PgBouncer, the workers and an embedding endpoint of our own."""

from memoriesdb.cluster.errors import (
    ClusterError,
    MissingPackageError,
    NotRunningError,
    UnknownUserError,
)
from memoriesdb.cluster.pgbouncer import PgBouncer
from memoriesdb.cluster.postgres import Postgres
from memoriesdb.cluster.temporary import Cluster, temporary_cluster

__all__ = [
    "Cluster",
    "ClusterError",
    "MissingPackageError",
    "NotRunningError",
    "PgBouncer",
    "Postgres",
    "UnknownUserError",
    "temporary_cluster",
]
