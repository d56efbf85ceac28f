"""What gunicorn itself writes: in the format of all other lines, masked.

It is loaded by gunicorn's main process, which has no settings of Django's.
"""

import logging
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from procurement.logs.formats import formatter, wanted_format
from procurement.masking import mask

ROOT = Path(__file__).resolve().parent.parent.parent


class WebServerLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger; `accesslog` is off unless it is asked for."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                _dress(handler)

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        atoms = super().atoms(*args, **kwargs)
        return {
            name: mask(value) if isinstance(value, str) else value
            for name, value in atoms.items()
        }


def _dress(handler: logging.Handler) -> None:
    handler.setFormatter(formatter(wanted_format(ROOT)))
