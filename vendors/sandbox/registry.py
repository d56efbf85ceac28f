"""The vendors the sandbox stands in for; a further one is one more entry here."""

from vendors.sandbox.eet import Eet
from vendors.sandbox.extend import Extend
from vendors.sandbox.vendor import Vendor

VENDORS: tuple[type[Vendor], ...] = (Eet, Extend)
