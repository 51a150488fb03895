#!/usr/bin/env python3
"""What pulling a large calendar costs, beside vdirsyncer pulling the same one.

    make bench                               builds the release program
    benches/collections.py                   10,000 events and 2,000 cards on Xandikos
    benches/collections.py --server radicale
    benches/collections.py --events 1000 --cards 200

A server at a pinned version runs on the loopback, with invented objects written
into its own folder. A proxy in front of it counts requests and the bytes of
answers. The events lie in four calendars. Both programs look for what there is
and pull everything, then pull again when nothing has changed, then when one
object in a hundred has: each in processes of its own, through the proxy, from
the same server.

vdirsyncer ends with one file an object; moisson with views that are joined and
published, and that is part of its time. `fetch` is moisson's time in a run that
finds nothing new.

Shown are requests, megabytes of answers, CPU seconds (user + system) and wall
seconds of the client process. Exit code 1 when a program fails or when what
moisson has is not what the server holds; a missed target is only said.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / (os.environ.get("CARGO_TARGET_DIR") or "target") / "bench" / "collections"
PEERS = ["radicale==3.9.0", "xandikos==0.4.10", "vdirsyncer==0.21.0"]
CALENDARS = ["calendar", "work", "school", "holidays"]
FOLDERS = {
    "xandikos": {place: f"user/calendars/{place}" for place in CALENDARS} | {"book": "user/contacts/addressbook"},
    "radicale": {place: f"collection-root/user/{place}" for place in [*CALENDARS, "book"]},
}
COMMIT = """
import os, sys
from dulwich import porcelain
os.chdir(sys.argv[1])
porcelain.add('.', sys.argv[2:] or [n for n in os.listdir('.') if n != '.git'])
porcelain.commit('.', message=b'seed', author=b'a <a@example.org>', committer=b'a <a@example.org>')
"""


def main():
    options = parse_arguments()
    moisson = options.moisson.resolve()
    if not moisson.is_file():
        sys.exit(f"{moisson} is not there: run `make bench`, or name it with --moisson")
    shutil.rmtree(WORK / "run", ignore_errors=True)
    programs = install()
    server = Server(options.server, programs)
    for place, some in parted(range(options.events)).items():
        server.seed(place, {f"e{at}.ics": event(at, "planned") for at in some})
    server.seed("book", {f"c{at}.vcf": card(at, "Exemple") for at in range(options.cards)})
    proxy = Proxy(server.port)
    clients = [Moisson(moisson, proxy.port), Vdirsyncer(programs, proxy.port)]
    server.warm_up()
    rows = []
    for title in ["first pull", "no change", "1 % changed"]:
        if title == "1 % changed":
            server.change(options.events, options.cards)
            server.warm_up()
        for client in clients:
            rows.append((title, client.name, *measure(client, proxy)))
    failures = clients[0].check(options)
    server.stop()
    show(rows)
    for failure in failures:
        print(f"wrong: {failure}")
    return 1 if failures else 0


def parted(events):
    """Seven in ten are of the first calendar."""
    parts = {place: [] for place in CALENDARS}
    for at in events:
        parts[CALENDARS[max(0, at % 10 - 6)]].append(at)
    return parts


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moisson", type=Path, default=ROOT / "target/release/moisson")
    parser.add_argument("--server", choices=sorted(FOLDERS), default="xandikos")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--cards", type=int, default=2_000)
    return parser.parse_args()


def install():
    folder = WORK / "peers"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *PEERS], check=True)
        (folder / "ready").write_text("\n".join(PEERS))
    return folder / "bin"


def event(at, summary):
    """Each tenth recurs, with one occurrence moved."""
    day = f"2026{1 + at // 28 % 12:02}{1 + at % 28:02}"
    head = f"BEGIN:VEVENT\r\nUID:event-{at}@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
    text = f"Réunion du comité de quartier numéro {at}, {summary}"
    rule = "RRULE:FREQ=WEEKLY;COUNT=5\r\n" if at % 10 == 0 else ""
    objects = (
        f"{head}DTSTART:{day}T100000Z\r\nDTEND:{day}T110000Z\r\nSUMMARY:{text}\r\n"
        f"LOCATION:Salle {at % 7}\r\n{rule}END:VEVENT\r\n"
    )
    if rule:
        objects += (
            f"{head}RECURRENCE-ID:{day}T100000Z\r\nDTSTART:{day}T150000Z\r\nDTEND:{day}T160000Z\r\n"
            f"SUMMARY:{text}\r\nEND:VEVENT\r\n"
        )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//bench//EN\r\n{objects}END:VCALENDAR\r\n"


def card(at, family):
    """Telephone numbers are those reserved for fiction."""
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:card-{at}\r\nFN:Camille {family} {at}\r\n"
        f"N:{family} {at};Camille;;;\r\nTEL;TYPE=CELL:+3363998{at % 10000:04}\r\n"
        f"EMAIL:camille.{at}@example.org\r\nEND:VCARD\r\n"
    )


class Server:
    def __init__(self, product, programs):
        self.product, self.programs = product, programs
        self.folder = WORK / "run" / "server"
        self.port = free_port()
        if product == "radicale":
            for place in FOLDERS[product]:
                self.path(place).mkdir(parents=True)
                props = {"tag": "VADDRESSBOOK" if place == "book" else "VCALENDAR", "D:displayname": place}
                (self.path(place) / ".Radicale.props").write_text(json.dumps(props))
            command = [
                programs / "radicale",
                "--auth-type=none",
                "--logging-level=error",
                f"--storage-filesystem-folder={self.folder}",
                f"--server-hosts=127.0.0.1:{self.port}",
            ]
        else:
            self.folder.mkdir(parents=True)
            command = [programs / "xandikos", "serve", "--defaults", "--current-user-principal", "/user/"]
            command += ["-d", self.folder, "--listen-address", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)
        if product == "xandikos":
            for place in CALENDARS[1:]:
                connection = http.client.HTTPConnection("127.0.0.1", self.port)
                connection.request("MKCALENDAR", f"/user/calendars/{place}/")
                if connection.getresponse().status != 201:
                    sys.exit(f"the calendar {place} cannot be made")
                connection.close()

    def path(self, place):
        return self.folder / FOLDERS[self.product][place]

    def seed(self, place, objects):
        for name, text in objects.items():
            (self.path(place) / name).write_bytes(text.encode())
        self.commit(place)

    def commit(self, place, names=()):
        if self.product == "xandikos":
            subprocess.run([self.programs / "python", "-c", COMMIT, self.path(place), *names], check=True)

    def change(self, events, cards):
        """One in a hundred has another text; one in a thousand is new."""
        for place, some in parted(range(0, events, 100)).items():
            changed = {f"e{at}.ics": event(at, "changed") for at in some}
            if place == "calendar":
                changed |= {f"e{at}.ics": event(at, "new") for at in range(events, events + events // 1000)}
            for name, text in changed.items():
                (self.path(place) / name).write_bytes(text.encode())
            if changed:
                self.commit(place, list(changed))
        changed = {f"c{at}.vcf": card(at, "Specimen") for at in range(0, cards, 100)}
        for name, text in changed.items():
            (self.path("book") / name).write_bytes(text.encode())
        self.commit("book", list(changed))

    def warm_up(self):
        """The server reads what it has once for itself, so that the first client does not wait for it."""
        for place in FOLDERS[self.product]:
            path = "/" + FOLDERS[self.product][place].removeprefix("collection-root/") + "/"
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)
            body = '<propfind xmlns="DAV:"><prop><getetag/><sync-token/></prop></propfind>'
            connection.request("PROPFIND", path, body, {"Depth": "1", "Authorization": "Basic dXNlcjp4"})
            connection.getresponse().read()
            connection.close()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Proxy:
    """Hands requests on, and counts them."""

    def __init__(self, target):
        self.n_requests = self.n_bytes = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                connection = http.client.HTTPConnection("127.0.0.1", target, timeout=900)
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                data = answer.read()
                connection.close()
                proxy.n_requests += 1
                proxy.n_bytes += len(data)
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Moisson:
    name = "moisson"

    def __init__(self, program, port):
        self.home = WORK / "run" / "home"
        self.home.mkdir(parents=True)
        source = '[[sources]]\nid = "{}"\nconnector = "{}"\nfetch = {{ url = "http://127.0.0.1:{}/", user = "user" }}\n'
        source += 'secrets = {{ password = {{ env = "BENCH_PASSWORD" }} }}\n'
        settings = source.format("calendars", "calendar/caldav", port) + source.format("books", "contacts/carddav", port)
        (self.home / "moisson.toml").write_text(settings + '[network]\nhome_hosts = ["127.0.0.1"]\n')
        self.program = program
        self.environment = os.environ | {"BENCH_PASSWORD": "secret"}

    def next_commands(self):
        return [[self.program, "--home", self.home, "sync", "calendars", "books"]]

    def check(self, options):
        wanted = {"events": options.events + options.events // 1000, "contacts": options.cards}
        failures = []
        for table, n in wanted.items():
            question = f"select count(distinct uid) from landing.{table}"
            command = [self.program, "--home", self.home, "sql", "--format", "csv", question]
            answer = subprocess.run(command, capture_output=True, text=True, check=False)
            found = answer.stdout.split()[-1:] or [answer.stderr.strip()]
            if found != [str(n)]:
                failures.append(f"{table}: {found[0]}, not {n}")
        return failures


class Vdirsyncer:
    name = "vdirsyncer"

    def __init__(self, programs, port):
        folder = WORK / "run" / "vdirsyncer"
        folder.mkdir(parents=True)
        config = f'[general]\nstatus_path = "{folder}/status"\n'
        for kind, place, end in [("caldav", "calendars", ".ics"), ("carddav", "books", ".vcf")]:
            config += f'[pair {place}]\na = "{place}_here"\nb = "{place}_there"\ncollections = ["from b"]\n'
            config += f'[storage {place}_here]\ntype = "filesystem"\npath = "{folder}/{place}"\nfileext = "{end}"\n'
            config += f'[storage {place}_there]\ntype = "{kind}"\nurl = "http://127.0.0.1:{port}/"\n'
            config += 'username = "user"\npassword = "secret"\nread_only = true\n'
        (folder / "config").write_text(config)
        start = [programs / "vdirsyncer", "-c", folder / "config"]
        self.commands = [[*start, "discover"], [*start, "sync"]]
        self.environment = dict(os.environ)

    def next_commands(self):
        """It looks for collections when it is told to, and not again."""
        commands, self.commands = self.commands, self.commands[-1:]
        return commands


def measure(client, proxy):
    """Requests, megabytes, CPU and wall seconds of one run."""
    proxy.n_requests = proxy.n_bytes = 0
    cpu = wall = 0.0
    for command in client.next_commands():
        log = (WORK / "run" / f"{client.name}.log").open("ab")
        begun = time.monotonic()
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=log, stderr=log, env=client.environment)
        try:
            process.stdin.write(b"y\n" * 20)
            process.stdin.close()
        except BrokenPipeError:
            pass
        _, status, usage = os.wait4(process.pid, 0)
        wall += time.monotonic() - begun
        cpu += usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            print(f"{client.name} ended with {process.returncode}: see {log.name}")
    return proxy.n_requests, proxy.n_bytes / 1e6, cpu, wall


def show(rows):
    print(f"{'':12} {'':11} {'requests':>8} {'MB':>7} {'CPU s':>7} {'wall s':>7}")
    for title, name, n_requests, megabytes, cpu, wall in rows:
        print(f"{title:12} {name:11} {n_requests:8} {megabytes:7.2f} {cpu:7.2f} {wall:7.2f}")
    for ours, theirs in zip(rows[::2], rows[1::2], strict=True):
        less = theirs[4] / max(ours[4], 0.001)
        word = "met" if less >= 5 and ours[2] < theirs[2] else "missed"
        print(f"{ours[0]}: {theirs[2] / max(ours[2], 1):.0f} times the requests, {less:.1f} times the CPU: {word}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the server does not start")


if __name__ == "__main__":
    sys.exit(main())
