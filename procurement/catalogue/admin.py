"""The screens of the catalogue."""

from procurement.catalogue.admin_files import PriceFileAdmin
from procurement.catalogue.admin_items import SupplierItemAdmin

__all__ = ["PriceFileAdmin", "SupplierItemAdmin"]
