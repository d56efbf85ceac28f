"""The description of the REST API as one document, and the pages about it."""
