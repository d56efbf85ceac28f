"""The vendors the sandbox stands in for; a further one is one more entry here."""

from vendors.sandbox.di import Di
from vendors.sandbox.eet import Eet
from vendors.sandbox.extend import Extend
from vendors.sandbox.kvik import Kvik
from vendors.sandbox.simutek import Simutek
from vendors.sandbox.vendor import Vendor

VENDORS: tuple[type[Vendor], ...] = (Eet, Kvik, Di, Simutek, Extend)
