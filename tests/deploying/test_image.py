"""The image without an engine: what deploy/Containerfile does, done in a folder.

The same files, the same commands, a tree that belongs to somebody else, and a process
that may write to its temporary folder alone.
"""

import fnmatch
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from procurement.coordination.models import Heartbeat
from tests.chaos.processes import free_port
from tests.processes import ROOT, database_url, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CONTAINERFILE = (ROOT / "deploy" / "Containerfile").read_text()
UID = int(re.findall(r"^USER (\d+)", CONTAINERFILE, re.MULTILINE)[0])


def taken_in() -> list[str]:
    """What of the project's root gets into the image."""
    lines = (ROOT / ".containerignore").read_text().splitlines()
    assert next(line for line in lines if line and line[0] not in "#!") == "*"
    return [line[1:] for line in lines if line.startswith("!")]


def command_of(start: str) -> list[list[str]]:
    """The commands of the RUN line that begins so, each as words."""
    text = CONTAINERFILE.replace("\\\n", " ")
    (found,) = [line for line in text.splitlines() if line.startswith(f"RUN {start}")]
    return [shlex.split(part) for part in found[4:].split("&&")]


def environment() -> dict[str, str]:
    """What the image sets for its processes."""
    block = CONTAINERFILE.replace("\\\n", " ").rpartition("ENV PATH")[2]
    named = re.findall(r"([A-Z_]+)=(\S+)", block.partition("\n")[0])
    return {name: text for name, text in named if name not in ("PATH", "HOME")}


@pytest.fixture(scope="module")
def tree() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    folder.chmod(0o755)
    app = folder / "app"
    leave = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in taken_in():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, app / name, ignore=leave)
        else:
            shutil.copy(ROOT / name, app / name)
    for words in command_of("SECRET_KEY=build"):
        run_in(app, words)
    subprocess.run(["/bin/chmod", "-R", "a-w,a+rX", str(app)], check=True)
    yield app
    subprocess.run(["/bin/chmod", "-R", "u+w", str(folder)], check=True)
    shutil.rmtree(folder)


def run_in(app: Path, words: list[str]) -> None:
    given = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    program = [
        sys.executable if word == ".venv/bin/python" else word
        for word in words
        if not re.match(r"[A-Z_]+=", word)
    ]
    if program[0] == "rm":
        program = ["/bin/sh", "-c", shlex.join(program).replace("'", "")]
    if ".venv" in program:
        program.remove(".venv")
    subprocess.run(
        program, cwd=app, env={"PATH": "/usr/bin:/bin", **given}, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def started(tree: Path, folder: Path, *command: str, **more: str) -> Iterator[Path]:
    """A process of the image; yields its log."""
    as_other = [
        "/usr/bin/setpriv",
        f"--reuid={UID}",
        f"--regid={UID}",
        "--clear-groups",
    ]
    writable = folder / "tmp"
    writable.mkdir(exist_ok=True)
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(writable, UID, UID)
    log = folder / f"{command[0]}-{command[1]}.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            [*(as_other if is_root else []), sys.executable, *command],
            cwd=tree,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(writable),
                "TMPDIR": str(writable),
                "SECRET_KEY": "x" * 50,
                "CREDENTIAL_KEYS_FILE": str(folder / "credential_keys"),
                "DATABASE_URL": database_url(),
                "REDIS_PREFIX": "procurement-test",
                **environment(),
                **more,
            },
            stdout=output,
            stderr=output,
        )
    try:
        yield log
    finally:
        running.terminate()
        assert running.wait(timeout=30) in (0, -15), log.read_text()
        print(log.read_text())


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="image-run-"))
    made.chmod(0o755)
    (made / "credential_keys").write_text(f"{secrets.token_urlsafe(48)}\n")
    yield made
    shutil.rmtree(made)


def test_the_image_serves_and_works_without_writing_anywhere(
    tree: Path, folder: Path, transactional_db: None
) -> None:
    if database_url().startswith("sqlite"):
        pytest.skip("its database belongs to whoever runs the tests")
    before = listed(tree)
    port = free_port()
    bind = f"127.0.0.1:{port}"
    with started(tree, folder, "-m", "gunicorn", "procurement.wsgi", WEB_BIND=bind):
        page = wait_until("it serves", lambda: ask(port, "/admin/login/"))
        # Static files were collected at build time: their names carry what is in them.
        sheets = re.findall(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
        assert sheets
        assert ask(port, sheets[0])
    with started(
        *(tree, folder, "manage.py", "worker"),
        WORKER_ALIVE_FILE=str(folder / "tmp" / "worker-alive"),
    ):
        wait_until("it works", Heartbeat.objects.exists)
        assert (folder / "tmp" / "worker-alive").exists()
    assert listed(tree) == before
    if os.geteuid() == 0:
        # Everything it wrote is its own, so it ran as somebody who may do nothing else.
        assert {path.stat().st_uid for path in (folder / "tmp").iterdir()} == {UID}


def listed(tree: Path) -> set[str]:
    return {str(path.relative_to(tree)) for path in tree.rglob("*")}


def ask(port: int, path: str) -> str:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}{path}", timeout=20)
    except requests.ConnectionError:
        return ""
    assert answer.status_code == 200, answer.text
    return answer.text


def test_nothing_of_this_machine_gets_into_the_image(tree: Path) -> None:
    names = {path.name for path in tree.iterdir()}
    assert not {"tests", ".env", ".git", "docs-private"} & names
    assert not list(tree.glob("var/*.sqlite3*"))
    assert not fnmatch.filter(listed(tree), "*.env")


def test_the_image_is_made_of_pinned_parts() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert len(set(bases)) == 1
    assert re.search(r":\d+\.\d+-", bases[0])
    assert "--require-hashes" in CONTAINERFILE
    assert re.findall(r"^CMD (.*)$", CONTAINERFILE, re.MULTILINE) == [
        '["gunicorn", "procurement.wsgi"]'
    ]
    assert UID > 0
