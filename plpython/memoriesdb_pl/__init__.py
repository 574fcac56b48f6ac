"""Pure Python that runs inside the server behind one-line PL/Python functions.

Only the standard library, and nothing of the memoriesdb package, is imported here.
"""
