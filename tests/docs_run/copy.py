"""A copy of the project to run the commands of its documentation in.

Its `.venv` lends the interpreter of the tests; settings, database, ports and processes
are its own.
"""

import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import requests

from tests.docs_run.reading import ROOT
from tests.docs_run.reasons import Staying

LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    "var",
    "__pycache__",
    ".*_cache",
    "screenshots",
    ".env",
    "*.sqlite3*",
)
SECONDS = 180
SHELL = ("/usr/bin/env", "bash", "-euo", "pipefail", "-c")
ANSWERS = {"Username": "admin", "Email": "", "Password": "a long and odd one: 4711"}
"""What a person types who is asked."""


class Copy:
    """The project in a folder of its own, as a reader has it who just fetched it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "procurement"
        self.staying: dict[str, subprocess.Popen[bytes]] = {}
        self.web_port, self.sandbox_port = free_port(), free_port()
        shutil.copytree(ROOT, self.folder, ignore=LEFT_OUT)
        programs = self.folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        real = Path(sys.executable).parent
        for name in ("python", "gunicorn", "ruff", "mypy"):
            # By name, not by a link: what a command writes there stays in the copy.
            script = programs / name
            script.write_text(f'#!/bin/sh\nexec "{real / name}" "$@"\n')
            script.chmod(0o755)

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def environment(self) -> dict[str, str]:
        """None of the tests' own settings: what counts is `.env` and its defaults."""
        return {
            "HOME": str(self.folder.parent),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "PATH": os.environ["PATH"],
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.web_port} --workers 1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, text: str) -> str:
        """Run lines as a shell does; what is printed.

        Raises:
            AssertionError: a line of it failed.
        """
        script = self._with_own_ports(text)
        if "createsuperuser" in script and "--noinput" not in script:
            code, printed = self._run_with_a_person(script)
        else:
            done = subprocess.run(
                [*SHELL, script],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
            )
            code, printed = done.returncode, done.stdout
        assert code == 0, f"{text}\n{printed[-3000:]}"
        return printed

    def start(self, line: str, kind: Staying) -> None:
        """Start a command that stays until it is told to end, and wait for it."""
        more = kind.more.format(port=self.sandbox_port)
        log = self.folder.parent / f"staying-{len(self.staying)}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                ["/usr/bin/env", "bash", "-c", f"exec {line} {more}"],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.staying[line] = process

        def is_there() -> bool:
            assert process.poll() is None, f"{line}\n{log.read_text()[-3000:]}"
            return not kind.asked or self.answers(self._with_own_ports(kind.asked))

        wait_until(is_there, f"{line} answers")

    def answers(self, address: str) -> bool:
        return requests.get(address, timeout=5).ok

    def end(self) -> dict[str, int]:
        """End what stays, politely; how each ended."""
        for process in self.staying.values():
            process.send_signal(signal.SIGTERM)
        for process in self.staying.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=40)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        return {line: each.wait(timeout=10) for line, each in self.staying.items()}

    def _with_own_ports(self, text: str) -> str:
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{self.web_port}").replace(
            "127.0.0.1:8100", f"127.0.0.1:{self.sandbox_port}"
        )

    def _run_with_a_person(self, script: str) -> tuple[int, str]:
        """At a terminal, with somebody who answers what is asked."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            given = [*SHELL, script]
            os.execve(given[0], given, self.environment())  # noqa: S606 - it is one
        printed, answered = "", 0
        give_up_at = time.monotonic() + SECONDS
        while time.monotonic() < give_up_at:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                read = os.read(terminal, 4096)
            except OSError:
                break
            if not read:
                break
            printed += read.decode(errors="replace")
            asked = printed[answered:]
            for word, answer in ANSWERS.items():
                if word in asked and asked.rstrip().endswith(":"):
                    os.write(terminal, f"{answer}\n".encode())
                    answered = len(printed)
                    break
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status), printed


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(look: Callable[[], bool], what: str, seconds: float = 90) -> None:
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        with suppress(OSError):
            if look():
                return
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s in vain until {what}")
