"""What is kept out of logs: the secret part of addresses that need no login."""

import logging
import re

_SECRETS = re.compile(r"((?<!/admin)/calendar/|/approve/)[^/\s\"'?]+")


def mask(text: str) -> str:
    """The text without the secret of a calendar's address or of a link to decide."""
    return _SECRETS.sub(r"\1…", text)


class MaskSecrets(logging.Filter):
    """Masks what a line of the log says, whoever writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (masked := mask(message)) != message:
            record.msg, record.args = masked, None
        return True
