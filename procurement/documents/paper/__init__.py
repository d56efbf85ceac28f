"""An order as a printed page: what it says, how it looks, and the file."""
