"""Starts one process that outlives its starter, and prints its pid; run as a script.

The process gets a session of its own and, since this script then ends, init for parent: it is
never anybody's zombie and no terminal's signal reaches it.
"""

import json
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Read `{argv, env, log, user, folder}` on standard input; start it, output to the log."""
    order = json.load(sys.stdin)
    user = {"user": order["user"], "group": order["group"], "extra_groups": []}
    with Path(order["log"]).open("ab") as log:
        process = subprocess.Popen(
            order["argv"],
            env=order["env"],
            cwd=order["folder"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **(user if order["user"] is not None else {}),
        )
    sys.stdout.write(str(process.pid))


if __name__ == "__main__":
    main()
