"""What is kept out of logs: the secret part of addresses that need no login.

And whatever would begin a line of its own, or move a terminal's cursor: a line of the
log is what we wrote, not what a vendor or a caller put into a text.
"""

import logging
import re

_SECRETS = re.compile(r"((?<!/admin)/calendar/|/approve/)[^/\s\"'?]+")


_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def mask(text: str) -> str:
    """The text without the secret of a calendar's address or of a link to decide."""
    return _SECRETS.sub(r"\1…", text)


class MaskSecrets(logging.Filter):
    """Masks what a line of the log says, whoever writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        masked = _CONTROLS.sub(_written_out, mask(message))
        if masked != message:
            record.msg, record.args = masked, None
        return True


def _written_out(control: re.Match[str]) -> str:
    return control[0].encode("unicode_escape").decode()
