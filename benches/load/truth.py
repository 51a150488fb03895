"""What queries must find, by recurring-ical-events: `python truth.py N` prints it for N events, as JSON.

Whole days are days of UTC, as they are for a calendar that names no time zone.
"""

import datetime
import json
import sys

UTC = datetime.timezone.utc
RANGES = {
    "week": ("20240304T000000Z", "20240311T000000Z"),
    "month": ("20240301T000000Z", "20240401T000000Z"),
    "open": ("20260901T000000Z", None),
}


def moment(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def main():
    import icalendar
    import recurring_ical_events

    import objects

    found = {name: [0, 0] for name in RANGES}
    for at in range(int(sys.argv[1])):
        series = recurring_ical_events.of(icalendar.Calendar.from_ical(objects.event(at)))
        for name, (start, end) in RANGES.items():
            if end is None:
                running = len(series.between(moment(start), moment(start) + datetime.timedelta(seconds=1)))
                n = running or int(next(iter(series.after(moment(start))), None) is not None)
            else:
                n = len(series.between(moment(start), moment(end)))
            found[name][0] += n > 0
            found[name][1] += n
    json.dump({name: {"objects": of[0], "instances": of[1]} for name, of in found.items()}, sys.stdout)


if __name__ == "__main__":
    main()
