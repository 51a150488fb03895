"""The course that every server runs: what is asked, how often, and what must come of it."""

import os
import random
import re
import subprocess
import threading
import time
from collections import Counter

import objects
from connection import NAMES, XML, Connection, n_responses, token_of
from servers import USER
from truth import RANGES

CALDAV, CARDDAV = "text/calendar; charset=utf-8", "text/vcard; charset=utf-8"
DATA = "<getetag/><C:calendar-data/>"


class Course:
    """One server's run; `figures` are by name: CPU ms an operation, wall p50 and p99 in ms, and what was found."""

    def __init__(self, server, options):
        self.server, self.options, self.figures, self.wrong = server, options, {}, []
        self.calendar, self.book = server.calendar, server.book
        self.connection = self.connect()

    def connect(self):
        return Connection(self.server.port, USER, self.server.password)

    def run(self, truth):
        self.make()
        self.seed("seed events", self.calendar, self.options.events, objects.event, "ics", CALDAV)
        self.single_objects()
        self.listings()
        self.queries(truth)
        self.several()
        self.seed("seed cards", self.book, self.options.cards, objects.card, "vcf", CARDDAV)
        self.cards()
        end = time.perf_counter() + self.options.mixed
        self.mixed("mixed", lambda: time.perf_counter() < end)
        return self.figures

    def run_beside(self, program):
        """The mixture for as long as another program runs."""
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            process = subprocess.Popen(program, stdout=nowhere, stderr=nowhere)
            self.mixed("mixed, during an import", lambda: process.poll() is None)
        if process.returncode != 0:
            self.wrong.append(f"the import ended with {process.returncode}")

    def make(self):
        for path, kind in [(self.calendar, "C:calendar"), (self.book, "A:addressbook")]:
            body = f"<mkcol {NAMES}><set><prop><resourcetype><collection/><{kind}/></resourcetype></prop></set></mkcol>"
            status, _, text = self.connection.ask("MKCOL", path, body, **XML)
            if status != 201:
                raise SystemExit(f"{self.server.name}: MKCOL {path}: {status} {text[:300]}")
        # Whole days are counted in UTC; who does not know this property counts them so anyway.
        clock = f"<propertyupdate {NAMES}><set><prop><C:calendar-timezone-id>UTC</C:calendar-timezone-id></prop></set></propertyupdate>"
        self.connection.ask("PROPPATCH", self.calendar, clock, **XML)

    def seed(self, name, path, n, make, suffix, kind):
        """All objects by PUT, on some connections at once."""
        numbers, bodies, lock = iter(range(n)), [make(at) for at in range(n)], threading.Lock()
        deadline = time.perf_counter() + self.options.patience * 6

        def work(times, statuses):
            connection = self.connect()
            while time.perf_counter() < deadline:
                with lock:
                    at = next(numbers, None)
                if at is None:
                    return
                begun = time.perf_counter()
                status, *_ = connection.ask("PUT", f"{path}{at}.{suffix}", bodies[at], Content_Type=kind, If_None_Match="*")
                times.append(time.perf_counter() - begun)
                statuses[status] += 1
        statuses = self.at_once(name, work)
        if statuses != {201: n}:
            self.wrong.append(f"{name}: {dict(statuses)} where {n} were to be made")

    def at_once(self, name, work):
        """Runs `work` on every connection; notes the figures with what was done in a second."""
        lanes = [([], Counter()) for _ in range(self.options.connections)]
        threads = [threading.Thread(target=work, args=lane) for lane in lanes]
        cpu, begun = self.server.cpu_s(), time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - begun
        times = [one for lane in lanes for one in lane[0]]
        self.note(name, times, self.server.cpu_s() - cpu, per_s=len(times) / took, memory=self.server.memory_mb())
        return sum((lane[1] for lane in lanes), Counter())

    def note(self, name, times, cpu, **more):
        times = sorted(times)
        at = lambda part: times[min(len(times) - 1, int(len(times) * part))] * 1e3
        self.figures[name] = {"n": len(times), "cpu": cpu * 1e3 / len(times), "p50": at(0.5), "p99": at(0.99), **more}

    def measure(self, name, n, ask, expected=(200, 201, 204, 207), found=None, count=n_responses):
        """Asks `n` times, or as long as patience lasts; what comes last must count `found`."""
        times, cpu = [], self.server.cpu_s()
        deadline = time.perf_counter() + self.options.patience
        for at in range(n):
            begun = time.perf_counter()
            status, headers, body = ask(at)
            times.append(time.perf_counter() - begun)
            if status not in expected:
                self.wrong.append(f"{name}: {status} {body[:200]!r}")
                break
            if time.perf_counter() > deadline:
                break
        self.note(name, times, self.server.cpu_s() - cpu, bytes=len(body), found=count(body))
        if found is not None and count(body) != found:
            self.wrong.append(f"{name}: {count(body)} where {found} are right")
        return headers, body

    def put(self, at, version, **headers):
        return self.connection.ask("PUT", f"{self.calendar}{at}.ics", objects.event(at, version), Content_Type=CALDAV, **headers)

    def single_objects(self):
        n, ask = self.options.events, self.connection.ask
        some = random.Random(1).sample(range(n), min(200, n))
        new = [objects.event(10 ** 6 + at * 10 + 1) for at in range(200)]  # Never a series: counts stay.
        self.measure("PUT, new", 200, lambda at: ask("PUT", f"{self.calendar}new{at}.ics", new[at], Content_Type=CALDAV))
        self.measure("DELETE", self.figures["PUT, new"]["n"], lambda at: ask("DELETE", f"{self.calendar}new{at}.ics"))
        tags = {}

        def read(at):
            answer = ask("GET", f"{self.calendar}{some[at % len(some)]}.ics")
            tags[some[at % len(some)]] = answer[1].get("etag", "")
            return answer
        self.measure("GET", 1000, read)
        own = sorted(tags)
        self.measure("PUT, If-Match", len(own), lambda at: self.put(own[at], 0, If_Match=tags[own[at]]))

    def listings(self):
        n, ask = self.options.events, self.connection
        self.measure("poll", 2000, lambda _: ask.propfind(self.calendar, "0", "S:getctag", "sync-token"), found=1)
        self.measure("PROPFIND 1", 3, lambda _: ask.propfind(self.calendar, "1", "getetag", "resourcetype"), found=n + 1)
        _, body = self.measure("sync, initial", 5, lambda _: ask.sync(self.calendar), found=n)
        token = token_of(body)
        self.measure("sync, nothing new", 1000, lambda _: ask.sync(self.calendar, token), found=0)
        self.incremental(token)

    def incremental(self, token):
        """Ten changes, then a sync that must name these ten."""
        spent, times, deadline = 0.0, [], time.perf_counter() + self.options.patience
        for turn in range(20):
            for at in range(10):
                self.put((turn * 10 + at) % self.options.events, 1)
            cpu, begun = self.server.cpu_s(), time.perf_counter()
            _, _, body = self.connection.sync(self.calendar, token)
            times.append(time.perf_counter() - begun)
            spent += self.server.cpu_s() - cpu
            token = token_of(body)
            if n_responses(body) != 10:
                self.wrong.append(f"sync, ten changes: {n_responses(body)} are named")
            if time.perf_counter() > deadline:
                break
        self.note("sync, ten changes", times, spent, found=n_responses(body))

    def queries(self, truth):
        def ask(name, of, n, properties="<getetag/>", what="objects", count=n_responses):
            start, end = RANGES[of]
            until = f' end="{end}"' if end else ""
            self.measure(name, n, lambda _: self.connection.query(
                self.calendar, f'<C:time-range start="{start}"{until}/>', properties), found=truth[of][what], count=count)
        start, end = RANGES["month"]
        expanded = f'<getetag/><C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data>'
        ask("query, week", "week", 20)
        ask("query, month", "month", 20)
        ask("query, month, data", "month", 10, DATA)
        ask("query, month, expanded", "month", 5, expanded, "instances", lambda body: body.count(b"BEGIN:VEVENT"))
        ask("query, open end", "open", 10)
        match = f'<C:prop-filter name="UID"><C:text-match collation="i;octet">{objects.uid(123)}</C:text-match></C:prop-filter>'
        alike = sum("123" in str(at) and str(at).startswith("123") for at in range(self.options.events))
        self.measure("query, UID", 50, lambda _: self.connection.query(self.calendar, match), found=alike)
        busy = f'<C:free-busy-query {NAMES}><C:time-range start="{start}" end="{end}"/></C:free-busy-query>'
        self.measure("free-busy, month", 5, lambda _: self.connection.report(self.calendar, busy),
                     count=lambda body: len(re.findall(rb"\d{8}T\d{6}Z/", body)))

    def several(self):
        dice = random.Random(2)
        for n in (10, 100):
            names = [[f"{self.calendar}{at}.ics" for at in dice.sample(range(self.options.events), n)] for _ in range(50)]
            self.measure(f"multiget of {n}", 50, lambda at, names=names: self.connection.multiget(
                self.calendar, "C:calendar", "C:calendar-data", names[at]), found=n)

    def cards(self):
        n, ask = self.options.cards, self.connection
        _, body = self.measure("cards: sync, initial", 5, lambda _: ask.sync(self.book), found=n)
        token = token_of(body)
        self.measure("cards: sync, nothing new", 200, lambda _: ask.sync(self.book, token), found=0)
        self.measure("cards: PROPFIND 1", 3, lambda _: ask.propfind(self.book, "1", "getetag", "resourcetype"), found=n + 1)
        match = (f'<A:addressbook-query {NAMES}><prop><getetag/></prop><A:filter><A:prop-filter name="FN"><A:text-match'
                 ' collation="i;unicode-casemap" match-type="contains">LODIE</A:text-match></A:prop-filter></A:filter></A:addressbook-query>')
        named = sum("FN:Élodie".encode() in objects.card(at) for at in range(n))
        self.measure("cards: query by name", 10, lambda _: ask.report(self.book, match), found=named)
        names = [f"{self.book}{at}.vcf" for at in range(0, n, max(1, n // 10))][:10]
        self.measure("cards: multiget of 10", 30, lambda _: ask.multiget(self.book, "A:addressbook", "A:address-data", names))

    def mixed(self, name, goes_on):
        """Of ten requests six are polls, two syncs, one a multiget and one a PUT."""
        now = token_of(self.connection.sync(self.calendar)[2])

        def work(times, statuses):
            connection, dice = self.connect(), random.Random(threading.get_ident())
            while goes_on():
                kind, at = dice.randrange(10), dice.randrange(self.options.events)
                body = objects.event(at, 2) if kind == 9 else b""
                begun = time.perf_counter()
                if kind < 6:
                    status, *_ = connection.propfind(self.calendar, "0", "S:getctag", "sync-token")
                elif kind < 8:
                    status, *_ = connection.sync(self.calendar, now)
                elif kind == 8:
                    status, *_ = connection.multiget(self.calendar, "C:calendar", "C:calendar-data", [f"{self.calendar}{at}.ics"] * 10)
                else:
                    status, *_ = connection.ask("PUT", f"{self.calendar}{at}.ics", body, Content_Type=CALDAV)
                times.append(time.perf_counter() - begun)
                statuses[status] += 1
        statuses = self.at_once(name, work)
        bad = {status: n for status, n in statuses.items() if status not in (200, 201, 204, 207)}
        if bad:
            self.wrong.append(f"{name}: {bad} of {sum(statuses.values())}")
