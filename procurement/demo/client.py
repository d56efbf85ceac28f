"""REST as another system speaks it: a base address, a key, JSON."""

import time
from collections.abc import Callable
from typing import Any

import requests

from procurement.demo.installation import Broken


class Client:
    """Calls one address with one key; an error answer ends the demo's step."""

    def __init__(self, base_url: str, key: str = "") -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, **params: Any) -> Any:
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Any = None) -> Any:
        return self._call("POST", path, json=body or {})

    def patch(self, path: str, body: Any) -> Any:
        return self._call("PATCH", path, json=body)

    def _call(self, method: str, path: str, **extra: Any) -> Any:
        answer = self._session.request(
            method, f"{self._base_url}{path}", timeout=60, **extra
        )
        if not answer.ok:
            raise Broken(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json() if answer.content else None


def wait_for(what: str, look: Callable[[], Any], *, seconds: float = 90) -> Any:
    """Look until something is there.

    Raises:
        Broken: it did not come in time.
    """
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        if found := look():
            return found
        time.sleep(0.25)
    raise Broken(f"Waited {seconds:.0f} s in vain for {what}.")
