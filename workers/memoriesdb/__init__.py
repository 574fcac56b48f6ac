"""MemoriesDB."""
