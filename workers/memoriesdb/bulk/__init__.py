"""Bring many memories in from files."""
