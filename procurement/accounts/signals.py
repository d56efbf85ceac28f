"""What happens to accounts, told to whoever keeps a trail of it.

Besides these there are those of Django (`user_logged_in`, `user_logged_out`,
`user_login_failed`) and of allauth's second factors (`allauth.mfa.signals`:
`authenticator_added`, `authenticator_removed`, `authenticator_reset`,
`authenticator_used`, `authentication_failed`). A receiver of ours is called in the
transaction that does it, with `user` the person it is about and `actor` who did it,
None for the command line.
"""

from django.dispatch import Signal

factors_reset = Signal()
"""user, actor, reason, kinds (of the factors that are gone)."""

account_unlocked = Signal()
"""user, actor, reason."""

sessions_ended = Signal()
"""user, actor, reason, count; also those the person ended themselves."""

break_glass_marked = Signal()
"""user, actor, reason, is_marked."""

break_glass_used = Signal()
"""user, request, use (the `BreakGlassUse`)."""

break_glass_acknowledged = Signal()
"""user, actor, reason, use."""

single_sign_on_refused = Signal()
"""request, username (as far as the issuer's answer names one), reason."""

single_sign_on_changed = Signal()
"""user, kind (`AccountEventKind`), data: linked, created, or with other roles."""
