"""What a new password brings about."""

from typing import Any

from django.contrib.auth.models import User


class EndSessions:
    """Ends a person's sessions when a new password of theirs is saved.

    Django calls password validators at that moment, whatever door the password came
    through. The session it was changed in lives on, under a key of its own.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Any password will do here."""

    def get_help_text(self) -> str:
        return ""

    def password_changed(self, password: str, user: Any = None) -> None:
        from procurement.accounts.sessions import end_sessions

        if isinstance(user, User) and user.pk:
            end_sessions(user=user, actor=user, reason="password changed")
