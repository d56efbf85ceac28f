"""Tasks that write down what happened to them, for tests with real workers."""

import os
import time
from pathlib import Path

from procurement.coordination.stopping import is_stopping

LOG = "PROBE_LOG"


def write(word: str, name: str) -> None:
    line = f"{word} {name} {os.getpid()}\n"
    with Path(os.environ[LOG]).open("a") as log:
        log.write(line)


def work(name: str, seconds: float = 0.0) -> None:
    write("began", name)
    time.sleep(seconds)
    write("ended", name)


def work_until_told(name: str) -> None:
    """A long task as carriers run it: it ends when its worker is to stop."""
    write("began", name)
    while not is_stopping():
        time.sleep(0.05)
    write("told", name)


def lines(log: Path, word: str) -> dict[str, list[int]]:
    """Name -> the processes that wrote the word about it, once for each time."""
    found: dict[str, list[int]] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        said, name, pid = line.split()
        if said == word:
            found.setdefault(name, []).append(int(pid))
    return found
