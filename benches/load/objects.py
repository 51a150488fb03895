"""Invented events and cards: the same for the same number, whoever asks.

One event in ten is a series (six kinds of rule), some with times left out and one time moved; a
third stand in a time zone of their own description, one in seventeen takes whole days. One card in
ten has a photograph.
"""

import base64
import random
import time
from calendar import monthrange

N_YEARS = 4
BEGIN = 1_672_531_200  # 2023-01-01
DAY = 86_400
RULES = ["FREQ=DAILY;COUNT=30", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=MONTHLY;BYMONTHDAY=15;COUNT=24", "FREQ=YEARLY",
         "FREQ=WEEKLY;INTERVAL=2;COUNT=52", "FREQ=MONTHLY;BYDAY=-1FR"]
TITLES = ["réunion", "dentist", "call", "lunch", "train", "piscine", "school"]
FIRST = ["Anne", "Élodie", "Marc", "Jean-Luc", "Zoé", "Karim", "Léa", "Hugo"]
LAST = ["Martin", "Bernard", "Lefèvre", "O'Neil", "Müller", "Nguyễn", "Dubois"]
# A series begins on a day that its rule names: RFC 5545 leaves open what comes of any other.
BEGINS = [lambda day: True, lambda day: day.tm_wday in (0, 2), lambda day: day.tm_mday == 15, lambda day: True,
          lambda day: True, lambda day: day.tm_wday == 4 and day.tm_mday > monthrange(day.tm_year, day.tm_mon)[1] - 7]
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE""".split("\n")


def event(at, version=0):
    """Event number `at` as its first or a later version has it."""
    dice = random.Random(at)
    start = BEGIN + dice.randrange(365 * N_YEARS) * DAY + dice.randrange(24, 80) * 900
    kind = at // 10 % len(RULES) if at % 10 == 0 else None
    while kind is not None and not BEGINS[kind](time.gmtime(start)):
        start += DAY
    is_day, is_zoned = at % 17 == 0, at % 3 == 0
    stamped = lambda name, when: f"{name};VALUE=DATE:{day(when)}" if is_day else stamp(name, when, is_zoned)
    head = ["BEGIN:VEVENT", f"UID:{uid(at)}", "DTSTAMP:20260101T000000Z", f"SEQUENCE:{version}"]
    lines = [*head, stamped("DTSTART", start), f"DURATION:{'P1D' if is_day else dice.choice(['PT30M', 'PT1H', 'PT2H'])}",
             f"SUMMARY:{dice.choice(TITLES)} {at}.{version}", f"DESCRIPTION:{'in a few words, ' * dice.randrange(1, 5)}"]
    more = []
    if kind is not None:
        lines.append(f"RRULE:{RULES[kind]}")
    if kind == 0:
        lines.append(stamped("EXDATE", start + DAY))
    if kind == 0 and not is_day:
        more = [*head, stamp("RECURRENCE-ID", start + 2 * DAY, is_zoned),
                stamp("DTSTART", start + 2 * DAY + 7200, is_zoned), "DURATION:PT1H", f"SUMMARY:moved {at}", "END:VEVENT"]
    if at % 5 == 0:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:soon", "END:VALARM"]
    zone = ZONE if is_zoned and not is_day else []
    return text(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//load//EN", *zone, *lines, "END:VEVENT", *more, "END:VCALENDAR"])


def card(at, version=0):
    """Card number `at`."""
    dice = random.Random(-1 - at)
    first, last = dice.choice(FIRST), f"{dice.choice(LAST)}{at}"
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:card-{at}", f"FN:{first} {last}", f"N:{last};{first};;;",
             f"TEL;TYPE=CELL:+3363998{dice.randrange(10_000):04}", f"EMAIL;TYPE=INTERNET:{at}.{version}@example.org",
             f"item1.ADR;TYPE=HOME:;;{at} rue du Port;Paris;;75002;France", "item1.X-ABLabel:_$!<Home>!$_"]
    if at % 10 == 0:
        photo = "PHOTO;ENCODING=b;TYPE=JPEG:" + base64.b64encode(dice.randbytes(30_000)).decode()
        lines += [photo[:75], *(" " + photo[from_:from_ + 74] for from_ in range(75, len(photo), 74))]
    return text([*lines, "END:VCARD"])


def uid(at):
    return f"event-{at}"


def stamp(name, when, is_zoned):
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(when))
    return f"{name};TZID=Europe/Paris:{moment}" if is_zoned else f"{name}:{moment}Z"


def day(when):
    return time.strftime("%Y%m%d", time.gmtime(when))


def text(lines):
    return ("\r\n".join(lines) + "\r\n").encode()
