"""Proves the promise: vendors lose answers, workers are killed, and no order suffers.

`make chaos` starts servers of its own, drives orders through the web, breaks
everything that may break, and at the end compares the vendors' books with ours, order
by order and line by line. It goes by processes, REST and SQL, and shares no code with
what it tries, so that a fault of the product can't hide itself. `docs/chaos.md` says
how to read what it prints.
"""
