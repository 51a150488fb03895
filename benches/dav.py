#!/usr/bin/env python3
"""What calendars and address books cost the server, beside other servers under the same load.

    make bench-dav                      builds the release program and runs this
    benches/dav.py                      10,000 events and 2,000 cards on moisson
    benches/dav.py --beside radicale xandikos --events 1000
    benches/dav.py --events 100000 --json figures.json
    benches/dav.py --rows 1000000       then goes on while a million rows are imported

Each server starts with nothing and is seeded through PUT on four connections: one event in ten a
series, a third in a time zone, whole days, moved times; one card in ten with a photograph. Then one
connection asks what clients ask, and four ask a mixture.

Shown are milliseconds of the server's own processor time for one operation (user + system, from
/proc, which a busy machine does not change much) and wall p50 and p99 as the client saw them. What
queries find is compared with recurring-ical-events over the same events. Exit code 1 when
anything was answered wrongly by moisson; a missed target is only marked with `!`.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent / "load"))
WORK = ROOT / (os.environ.get("CARGO_TARGET_DIR") or "target") / "bench" / "dav"
PEERS = ["radicale==3.9.0", "xandikos==0.4.10", "recurring-ical-events==3.8.2", "icalendar==7.3.0"]
# Of 10,000 events and on one core: milliseconds of processor time, or operations in a second.
TARGETS = {"poll": 0.2, "sync, nothing new": 0.5, "sync, initial": 30, "query, month": 10, "query, month, expanded": 30,
           "query, open end": 50, "query, UID": 1, "PUT, new": 3, "PUT, If-Match": 3}
AT_LEAST = {"seed events": 400, "mixed": 1000}


def main():
    import servers
    from course import Course

    options = parse_arguments()
    programs = install()
    truth = json.loads(subprocess.run(
        [programs / "python", ROOT / "benches/load/truth.py", str(options.events)], capture_output=True, check=True).stdout)
    print(f"{options.events} events, {options.cards} cards, load {os.getloadavg()[0]:.1f}; to be found: {truth}", flush=True)
    starts = {"moisson": lambda folder: servers.moisson(options.moisson.resolve(), folder),
              "radicale": lambda folder: servers.radicale(programs, folder),
              "xandikos": lambda folder: servers.xandikos(programs, folder)}
    runs = {}
    for name in [*([] if options.without_moisson else ["moisson"]), *options.beside]:
        server = starts[name](WORK / "run" / name)
        course = Course(server, options)
        try:
            course.run(truth)
            if options.rows and name == "moisson":
                course.run_beside([*server.imports, statement(options.rows)])
        finally:
            server.stop()
        runs[name] = course
        show(course)
    if options.json:
        options.json.write_text(json.dumps({name: course.figures for name, course in runs.items()}, indent=1))
    return 1 if "moisson" in runs and runs["moisson"].wrong else 0


def statement(rows):
    """A bank statement of so many rows, as benches/import.py makes it."""
    path = WORK / f"statement-{rows}.csv"
    if not path.exists():
        subprocess.run([sys.executable, ROOT / "benches/import.py", "--step", "generate", path, path.with_suffix(".json"), str(rows), "1"],
                       check=True)
    return path


def show(course):
    print(f"\n{course.server.name:28} {'n':>6} {'cpu ms':>9} {'p50 ms':>9} {'p99 ms':>9} {'found':>7}")
    for name, of in course.figures.items():
        found = of.get("found", "")
        rate = f"{of['per_s']:7.0f}/s, {of['memory']:.0f} MB" if "per_s" in of else ""
        is_missed = of["cpu"] > TARGETS.get(name, 1e9) or of.get("per_s", 1e9) < AT_LEAST.get(name, 0)
        print(f"{name:28} {of['n']:6} {of['cpu']:9.2f} {of['p50']:9.2f} {of['p99']:9.2f} {found:7} {rate}{' !' if is_missed else ''}")
    for wrong in course.wrong:
        print(f"wrong: {wrong}")
    sys.stdout.flush()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moisson", type=Path, default=ROOT / "target/release/moisson")
    parser.add_argument("--without-moisson", action="store_true", help="only the others")
    parser.add_argument("--beside", nargs="*", choices=["radicale", "xandikos"], default=[])
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--cards", type=int, default=2_000)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--mixed", type=float, default=15, help="seconds of the mixture")
    parser.add_argument("--rows", type=int, default=0, help="import a statement of so many rows beside the mixture, at the end")
    parser.add_argument("--patience", type=float, default=30, help="most seconds for one kind of question")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def install():
    folder = WORK / "peers"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *PEERS], check=True)
        (folder / "ready").write_text("\n".join(PEERS))
    return folder / "bin"


if __name__ == "__main__":
    sys.exit(main())
