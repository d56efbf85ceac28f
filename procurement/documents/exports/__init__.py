"""Orders and their lines as tables for spreadsheets, made in the background."""
