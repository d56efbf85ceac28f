"""What the installation writes down of itself as it goes: lines, ids, error reports."""
