#!/usr/bin/env python3
"""vdirsyncer.py BASE USER PASSWORD: two replicas kept by vdirsyncer, and what khal, todoman and khard read.

Run by the Python of an environment with those four. Each replica is a folder of files with its own
memory of the last sync; both reach the server from its base address alone.
"""

import base64
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from account import Account, calendar, card, event
from checks import Checks

PROGRAMS = Path(sys.executable).parent
REPLICA = """[general]
status_path = "{folder}/status/"
[pair cal]
a = "cal_here"
b = "cal_there"
collections = ["{agenda}"]
conflict_resolution = "b wins"
metadata = ["displayname", "color"]
[storage cal_here]
type = "filesystem"
path = "{folder}/cal/"
fileext = ".ics"
[storage cal_there]
type = "caldav"
url = "{base}"
username = "{user}"
password = "{password}"
[pair book]
a = "book_here"
b = "book_there"
collections = ["{friends}"]
conflict_resolution = "b wins"
metadata = ["displayname"]
[storage book_here]
type = "filesystem"
path = "{folder}/book/"
fileext = ".vcf"
[storage book_there]
type = "carddav"
url = "{base}"
username = "{user}"
password = "{password}"
"""
KHAL = """[calendars]
[[agenda]]
path = {folder}/cal/{agenda}
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Europe/Paris
default_timezone = Europe/Paris
[sqlite]
path = {folder}/khal.db
"""
TODOMAN = """path = "{folder}/cal/*"
date_format = "%Y-%m-%d"
time_format = "%H:%M"
default_list = "{agenda}"
cache_path = "{folder}/todo.db"
"""
KHARD = """[addressbooks]
[[friends]]
path = {folder}/book/{friends}
[general]
default_action = list
editor = /bin/true
merge_editor = /bin/true
"""
ZOE = 'First name: Zoé\nLast name: Martin\nPhone:\n    cell: "+33639980001"\nEmail:\n    home: zoe@example.org\n'


class Replica:
    """A folder of calendars and cards beside the server."""

    def __init__(self, folder, name, account, agenda=f"vds{os.getpid()}-cal"):
        self.folder = Path(folder) / name
        self.agenda, self.friends = agenda, f"vds{os.getpid()}-book"
        for part in ["cal", "book", "status"]:
            (self.folder / part).mkdir(parents=True)
        places = {"folder": self.folder, "agenda": self.agenda, "friends": self.friends,
                  "base": account.base, "user": account.user, "password": account.password}
        for file, text in [("vdirsyncer", REPLICA), ("khal", KHAL), ("todoman.py", TODOMAN), ("khard", KHARD)]:
            (self.folder / file).write_text(text.format(**places))
        self.cal, self.book = self.folder / "cal" / self.agenda, self.folder / "book" / self.friends

    def run(self, program, *arguments, answers=""):
        """Whether the program ends well, and what it printed."""
        home = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "Europe/Paris",
                "VDIRSYNCER_CONFIG": str(self.folder / "vdirsyncer")}
        done = subprocess.run([PROGRAMS / program, *arguments], input=answers, capture_output=True, text=True,
                              timeout=180, env=home, check=False)
        return done.returncode == 0, done.stdout + done.stderr

    def sync(self, *options):
        good, said = self.run("vdirsyncer", "-v", "ERROR", "sync", *options)
        if not good:
            raise RuntimeError(said[-300:])
        return True

    def khal(self, *arguments):
        return self.run("khal", "-c", str(self.folder / "khal"), *arguments)

    def todo(self, *arguments):
        return self.run("todo", "--config", str(self.folder / "todoman.py"), *arguments)

    def khard(self, *arguments):
        return self.run("khard", "-c", str(self.folder / "khard"), *arguments)

    def files(self, place):
        return sorted(path for path in place.iterdir() if path.suffix in (".ics", ".vcf"))

    def holding(self, place, text):
        """The file that holds a text."""
        return next((path for path in self.files(place) if text in path.read_text(encoding="utf-8")), None)

    def replace(self, place, old, new):
        """Edits a file as a person's editor would."""
        path = self.holding(place, old)
        path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))


def main():
    checks, account = Checks(), Account(*sys.argv[1:4])
    with tempfile.TemporaryDirectory() as folder:
        here, there = Replica(folder, "here", account), Replica(folder, "there", account)
        first_sync(checks, here, there)
        programs_read(checks, there)
        changes(checks, here, there)
        conflict(checks, here, there)
        metadata(checks, here, there)
        emptied(checks, here, there, account)
    checks.close()


def first_sync(checks, here, there):
    for name, replica in [("here", here), ("there", there)]:
        good, said = replica.run("vdirsyncer", "-v", "ERROR", "discover", answers="y\n" * 10)
        checks.check(f"discovery makes or finds both collections ({name})", good and replica.cal.is_dir() and replica.book.is_dir(), said)
    weekly = ["new", "-a", "agenda", "-r", "weekly", "2026-03-02", "09:00", "10:00", "Europe/Paris", "Réunion"]
    checks.check("khal makes a weekly event in a time zone", *here.khal(*weekly))
    checks.check("khal makes a whole day", *here.khal("new", "-a", "agenda", "2026-05-01", "Fête du travail"))
    checks.check("todoman makes a task", *here.todo("new", "-l", here.agenda, "-d", "2026-06-01", "Déclarer les revenus"))
    (here.folder / "zoe.yaml").write_text(ZOE)
    checks.check("khard makes a card", *here.khard("new", "-a", "friends", "-i", str(here.folder / "zoe.yaml")))
    (here.book / "large.vcf").write_bytes(large_card().encode())
    (here.cal / "odd name é@x.ics").write_bytes(calendar(event("odd", "Odd name", "20260403T100000Z", "X-OWN;X-P=\"a,b\":kept")).encode())
    checks.step("the first replica goes up", here.sync)
    checks.step("the second comes down", there.sync)
    checks.check("four calendar objects came", len(there.files(there.cal)) == 4, there.files(there.cal))
    checks.check("two cards came", len(there.files(there.book)) == 2, there.files(there.book))
    # A reader of XML sees every end of a line as one line feed, whatever the server wrote.
    text = lambda path: path.read_bytes().replace(b"\r\n", b"\n")
    for title, place in [("calendar objects", "cal"), ("cards", "book")]:
        texts = [sorted(text(path) for path in one.files(getattr(one, place))) for one in (here, there)]
        checks.check(f"{title} came as they were, line by line", texts[0] == texts[1], difference(*texts))


def programs_read(checks, there):
    good, said = there.khal("list", "2026-03-02", "30d")
    checks.check("khal there shows five Mondays", good and said.count("Réunion") == 5, said)
    good, said = there.todo("list")
    checks.check("todoman there shows the task", good and "Déclarer les revenus" in said, said)
    good, said = there.khard("list")
    checks.check("khard there shows both cards", good and "Zoé Martin" in said and "Large Photo" in said, said)


def changes(checks, here, there):
    there.replace(there.cal, "Réunion", "Edited there")
    checks.check("an edit there reaches here", there.sync() and here.sync() and here.holding(here.cal, "Edited there"))
    here.holding(here.cal, "Fête").unlink()
    checks.check("a deletion here reaches there", here.sync() and there.sync() and not there.holding(there.cal, "Fête"))
    there.replace(there.book, "Zoé", "Chloé")
    checks.check("an edited card there reaches here", there.sync() and here.sync() and here.holding(here.book, "Chloé"))
    before = [path.stat().st_mtime_ns for path in here.files(here.cal)]
    checks.check("nothing new changes nothing", here.sync() and before == [path.stat().st_mtime_ns for path in here.files(here.cal)])


def conflict(checks, here, there):
    """Both edited offline: the server's version wins by the replicas' settings, and both end alike."""
    here.replace(here.cal, "Edited there", "Edit of here")
    there.replace(there.cal, "Edited there", "Edit of there")
    checks.step("a conflict does not stop a sync", lambda: here.sync() and there.sync() and here.sync())
    checks.check("both replicas hold what the server holds",
                 here.holding(here.cal, "Edit of here") and there.holding(there.cal, "Edit of here"))


def metadata(checks, here, there):
    for replica in (here, there):
        replica.run("vdirsyncer", "metasync")
    (here.cal / "color").write_text("#ff8800")
    (here.cal / "displayname").write_text("Agenda d'été")
    checks.check("a colour and a name go up", *here.run("vdirsyncer", "metasync"))
    there.run("vdirsyncer", "metasync")
    checks.check("the colour comes down", "ff8800" in text_of(there.cal / "color").lower(), text_of(there.cal / "color"))
    checks.check("the name comes down", text_of(there.cal / "displayname") == "Agenda d'été", text_of(there.cal / "displayname"))


def emptied(checks, here, there, account):
    for path in here.files(here.cal) + here.files(here.book):
        path.unlink()
    checks.step("everything is deleted here", lambda: here.sync("--force-delete"))
    checks.step("and goes there", lambda: there.sync("--force-delete"))
    checks.check("nothing is left", not there.files(there.cal) + there.files(there.book), there.files(there.cal))
    for kind, slug in [("calendar", here.agenda), ("book", here.friends)]:
        status = account.delete(account.home(kind).rstrip("/") + f"/{slug}/")
        checks.check(f"the {kind} itself goes", status in (200, 204), status)


def large_card():
    """A card with a photograph of 300 kB and labels as telephones write them."""
    photo = "PHOTO;ENCODING=b;TYPE=JPEG:" + base64.b64encode(os.urandom(300_000)).decode()
    folded = [photo[:75], *(" " + photo[at:at + 74] for at in range(75, len(photo), 74))]
    return card("large", "Large", "Photo", "item1.X-ABDATE;type=pref:2001-02-03", "item1.X-ABLabel:_$!<Anniversary>!$_",
                "X-ABRELATEDNAMES:x", *folded)


def difference(one, other):
    """The first lines in which two lists of texts differ."""
    for a, b in zip(one, other):
        lines = zip(a.decode().split("\n"), b.decode().split("\n"))
        for left, right in lines:
            if left != right:
                return f"{left[:80]!r} became {right[:80]!r}"
    return f"{len(one)} became {len(other)}"


def text_of(path):
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


if __name__ == "__main__":
    main()
