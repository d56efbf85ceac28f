"""Price files: taken in, read, judged, and taken over or discarded."""
