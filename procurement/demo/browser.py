"""A person in the admin, for what is done on screens alone."""

import re
from typing import Any
from urllib.parse import urljoin

import requests

from procurement.demo.installation import Broken

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """A session with its cookies; every form is sent with the token of its page."""

    def __init__(self, base_url: str, username: str, password: str) -> None:
        self._base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False
        self.send(
            "/admin/login/", "/admin/login/", username=username, password=password
        )

    def open(self, path: str) -> str:
        return self._checked(self._session.get(self._url(path), timeout=60)).text

    def send(
        self, page: str, action: str, *, files: Any = None, **fields: str
    ) -> requests.Response:
        """Fill in a form of a page and send it; redirects are followed."""
        shown = self.open(page)
        token = _TOKEN.search(shown)
        if token:
            fields["csrfmiddlewaretoken"] = token[1]
        return self._checked(
            self._session.post(
                self._url(action),
                data=fields,
                files=files,
                headers={"Referer": self._url(page)},
                timeout=60,
            )
        )

    def _url(self, path: str) -> str:
        return urljoin(self._base_url, path)

    def _checked(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            raise Broken(f"{answer.url}: {answer.status_code}")
        return answer


def first(pattern: str, text: str, what: str) -> str:
    """The first group of a pattern in a page.

    Raises:
        Broken: it is not there.
    """
    found = re.search(pattern, text)
    if found is None:
        raise Broken(f"The page shows no {what}.")
    return found[1]
