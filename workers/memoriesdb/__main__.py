"""``python -m memoriesdb`` is the command ``memoriesdb``."""

from memoriesdb.cli import main

main()
