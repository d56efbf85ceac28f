"""Backups that any of our databases can be restored from, and moving between them.

`shape` says which tables there are and what is in their columns, `canonical` how a
row is written down, `books` how a database is read at one moment and `filling` how one
is filled. A backup is one `archive` of these; `restoring` and `moving` fill a database,
and `holding` keeps a restored one from sending what the backup does not know of.
"""
