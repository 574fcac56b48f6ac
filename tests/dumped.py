"""What a dump does not carry, and the first upgrade after a restore puts right."""

from memoriesdb.installer import verify

# pg_dump leaves out a cost of 0, and a restored function costs 1: see _gate_equal().
LOST = ["memoriesdb._gate_equal(uuid, uuid)", "memoriesdb._gate_position(uuid[], uuid)"]


def lost(dsn: str) -> bool:
    """Whether that and nothing else is not as shipped."""
    found = verify(dsn)
    return [d.name for d in found] == LOST and {d.what for d in found} == {"changed"}
