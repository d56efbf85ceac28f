"""Fails where too few lines of what must not break are run by the fast tests.

What that is stands in `pyproject.toml`: measuring all there is would make the run half
as long again.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from coverage import Coverage

FLOOR = 95.0


def main() -> int:
    data = Coverage()
    data.load()
    root = Path.cwd()
    files = [Path(name) for name in data.get_data().measured_files()]
    groups: dict[str, list[Path]] = {
        "vendors/": [f for f in files if f.is_relative_to(root / "vendors")]
    }
    for name in files:
        if not name.is_relative_to(root / "vendors"):
            groups[str(name.relative_to(root))] = [name]
    is_good = True
    for title, members in sorted(groups.items()):
        percent = covered(data, members)
        if percent < FLOOR:
            is_good = False
            print(f"Too few lines of {title} are run: {percent:.1f} % of {FLOOR} %")
            for member in members:
                _, _, _, missing, _ = data.analysis2(str(member))
                if missing:
                    print(f"  {member.relative_to(root)}: {missing}")
        elif len(members) > 1:
            print(f"{title}: {percent:.1f} % of the lines are run")
    return 0 if is_good else 1


def covered(data: Coverage, files: Iterable[Path]) -> float:
    lines = missed = 0
    for name in files:
        _, statements, _, missing, _ = data.analysis2(str(name))
        lines += len(statements)
        missed += len(missing)
    return 100 * (lines - missed) / max(lines, 1)


if __name__ == "__main__":
    sys.exit(main())
