"""What a supplier at Tinker is asked for: credentials and options."""

from vendors.contracts import CallLimits, FieldKind, SettingField
from vendors.options import limit_fields

CREDENTIALS = (
    SettingField(
        name="key",
        label="Key",
        kind=FieldKind.SECRET,
        is_required=True,
        help="Tinker sends it by post to every trade customer.",
    ),
)

LIMITS = CallLimits(
    per_minute=600, at_once=4, note="Tinker names the figures in its letter."
)

OPTIONS = (
    SettingField(
        name="read_timeout",
        label="Longest wait for an answer, seconds",
        kind=FieldKind.INTEGER,
        default=60,
    ),
    *limit_fields(LIMITS),
)
