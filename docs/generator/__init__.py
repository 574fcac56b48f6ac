"""Makes the pages of docs/reference from the database's comments and from the package."""

from __future__ import annotations

from generator import catalog, database_pages, package_pages
from generator.catalog import uncommented

__all__ = ["pages", "uncommented"]


def pages(dsn: str) -> dict[str, str]:
    """Return the text of every page, for a database in which this release is installed."""
    found = catalog.read(dsn)
    return {
        "tables.md": database_pages.tables(found),
        "functions.md": database_pages.functions(found),
        "views.md": database_pages.views(found),
        "settings.md": database_pages.settings(found),
        "roles-and-privileges.md": database_pages.roles(found),
        "errors.md": package_pages.errors(),
        "cli.md": package_pages.cli(),
        "configuration.md": package_pages.configuration(),
        "metrics.md": package_pages.metrics(),
    }
