"""`python -m tests.rolling.activated FD PROGRAM ...`: started as systemd starts a
service whose socket it holds: the socket as descriptor 3, and so told."""

import os
import sys

FIRST = 3


def main() -> None:
    given, program = int(sys.argv[1]), sys.argv[2:]
    if given == FIRST:
        os.set_inheritable(FIRST, True)
    else:
        os.dup2(given, FIRST)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main()
