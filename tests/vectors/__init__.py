"""The nearest of one owner's vectors: exactly, by an index, and while one is built."""
