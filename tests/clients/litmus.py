#!/usr/bin/env python3
"""litmus.py BASE USER PASSWORD [COLLECTION]: litmus, the WebDAV suite, on a collection of plain files.

Needs Debian's litmus. Locks (class 2) are not claimed by the server and not looked at. COLLECTION is
relative to BASE and `files/` unless named; litmus works in a collection of its own below it.
"""

import os
import re
import subprocess
import sys
import tempfile
from urllib.parse import urljoin

from account import Account
from checks import Checks

SUITES = ["basic", "copymove", "props", "http"]
LINE = re.compile(r"^ *(?:\d+\. (\w+))?\.* (pass|FAIL|SKIPPED|WARNING)(.*)$")


def main():
    base, user, password = sys.argv[1:4]
    url = urljoin(base, sys.argv[4] if len(sys.argv) > 4 else "files/")
    checks, account = Checks(), Account(base, user, password)
    for suite in SUITES:
        account.delete(urljoin(url, "litmus/"))
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ["litmus", "-k", url, user, password], cwd=folder, capture_output=True, text=True, errors="replace",
                timeout=180, check=False, env={**os.environ, "TESTS": suite, "HTDOCS": "/usr/share/litmus/htdocs"})
        read(checks, suite, done.stdout)
    account.delete(urljoin(url, "litmus/"))
    checks.close()


def read(checks, suite, text):
    """One check for each test, and one that the suite came to its end; a warning comes before its result."""
    warned = ""
    for line in re.sub(r"[^\n]*\r", "", text).split("\n"):
        if not (seen := LINE.match(line)):
            continue
        name, result, more = seen.groups()
        if result == "WARNING":
            warned = name
            print(f"warn  {suite}: {name}{more}")
        elif result == "SKIPPED":
            print(f"skip  {suite}: {name}{more}")
        else:
            checks.check(f"{suite}: {name or warned}", result == "pass", result + more)
    checks.check(f"{suite}: came to its end", "<- summary" in text, text[-300:])


if __name__ == "__main__":
    main()
