"""The installation that the guides speak of, running."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from procurement.demo.installation import USERNAME, Installation
from procurement.demo.stories.extend import ACCOUNT


class Demo:
    """A demo without its stories, and a folder as its guides find it."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.folder = folder
        self.keys: dict[str, str] = json.loads(
            installation.manage(
                "prepare_demo",
                f"--username={USERNAME}",
                f"--password={installation.password}",
            )
        )
        installation.keep_keys(self.keys)

    def connect_extend(self) -> None:
        quick = {"calls_per_minute": 0, "calls_at_once": 0}
        options = {**ACCOUNT["options"], **quick}  # type: ignore[dict-item]
        address = f"{self.installation.sandbox_url}/extend/RESTAPI"
        answer = requests.post(
            f"{self.installation.web_url}/api/v1/suppliers/",
            json={**ACCOUNT, "base_url": address, "options": options},
            headers={"Authorization": f"Bearer {self.keys['set-up']}"},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text

    def environment(self) -> dict[str, str]:
        """Of a shell in the folder; what the demo's own processes get stays theirs."""
        return {
            "HOME": str(self.folder),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def exported(self) -> dict[str, str]:
        """The variables of `keys.env`."""
        lines = (self.installation.home / "keys.env").read_text().splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines)


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    home = folder / "var" / "demo"
    installation = Installation(home)
    with installation.running():
        demo = Demo(installation, folder)
        demo.connect_extend()
        yield demo
