#!/usr/bin/env python3
"""due.py BASE USER PASSWORD: what the server makes of the household's bills is seen by khal and Thunderbird.

Run by the Python of an environment with vdirsyncer and khal. The calendar may only be read: what a
client writes there is refused, and what it shows is what the server has.
"""

import re
import sys
import tempfile
import time
from pathlib import Path

from account import Account, calendar, event
from checks import Checks
from marionette import Program
from thunderbird import SETTINGS, shown
from vdirsyncer import REPLICA, Replica

MOST_TITLES = 8


def main():
    checks, account = Checks(), Account(*sys.argv[1:4])
    due = account.home("calendar") + "due/"
    wait_for(account, due)
    titles = sorted({title_of(account.get(one)) for one in account.members(due)})[:MOST_TITLES]
    checks.check("something is due", titles, due)
    checks.check("nothing can be written there", account.put(due + "own.ics", calendar(event("own", "Own"))) == 403)
    checks.check("nor deleted", account.delete(account.members(due)[0]) == 403)
    in_khal(checks, account, titles)
    in_thunderbird(checks, account, titles)
    checks.close()


def wait_for(account, url):
    """It is made from the views a moment after the start."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return account.members(url)
        except RuntimeError:
            time.sleep(0.2)


def in_khal(checks, account, titles):
    with tempfile.TemporaryDirectory() as folder:
        replica = Replica(folder, "reader", account, agenda="due")
        settings = replica.folder / "vdirsyncer"
        only_calendars = REPLICA.partition("[pair book]")[0].replace('type = "caldav"', 'type = "caldav"\nread_only = true')
        settings.write_text(only_calendars.format(folder=replica.folder, agenda="due", base=account.base, user=account.user,
                                                  password=account.password))
        checks.check("vdirsyncer finds the calendar", *replica.run("vdirsyncer", "-v", "ERROR", "discover", answers="y\n" * 5))
        checks.step("and reads it", replica.sync)
        good, said = replica.khal("list", "2020-01-01", "7300d")
        checks.check("khal lists it", good, said)
        for title in titles:
            checks.check(f"khal shows {title!r}", title in said, said)


def in_thunderbird(checks, account, titles):
    program = Program(["thunderbird"], SETTINGS)
    try:
        program.load((Path(__file__).parent / "thunderbird.js").read_text(encoding="utf-8"))
        program.call("login", account.base, account.user, account.password)
        shown(checks, program, account, titles)
    finally:
        program.close()


def title_of(text):
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    return re.search(r"^SUMMARY[^:]*:(.*?)\r?$", unfolded, re.M).group(1).replace("\\,", ",").replace("\\;", ";")


if __name__ == "__main__":
    main()
