"""Counts what a client could do: one line a check, `N of M` at the end."""

import sys
import time


class Checks:
    """The checks of one run, printed as they are made."""

    def __init__(self):
        self.passed = self.made = 0

    def check(self, name, good, seen=""):
        """Notes whether something holds; `seen` is shown when it does not."""
        self.made += 1
        self.passed += bool(good)
        print(f"ok    {name}" if good else f"FAIL  {name}  {str(seen)[:400]}", flush=True)
        return bool(good)

    def step(self, name, function, *arguments):
        """Does something that must give a value other than `None` and `False`; gives that value."""
        try:
            value = function(*arguments)
        except Exception as error:  # Whatever a client throws is what this check is about.
            self.check(name, False, f"{type(error).__name__}: {error}")
            return None
        self.check(name, value is not None and value is not False, repr(value))
        return value

    def close(self):
        """Prints `N of M` and ends the program: 0 when nothing failed and something was checked."""
        print(f"{self.passed} of {self.made}", flush=True)
        sys.exit(0 if 0 < self.made == self.passed else 1)


def until(holds, seconds=30.0, between=0.2):
    """What `holds` gives as soon as that counts as true, else its last value."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = holds()
        except Exception:  # Not there yet is what most clients say by throwing.
            value = None
        if value or time.monotonic() > deadline:
            return value
        time.sleep(between)
