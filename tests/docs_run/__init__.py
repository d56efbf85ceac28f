"""What the documentation says is so, and its commands do what they say.

`test_commands` runs every block marked `sh`; `test_named` compares what pages name
with the program. A block that is to be read alone is marked `text`. A block marked `sh`
that a test can't run has its reason in `reasons.NOT_RUN`.
"""
