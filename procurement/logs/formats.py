"""How a line of the log is written: for people, or as JSON for programs.

Both say what the work at hand is about, both mask the finished text, and in neither
can a text that came from outside begin a line of its own.
"""

import logging
import os
import re
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import environ
from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from procurement.logs.ids import ids
from procurement.masking import is_secret_name, mask

LINE, JSON = "line", "json"
_OWN = frozenset({*RESERVED_ATTRS, "message", "asctime", "taskName"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MACHINE = socket.gethostname()
WORKER_NAME = "WORKER_NAME"
"""Environment variable by which a cluster's processes know whose they are."""


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    """What a call site gave beside the text; objects could hold anything."""
    return {
        name: "***" if is_secret_name(name) else value
        for name, value in record.__dict__.items()
        if name not in _OWN and isinstance(value, str | int | float | bool)
    }


def _ids(record: logging.LogRecord) -> dict[str, str | int]:
    """What the work is about; Django writes of a refused request when it is over."""
    found = ids()
    if "request_id" not in found:
        given = getattr(getattr(record, "request", None), "request_id", None)
        if isinstance(given, str):
            found = {"request_id": given, **found}
    return found


class JsonLines(JsonFormatter):
    """One JSON object a line, with `time` in UTC, and every text in it masked."""

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = record.getMessage()
        log_data.update(_extras(record))
        log_data.update(_ids(record))
        log_data["machine"] = _MACHINE
        log_data["process"] = record.process
        if worker := os.environ.get(WORKER_NAME):
            log_data["worker"] = worker
        if exception := message_dict.get("exc_info"):
            log_data["exception"] = exception
        if stack := message_dict.get("stack_info"):
            log_data["stack"] = stack

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """As it is read and searched for: å stays å; what breaks lines is escaped."""
        written = super().jsonify_log_record(log_data)
        return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", written)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {
            name: mask(value) if isinstance(value, str) else value
            for name, value in log_data.items()
        }


class Lines(logging.Formatter):
    """One line for people; what it is about stands at its end as `name=value`."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        told = {**_extras(record), **_ids(record)}
        tail = " ".join(f"{name}={_bare(value)}" for name, value in told.items())
        line = (
            f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
            f"{f' [{tail}]' if tail else ''}"
        )
        lines = [_CONTROL.sub(_escaped, mask(line))]
        if record.exc_info:
            lines += _indented(self.formatException(record.exc_info))
        if record.stack_info:
            lines += _indented(record.stack_info)
        return "\n".join(lines)


def _bare(value: Any) -> str:
    text = str(value)
    return text if text and not re.search(r"[\s\[\]=]", text) else repr(text)


def _indented(text: str) -> list[str]:
    """A trace below its line. No line of the log begins with blanks, so none of its
    lines, whatever an exception says, can be taken for one."""
    return [f"    {_CONTROL.sub(_escaped, line)}" for line in mask(text).splitlines()]


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    return {"\n": r"\n", "\r": r"\r", "\t": r"\t"}.get(char, f"\\x{ord(char):02x}")


def formatter(wanted: str) -> logging.Formatter:
    """The formatter of a name; an unknown one is taken for `line`."""
    return JsonLines(json_ensure_ascii=False) if wanted == JSON else Lines()


def wanted_format(folder: Path) -> str:
    """`LOG_FORMAT` as the settings will read it, for who may not load them yet.

    The main process of the web server reads it so: what it took into its environment
    from the file would outlive a change of the file.
    """

    class File(environ.Env):  # type: ignore[misc]
        ENVIRON: dict[str, str] = {}

    File.read_env(folder / ".env")
    return os.environ.get("LOG_FORMAT") or File.ENVIRON.get("LOG_FORMAT") or LINE
