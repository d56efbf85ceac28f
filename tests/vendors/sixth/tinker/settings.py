"""What a supplier at Tinker is asked for: credentials and options."""

from vendors.contracts import FieldKind, SettingField

CREDENTIALS = (
    SettingField(
        name="key",
        label="Key",
        kind=FieldKind.SECRET,
        is_required=True,
        help="Tinker sends it by post to every trade customer.",
    ),
)

OPTIONS = (
    SettingField(
        name="read_timeout",
        label="Longest wait for an answer, seconds",
        kind=FieldKind.INTEGER,
        default=60,
    ),
)
