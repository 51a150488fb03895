#!/usr/bin/env python3
"""server_tester.py BASE USER PASSWORD: caldav-server-tester finds full support, or what is declared.

Run by the Python of an environment with `caldav-server-tester`. One check a feature that the tester
looked at, then one that no declared difference is out of date.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import declared
from checks import Checks

FOUND = re.compile(r"^## (\S+)\nFeature support level found: (\S+)(?:\nExtra check information:\n((?:  .*\n)*))?", re.M)


def main():
    base, user, password = sys.argv[1:4]
    program = Path(sys.executable).parent / "caldav-server-tester"
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [program, "--caldav-url", base, "--caldav-username", user, "--caldav-password", password,
             "--format", "text", "--verbose"],
            capture_output=True, text=True, timeout=500, env={"HOME": home, "PATH": "/usr/bin:/bin"})
    checks = Checks()
    checks.check("the tester ends well", done.returncode == 0, done.stderr[-400:])
    levels = {}
    for name, level, more in FOUND.findall(done.stdout):
        if level == "?":  # An observation about the account, not a level of support.
            continue
        levels[name] = level
        checks.check(f"{name}: {declared.support(name)}", level == declared.support(name), f"{level}: {more.strip()}")
    stale = [name for name in declared.DIFFERENCES if name not in levels]
    checks.check("every declared difference was looked at", not stale, stale)
    full = sum(level == "full" for level in levels.values())
    print(f"{full} of {len(levels)} features full, {len(declared.DIFFERENCES)} differences declared")
    checks.close()


if __name__ == "__main__":
    main()
