"""One machine after the other restarted under load: docs/deploy.md."""
