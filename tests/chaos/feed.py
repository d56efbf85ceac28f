"""A reader of the event feed, as an ERP would be one: it must see each event once.

It counts the events of orders; those of suppliers come in the same pages.
"""

import threading

from tests.chaos.rest import Client, GaveUp

PAGE_SIZE = 200
PAUSE_SECONDS = 2.0


class Reader:
    """Follows `events/` from the first event on, while everything else goes on."""

    def __init__(self, client: Client) -> None:
        self.ids: list[int] = []
        self.stop = threading.Event()
        self._client, self._cursor = client, ""

    def work(self) -> None:
        while not self.stop.wait(PAUSE_SECONDS):
            try:
                self.read_on()
            except GaveUp:
                continue

    def read_on(self) -> None:
        """Read until there is no more for now."""
        while not self.stop.is_set():
            if not self.read_page():
                return

    def read_page(self) -> bool:
        """Read one page; say whether there is another."""
        after = f"&after={self._cursor}" if self._cursor else ""
        page = self._client.get(f"events/?page_size={PAGE_SIZE}{after}").body
        self.ids += [
            int(event["id"].removeprefix("order-"))
            for event in page["results"]
            if event["subject"]["type"] == "order"
        ]
        self._cursor = page["cursor"]
        return bool(page["next"])

    def faults(self, expected: list[int], there: list[int]) -> list[str]:
        """What it missed, saw twice, or saw out of order.

        Args:
            expected: ids that were there before it read for the last time.
            there: all ids there are now.
        """
        found = []
        if self.ids != sorted(self.ids):
            found.append("the feed went backwards")
        if len(set(self.ids)) != len(self.ids):
            found.append(f"{len(self.ids) - len(set(self.ids))} events came twice")
        if missed := set(expected) - set(self.ids):
            found.append(f"{len(missed)} events were never shown: {sorted(missed)[:5]}")
        if ghosts := set(self.ids) - set(there):
            found.append(f"{len(ghosts)} events were shown and are gone")
        return found
