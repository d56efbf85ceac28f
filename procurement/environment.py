"""Where settings come from: the environment, `.env`, and files for what is secret."""

from pathlib import Path

import environ
from environ.fileaware_mapping import FileAwareMapping

ROOT = Path(__file__).resolve().parent.parent


class _Values(FileAwareMapping):  # type: ignore[misc]
    def __getitem__(self, key: str) -> str:
        value: str = super().__getitem__(key)
        # Editors and `echo` end a file with a new line, which is no part of a secret.
        return value.rstrip("\r\n")


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """Reads NAME, or the file that NAME_FILE names, as container engines mount secrets.

    Raises:
        OSError: there is no such file, or it can't be read; the text names it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ENVIRON = _Values()


def read_environment() -> Environment:
    """What is set, with `.env` behind it: the environment goes before the file."""
    environ.Env.read_env(ROOT / ".env")
    return Environment()
