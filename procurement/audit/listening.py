"""What Django and allauth tell by signals, as entries of the trail.

A signal comes through every door: the admin, REST, a command, a shell. What goes around
signals (`QuerySet.update` on users) goes around the trail; a test keeps such code out.
"""

from procurement.audit import kinds, logins, rights


def connect() -> None:
    kinds.register()
    logins.connect()
    rights.connect()
