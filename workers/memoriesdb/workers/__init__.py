"""Worker processes: each drains one queue of the database through its SQL functions.

A :class:`~memoriesdb.workers.duty.Duty` says what one look at the queue does;
:func:`~memoriesdb.workers.loop.run` looks again and again until it is told to stop.
"""
