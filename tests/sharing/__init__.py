"""Sharing, acquiring, transferring, and what trust does on the way."""
