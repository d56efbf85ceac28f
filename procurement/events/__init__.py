"""Everything that happened, as one feed that leaves nothing out.

Each app keeps the events of its own subjects in a table of its own, written together
with the change they tell of. This app writes nothing: it reads those tables as one.
"""
