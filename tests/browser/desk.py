"""A person at a browser: what they open, press and read."""

import os
import re
import shutil
import time
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Playwright

ORDERS = "/admin/orders/purchaseorder/"
NEW_ORDER = f"{ORDERS}add/"
REFUSALS = ("Content Security Policy", "Permissions policy", "Alpine Expression Error")
"""What the console says of a page that does what it may not."""
DESK_WIDTH, PHONE_WIDTH = 1440, 390


def chromium_path() -> str:
    """Where Chromium is; empty if it is not there."""
    return (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or ""
    )


def start_chromium(playwright: Playwright) -> Browser:
    """Start one without a window, that calls nobody of its own accord."""
    return playwright.chromium.launch(
        executable_path=chromium_path(),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    )


class Desk:
    """A browser with cookies of its own, at the pages of one installation.

    `errors` are those the console showed, `foreign` the addresses on other machines
    that a page asked for, `refused` what a page tried against its policy, and scripts
    of ours that broke.
    """

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        *,
        width: int = DESK_WIDTH,
        is_dark: bool = False,
    ) -> None:
        self.context = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": 900 if width == DESK_WIDTH else 844},
            color_scheme="dark" if is_dark else "light",
        )
        self.context.set_default_timeout(10_000)
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.refused: list[str] = []
        self.context.on("weberror", lambda error: self._note_broken(str(error.error)))
        self.context.on("console", self._note_error)
        self.context.on("request", lambda request: self._note_foreign(request.url))
        self.page = self.context.new_page()

    def _note_error(self, message: ConsoleMessage) -> None:
        said = f"{message.text} ({message.location['url']})"
        if message.type == "error":
            self.errors.append(said)
        if any(word in message.text for word in REFUSALS):
            self.refused.append(said)

    def _note_broken(self, error: str) -> None:
        self.errors.append(error)
        self.refused.append(error)

    def _note_foreign(self, address: str) -> None:
        url = urlsplit(address)
        if url.scheme not in ("data", "blob") and url.hostname != "127.0.0.1":
            self.foreign.append(address)

    # --- getting about ---

    def log_in(self, username: str, password: str) -> None:
        self.open("/admin/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.locator("#user-tools, .page-foot").first.wait_for()

    def open(self, address: str) -> None:
        self.page.goto(address)

    def link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=text)

    def menu(self, title: str) -> Locator:
        """An entry of the side bar, with or without its badge."""
        return self.page.locator("#nav-sidebar").get_by_role("link", name=title)

    def button(self, label: str) -> Locator:
        return self.page.get_by_role("button", name=label, exact=True)

    def reload_until(self, shown: Locator, seconds: float = 40) -> None:
        """Reload until it is there, as somebody does who waits for news."""
        give_up_at = time.monotonic() + seconds
        while not shown.count():
            if time.monotonic() > give_up_at:
                page = self.page.locator("body").inner_text()
                raise AssertionError(f"{shown} never came; this did:\n{page}")
            self.page.wait_for_timeout(200)
            self.page.reload()

    # --- the form of an order ---

    def line_field(self, index: int, name: str) -> Locator:
        return self.page.locator(f"#id_lines-{index}-{name}")

    def type_line(self, index: int, **values: str) -> None:
        for name, value in values.items():
            self.line_field(index, name).fill(value)

    def type_address(self) -> None:
        address = {
            "Name": "Verkstad Nord",
            "Street": "Provgatan",
            "Street number": "4",
            "Zip code": "90320",
            "City": "Umea",
            "Country code": "SE",
        }
        for label, value in address.items():
            self.page.get_by_label(label, exact=True).fill(value)

    # --- the screen that approves an order ---

    def approve(self) -> None:
        """Press the button that says the amount."""
        self.page.get_by_role("button", name=re.compile(r"^Approve \d")).click()

    # --- the page of an order ---

    @property
    def head(self) -> Locator:
        """The row of badges above everything, with the number and the total."""
        return self.page.locator(".order-head").first

    def badge(self, text: str) -> Locator:
        return self.head.locator(".badge").get_by_text(text, exact=True)

    def unfold_what_cannot_be_done(self) -> None:
        self.page.get_by_text("What can't be done now, and why").click()

    @property
    def timeline(self) -> Locator:
        return self.page.locator(".timeline li")

    def happened(self) -> list[str]:
        """The titles of the timeline, oldest first."""
        return self.timeline.locator("div:first-child > b").all_inner_texts()[::-1]
