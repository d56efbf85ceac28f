"""Runs the demo: `python -m procurement.demo [--once]`."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from procurement.demo.desk import Row
from procurement.demo.installation import ROOT, USERNAME, Broken, Installation
from procurement.demo.story import tell_story


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m procurement.demo")
    parser.add_argument(
        "--once", action="store_true", help="end after the table instead of serving"
    )
    once = parser.parse_args().once
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    try:
        return _run(Installation(), once)
    except Broken as trouble:
        print(f"The demo could not start: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _end(signum: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C, so that no process of ours is left behind."""
    raise KeyboardInterrupt


def _run(installation: Installation, once: bool) -> int:
    print("Starting database, sandbox, web server and worker …", flush=True)
    with installation.running():
        keys = json.loads(
            installation.manage(
                "prepare_demo",
                # In one word each: a password may begin with a hyphen.
                f"--username={USERNAME}",
                f"--password={installation.password}",
            )
        )
        path = installation.keep_keys(keys)
        _print_row("Vendor", "Step", "What happened")
        _print_row("-" * 6, "-" * 26, "-" * 60)
        is_good = tell_story(installation, keys, _print)
        _print_where(installation, path)
        if not once:
            print("\nServing until Ctrl-C.", flush=True)
            while True:
                time.sleep(3600)
    return 0 if is_good else 1


def _print(row: Row) -> None:
    _print_row(row.vendor, row.step, row.answer)


def _print_row(vendor: str, step: str, answer: str) -> None:
    print(f"{vendor:<8} {step:<28} {answer}", flush=True)


def _print_where(installation: Installation, keys: Path) -> None:
    print(
        f"\nAdmin    {installation.web_url}/admin/   "
        f"login {USERNAME} / {installation.password}\n"
        f"         the same password for bea.buyer, anna.approver, olle.operator\n"
        f"REST     {installation.web_url}/api/docs/   keys in {_short(keys)}, "
        f"for docs/api/first-order.md\n"
        f"Sandbox  {installation.sandbox_url}/_sandbox/",
        flush=True,
    )


def _short(path: Path) -> Path:
    """From the folder the demo is started in, where it lies below it."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    sys.exit(main())
