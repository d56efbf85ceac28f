"""A demo installation while it runs: every secret it has, and all that it shows."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import requests

from procurement.demo.installation import USERNAME, Installation
from tests.secrecy.hunting import Secret, pair

MOST_PAGES = 150


class Estate:
    def __init__(self, installation: Installation, keys: dict[str, str]) -> None:
        self.installation = installation
        self.keys = keys

    # --- what is secret -------------------------------------------------------------

    def secrets(self) -> Iterator[Secret]:
        of_ours = self.installation.secrets
        for name, text in of_ours.items():
            for part in text.split(","):
                yield Secret(name, part)
        yield pair("basic pair", USERNAME, of_ours["DEMO_PASSWORD"])
        for name, key in self.keys.items():
            yield Secret(f"API key of {name}", key)
            yield Secret(f"API key of {name}", key.partition(".")[2])
        yield from self._of_suppliers()
        yield from self._of_sessions()

    def _of_suppliers(self) -> Iterator[Secret]:
        """What the product itself has stored encrypted, opened with its own keys."""
        program = (
            "import json; from procurement import secretplaces as p;"
            "from procurement.secrets import decrypt;"
            "print(json.dumps([[place.name, decrypt(s.text)] for place in"
            " p.all_places() for s in place.texts(place.page(None, 10000))]))"
        )
        printed = self.installation.manage("shell", "--verbosity", "0", "-c", program)
        for place, text in json.loads(printed.splitlines()[-1]):
            if not place.endswith("credentials"):
                yield Secret(place, text)
                continue
            found = json.loads(text)
            for name, value in found.items():
                if name not in ("username", "client_id"):
                    yield Secret(f"{place}.{name}", value)
            users = [found.get("username"), found.get("client_id")]
            words = [found.get("password"), found.get("client_secret")]
            for user, word in zip(users, words, strict=True):
                if user and word:
                    yield pair(f"{place}: basic pair", user, word)

    def _of_sessions(self) -> Iterator[Secret]:
        for (key,) in self._rows("select session_key from django_session"):
            yield Secret("session key", key)

    # --- where they might be --------------------------------------------------------

    def tables(self) -> Iterator[tuple[str, str]]:
        names = self._rows("select name from sqlite_master where type = 'table'")
        for (table,) in names:
            for row in self._rows(f'select * from "{table}"'):  # noqa: S608
                yield f"table {table}", " ".join(map(_text, row))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        path = self.installation.home / "db.sqlite3"
        with closing(sqlite3.connect(path, timeout=20)) as database:
            return database.execute(query).fetchall()

    def files(self) -> Iterator[tuple[str, str]]:
        """Everything the run wrote, but its database, whose tables are read as such."""
        for path in sorted(self.installation.home.rglob("*")):
            if path.is_file() and not path.name.startswith("db.sqlite3"):
                yield f"file {path.name}", path.read_bytes().decode(errors="replace")

    def command_lines(self) -> Iterator[tuple[str, str]]:
        """As everybody on the machine can read them."""
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(self.installation.home).encode() in environment:
                yield f"ps {entry.name}", words.decode(errors="replace")

    def answers(self) -> Iterator[tuple[str, str]]:
        """Pages an administrator reaches by links, REST for every key, and the rest."""
        yield from self._pages()
        for name, key in self.keys.items():
            for path in ("orders/", "suppliers/", "vendors/", "shops/", "customers/"):
                yield self._call(f"/api/v1/{path}", key, name)
            yield self._call("/api/v1/events/?after=", key, name)
            yield self._call("/api/v1/webhook-endpoints/", key, name)
        for path in ("/readyz", "/healthz", "/metrics", "/api/schema/", "/nowhere/"):
            answer = requests.get(f"{self.installation.web_url}{path}", timeout=30)
            yield f"GET {path}", _whole(answer)

    def _call(self, path: str, key: str, name: str) -> tuple[str, str]:
        answer = requests.get(
            f"{self.installation.web_url}{path}",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )
        return f"GET {path} with the key of {name}", _whole(answer)

    def _pages(self) -> Iterator[tuple[str, str]]:
        session = self._login()
        seen, waiting = set(), ["/admin/"]
        while waiting and len(seen) < MOST_PAGES:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            answer = session.get(f"{self.installation.web_url}{path}", timeout=60)
            text = _whole(answer)
            yield f"GET {path}", text
            found = re.findall(r'href="((?:/admin/)[^"#]*)"', text)
            waiting += [each for each in found if _is_worth_it(each, seen)]

    def _login(self) -> requests.Session:
        session = requests.Session()
        address = f"{self.installation.web_url}/admin/login/"
        token = re.search(
            r'name="csrfmiddlewaretoken" value="([^"]+)"',
            session.get(address, timeout=30).text,
        )
        assert token
        session.post(
            address,
            data={
                "csrfmiddlewaretoken": token[1],
                "username": USERNAME,
                "password": self.installation.password,
            },
            timeout=30,
        )
        return session


def _is_worth_it(path: str, seen: set[str]) -> bool:
    """One page of each kind and a few of its siblings; nothing that acts."""
    if path in seen or "logout" in path or "?" in path:
        return False
    kind = re.sub(r"[0-9a-f-]{8,}|\d+", "N", path)
    return sum(re.sub(r"[0-9a-f-]{8,}|\d+", "N", each) == kind for each in seen) < 2


def _whole(answer: requests.Response) -> str:
    # Its own cookies go back to the one who holds them.
    names = {"set-cookie"}
    headers = [f"{k}: {v}" for k, v in answer.headers.items() if k.lower() not in names]
    return "\n".join([*headers, answer.content.decode(errors="replace")])


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value)
