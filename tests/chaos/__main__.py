"""`python -m tests.chaos`: one run, its verdict as the exit code."""

import argparse
import json
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos.processes import ROOT, Broken
from tests.chaos.run import Options, Run
from tests.chaos.verdicts import FATAL

RESULTS = ROOT / "var" / "chaos"


def main() -> int:
    options = read_options()
    print(f"Seed {options.seed}: {vars(options)}", flush=True)
    # Told to stop, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        result = Run(options, folder).go()
    except Broken as broken:
        print(f"{broken}\nLogs: {folder}\nSeed {options.seed}", file=sys.stderr)
        return 2
    found = dict.fromkeys(FATAL, 0)
    for finding in result["findings"]:
        found[finding["kind"]] += 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{options.database}-{options.seed}.json"
    path.write_text(json.dumps(result, indent=1, default=str, ensure_ascii=False))
    is_good = not any(found.values())
    print(", ".join(f"{kind} {count}" for kind, count in found.items()))
    if is_good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"Logs and evidence: {folder}")
    print(
        f"Written to {path}\nSeed {options.seed}: {'passed' if is_good else 'FAILED'}"
    )
    return 0 if is_good else 1


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--database", choices=("postgres", "sqlite"), default="postgres"
    )
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    # Several workers want a database for several machines.
    workers = 1 if given.database == "sqlite" else given.workers
    return Options(**{**vars(given), "seed": seed, "workers": workers})


if __name__ == "__main__":
    sys.exit(main())
