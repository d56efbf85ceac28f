"""How long each kind of record is kept, and what becomes of it then.

One table says it (`table.KEPT`): the jobs purge by it, `manage.py retention` shows it,
and the page in the documentation is made from it.
"""
