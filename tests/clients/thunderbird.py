#!/usr/bin/env python3
"""thunderbird.py BASE USER PASSWORD [TITLE...]: the real Thunderbird, headless, against the server.

It finds calendars and address books from the base address, works both ways with one of each, and
follows what another client does. Each further TITLE must then be an event that it shows in one of
the calendars that it found.
"""

import os
import sys
from pathlib import Path

from account import Account, calendar, card, event
from checks import Checks, until
from marionette import Program

SERIES = ["BEGIN:VEVENT", "UID:{uid}", "DTSTAMP:20260101T000000Z", "DTSTART;TZID=Europe/Paris:20260310T100000",
          "DTEND;TZID=Europe/Paris:20260310T110000", "RRULE:FREQ=DAILY;COUNT=5", "SUMMARY:Réunion", "END:VEVENT", ""]
SETTINGS = {"calendar.timezone.local": "Europe/Paris", "calendar.timezone.useSystemTimezone": False}


def main():
    checks, account = Checks(), Account(*sys.argv[1:4])
    mark = f"tb{os.getpid()}"
    agenda = account.make("calendar", f"{mark}-cal", "Agenda of Thunderbird")
    friends = account.make("book", f"{mark}-book", "Friends of Thunderbird")
    program = Program(["thunderbird"], SETTINGS)
    try:
        program.load((Path(__file__).parent / "thunderbird.js").read_text(encoding="utf-8"))
        started(checks, program, account)
        events(checks, program, account, agenda)
        contacts(checks, program, account, friends)
        shown(checks, program, account, sys.argv[4:])
    finally:
        program.close()
        account.delete(agenda)
        account.delete(friends)
    checks.close()


def started(checks, program, account):
    print("Thunderbird", checks.step("it starts", program.call, "version"))
    checks.step("the server names a realm", program.call, "login", account.base, account.user, account.password)


def events(checks, program, account, url):
    step = lambda name, function, *more: checks.step(name, program.call, function, *more)
    found = step("calendars are found from the base address", "findCalendars", account.base, account.user, account.password)
    checks.check("the one that was made is among them", url.rstrip("/") in [one[1].rstrip("/") for one in found or []], found)
    step("it is added and synced", "addCalendar", url, account.user)
    checks.check("it may be written", program.call("isReadOnly", url) == "false")
    uid = f"series-{os.getpid()}"
    step("a series in a time zone is created", "addEvent", url, "\r\n".join(SERIES).format(uid=uid))
    step("it shows five times", "countOccurrences", url, uid, "20260301T000000Z", "20260401T000000Z", 5)
    step("one time is changed", "moveOccurrence", url, uid, "20260312T090000Z", "Moved")
    body = until(lambda: is_two(holding(account, url, uid)))
    checks.check("the server has both in one object", body and "RECURRENCE-ID" in body, body)
    step("it still shows five times", "countOccurrences", url, uid, "20260301T000000Z", "20260401T000000Z", 5)
    elsewhere(checks, program, account, url)
    step("the series is deleted", "deleteEvent", url, uid)
    checks.check("the server lacks it", until(lambda: holding(account, url, uid) is None))


def elsewhere(checks, program, account, url):
    """What another client does to an event arrives."""
    address, uid = f"{url}other%20one.ics", "other@example.org"
    arrives = lambda name, title: checks.step(name, program.call, "awaitTitle", url, uid, title)
    account.put(address, calendar(event(uid, "From elsewhere")))
    arrives("an event of another client arrives", "From elsewhere")
    account.put(address, calendar(event(uid, "Changed elsewhere")))
    arrives("its change arrives", "Changed elsewhere")
    account.delete(address)
    arrives("its deletion arrives", None)


def contacts(checks, program, account, url):
    step = lambda name, function, *more: checks.step(name, program.call, function, *more)
    found = step("address books are found from the base address", "findBooks", account.base, account.user, account.password)
    checks.check("the one that was made is among them", url.rstrip("/") in [one[1].rstrip("/") for one in found or []], found)
    name = step("it is added and synced", "addBook", url)
    if not name:
        return
    step("it has a sync token", "hasToken", name)
    step("a card is created", "addCard", name, card(f"card-{os.getpid()}", "Zoé", "Durand", "EMAIL:zoe@example.org"), "Zoé Durand")
    checks.check("the server has it", until(lambda: holding(account, url, "Zoé Durand")))
    step("it is changed", "changeCard", name, "Zoé Durand", "Zoé Martin")
    checks.check("the server has the change", until(lambda: holding(account, url, "Zoé Martin")))
    other = f"{url}other.vcf"
    before = program.call("token", name)
    account.put(other, card("other", "Léa", "Petit"))
    step("a card of another client arrives", "awaitCard", name, "Léa Petit", True)
    checks.check("the token moved", program.call("token", name) != before, before)
    account.put(other, card("other", "Léa", "Grand"))
    step("its change arrives", "awaitCard", name, "Léa Grand", True)
    account.delete(other)
    step("its deletion arrives", "awaitCard", name, "Léa Grand", False)
    step("the card is deleted", "deleteCard", name, "Zoé Martin")
    checks.check("the server lacks it", until(lambda: holding(account, url, "Zoé") is None))


def shown(checks, program, account, titles):
    """Events that the server made itself, in calendars that are only to be read."""
    if not titles:
        return
    seen = []
    for name, url, *_ in program.call("findCalendars", account.base, account.user, account.password):
        program.call("addCalendar", url, account.user)
        seen += until(lambda url=url: program.call("titles", url, "20200101T000000Z", "20400101T000000Z"), 10) or []
    for title in titles:
        checks.check(f"Thunderbird shows {title!r}", title in seen, seen)


def holding(account, url, text):
    """The object of a collection that holds a text."""
    return next((body for one in account.members(url) if text in (body := account.get(one))), None)


def is_two(body):
    return body if body and body.count("BEGIN:VEVENT") == 2 else None


if __name__ == "__main__":
    main()
