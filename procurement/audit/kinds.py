"""The kinds this app records itself, by Django's signals and allauth's."""

from procurement import trail
from procurement.texts import gettext_lazy as _

SIGN_IN, PEOPLE, RIGHTS = "sign_in", "people", "rights"
KEYS, SUPPLIERS, APPROVAL = "keys", "suppliers", "approval"
EXPORTS, TRAIL = "exports", "trail"


def register() -> None:
    trail.register(
        SIGN_IN,
        _("Logging in"),
        {
            "login.done": _("Logged in"),
            "login.failed": _("Login failed"),
            "login.out": _("Logged out"),
            "factor.added": _("Second factor added"),
            "factor.removed": _("Second factor removed"),
            "factor.reset": _("Recovery codes made anew"),
            "factor.failed": _("Second factor failed"),
            "password.changed": _("Password changed"),
            "password.reset": _("Password reset by mail"),
            "email.changed": _("Mail address for logins changed"),
        },
    )
    trail.register(
        PEOPLE,
        _("People"),
        {
            "user.made": _("User made"),
            "user.changed": _("User changed"),
            "user.switched_off": _("User switched off"),
            "user.switched_on": _("User switched on"),
            "user.deleted": _("User deleted"),
        },
    )
    trail.register(
        RIGHTS,
        _("Rights"),
        {
            "rights.given": _("Group or permission given"),
            "rights.taken": _("Group or permission taken"),
            "rights.superuser": _("Superuser made or unmade"),
            "rights.reach": _("What a person sees changed"),
            "group.made": _("Group made"),
            "group.renamed": _("Group renamed"),
            "group.deleted": _("Group deleted"),
        },
    )
    trail.register(EXPORTS, _("Exports"), {"export.fetched": _("File fetched")})
    trail.register(
        TRAIL,
        _("Audit trail"),
        {
            "audit.exported": _("Audit trail exported"),
            "audit.purged": _("Old entries forgotten"),
        },
    )
