#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from procurement import VERSION

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
    if sys.argv[1:] == ["version"]:
        # Django answers this word with a version of its own, before it looks for ours.
        print(f"procurement {VERSION}")
    else:
        execute_from_command_line(sys.argv)
