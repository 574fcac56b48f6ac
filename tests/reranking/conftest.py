"""Rerankers over HTTP that end with their test."""

from providers.conftest import serve

__all__ = ["serve"]
