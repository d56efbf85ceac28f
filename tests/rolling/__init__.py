"""One machine after the other restarted while clients work: `make rolling`, docs/deploy.md."""
