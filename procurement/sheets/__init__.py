"""Tables people bring as files: CSV or XLSX, from bytes to cells and to values.

Nothing is guessed: what can be read in two ways is a bad cell, and is named.
"""
