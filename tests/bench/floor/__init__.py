"""The floor: a bare Django admin and a bare REST API over the product's tables."""
