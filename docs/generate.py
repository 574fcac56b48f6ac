"""Write the pages of docs/reference: `make docs`.

Starts a server of its own for it, installs the schema, and reads the comments.
"""

from __future__ import annotations

from pathlib import Path

from generator import pages
from memoriesdb.cluster import temporary_cluster
from memoriesdb.installer import install

REFERENCE = Path(__file__).with_name("reference")


def main() -> None:
    """Write what differs."""
    REFERENCE.mkdir(exist_ok=True)
    with temporary_cluster() as cluster:
        install(cluster.superuser_dsn)
        for name, text in pages(cluster.superuser_dsn).items():
            path = REFERENCE / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(f"wrote docs/reference/{name}")


if __name__ == "__main__":
    main()
