#!/usr/bin/env python3
"""python_caldav.py BASE USER PASSWORD SOURCES: python-caldav's own tests against the server, strict.

SOURCES is its source distribution, which holds the tests; run by the Python of an environment with
`caldav`, `caldav-server-tester`, `pytest` and `pytest-asyncio`. The server's features are taken for
full but for the declared differences, so that every other deviation is a failure, and so is a
declared difference that is none.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import declared
from checks import Checks

TESTS = ["tests/test_caldav.py", "tests/test_async_integration.py"]
RESULT = re.compile(r"^(\S+::\S+)\s+(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)", re.M)
REASON = re.compile(r"^(?:FAILED|ERROR) [^:\s]+::(\S+) - (.*)$", re.M)


def main():
    base, user, password, sources = sys.argv[1:5]
    from caldav.compatibility_hints import FeatureSet

    server = {"type": "external", "enabled": True, "url": base, "username": user, "password": password,
              "features": declared.as_features(FeatureSet.FEATURES)}
    off = {"type": "embedded", "enabled": False}
    with tempfile.TemporaryDirectory() as home:
        settings = Path(home) / ".config/caldav/test_servers.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"test-servers": {"radicale": off, "xandikos": off, "moisson": server}}))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-v", "-rfE", "--tb=line", "-p", "no:cacheprovider",
             "-o", "asyncio_default_fixture_loop_scope=function", "-o", "filterwarnings=default", "-k", "moisson",
             *TESTS],
            cwd=sources, capture_output=True, text=True, timeout=580,
            env={"HOME": home, "PATH": "/usr/bin:/bin", "COLUMNS": "400", "PYTHONDONTWRITEBYTECODE": "1",
                 "PYTHON_CALDAV_TEST_DOCKER": "0", **({"TZ": os.environ["TZ"]} if "TZ" in os.environ else {})})
    reasons = dict(REASON.findall(done.stdout))
    checks = Checks()
    for name, result in RESULT.findall(done.stdout):
        test = name.partition("::")[2]
        if result == "SKIPPED":
            print(f"skip  {test}")
        else:
            checks.check(test, result == "PASSED", reasons.get(test, result))
    checks.check("pytest ends well", done.returncode == 0, done.stdout.strip().rpartition("\n")[2].strip("= ") + done.stderr[-400:])
    checks.close()


if __name__ == "__main__":
    main()
