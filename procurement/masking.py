"""What is kept out of logs: the secret part of an address."""

import logging
import re

_CALENDAR = re.compile(r"(?<!/admin)(/calendar/)[^/\s\"'?]+")


def mask(text: str) -> str:
    """The text with the secret of a calendar's address left out."""
    return _CALENDAR.sub(r"\1…", text)


class MaskSecrets(logging.Filter):
    """Masks what a line of the log says, whoever writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (masked := mask(message)) != message:
            record.msg, record.args = masked, None
        return True
