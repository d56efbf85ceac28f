"""People at the admin while everything restarts: pages, and a button that waits."""

import re
import time
from collections.abc import Callable

import requests

from tests.soak.wire import Book

PAGES = (
    "/admin/",
    "/admin/orders/purchaseorder/",
    "/admin/suppliers/supplier/",
    "/admin/orders/purchaseorder/?q=PO-",
)
LOOK_SECONDS = 0.15
SECONDS = 60


class Person:
    """Logged in with a session, as a browser is."""

    def __init__(self, port: int, username: str, password: str, book: Book) -> None:
        self._base, self._book = f"http://127.0.0.1:{port}", book
        self._session = requests.Session()
        self._log_in(username, password)

    def _log_in(self, username: str, password: str) -> None:
        path = f"{self._base}/admin/login/"
        page = self._session.get(path, timeout=SECONDS).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:300]
        answer = self._session.post(
            path,
            {
                "username": username,
                "password": password,
                "csrfmiddlewaretoken": found[1],
                "next": "/admin/",
            },
            headers={"Referer": path},
            timeout=SECONDS,
        )
        assert "Log out" in answer.text or "logout" in answer.text, answer.text[:300]

    def work(self, is_over: Callable[[], bool]) -> None:
        """Look at one page after the other."""
        turn = 0
        while not is_over():
            self._look("page", PAGES[turn % len(PAGES)])
            turn += 1
            time.sleep(LOOK_SECONDS)

    def _look(self, name: str, path: str) -> None:
        began = time.perf_counter()
        try:
            answer = self._session.get(
                self._base + path, timeout=SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            self._book.error(f"{name} {path}: {error!r}")
            return
        self._book.took(name, time.perf_counter() - began)
        if answer.status_code != 200:
            self._book.error(f"{name} {path}: {answer.status_code} {answer.text[:200]}")
