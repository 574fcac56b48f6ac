"""A differential oracle: what a user gets, against the tables as they are with a plain predicate.

The tables are read twice: as the user, under row-level security; and as a superuser, whom it does
not bind, through views that say in words of their own who may see what.
"""
