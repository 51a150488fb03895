#!/usr/bin/env python3
"""How long a large bank export takes to import, beside DuckDB's own import.

    make bench                          builds the release program, then runs this
    benches/import.py --rows 100000     a smaller file
    benches/import.py --repeat 3        medians (and the highest peak) of three runs

One run makes a French bank export (Latin-1, semicolons, decimal commas,
dd/mm/yyyy; three accounts; one row in 200 a legitimate twin of the row before)
and imports it five times, each time in a process of its own:

  DuckDB   read_csv into typed columns, twins numbered, anti join on a hash key,
           in Python's duckdb: a new database, then the same file again
  moisson  a new home; the same bytes again; the same rows in UTF-8, renamed

and then asks the mart `transactions`, after each of moisson's imports, for the
count and cents of every account and month, which the generator knows.

Shown are CPU seconds (user + system), wall seconds and the peak of resident
memory of the whole process, Python's own start included. Exit code 1 when an
import fails or a figure is wrong; a missed target is only said.
"""

import argparse
import csv
import datetime
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / (os.environ.get("CARGO_TARGET_DIR") or "target") / "bench"
DUCKDB = "duckdb==2.0.0"

HEADER = ["Date", "Date de valeur", "Libellé", "Montant", "Devise", "Solde", "Compte"]
# Published example IBANs; the first account gets seven rows in ten.
ACCOUNTS = ["FR7630006000011234567890189", "FR1420041010050500013M02606", "FR7610107001011234567890129"]
SHOPS = ["ÉPICERIE DES HALLES", "LA CLÉ À MOLETTE", "FOURNIL DU CHÂTEAU", "GARAGE DES PÉPINIÈRES", "LIBRAIRIE L'ÎLOT"]
TOWNS = ["LYON", "BESANÇON", "NÎMES", "SAINT-ÉTIENNE", "ORLÉANS", "LILLE"]
CREDITORS = ["ÉNERGIE DU VAL", "TÉLÉCOM DU MIDI", "MUTUELLE DES CÔTEAUX", "RÉGIE DES EAUX"]
PEOPLE = ["MME ZOÉ EXEMPLE", "M. NOËL MODÈLE", "MME ANAÏS SPÉCIMEN", "M. JÉRÔME FICTIF"]
FIRST_DAY = datetime.date(2010, 1, 1)
ROWS_PER_DAY = 200


def main():
    options = parse_arguments()
    if options.step:
        STEPS[options.step](*options.arguments)
        return 0
    options.moisson = options.moisson.resolve()
    if not options.moisson.is_file():
        sys.exit(f"{options.moisson} is not there: run `make bench`, or name it with --moisson")
    WORK.mkdir(parents=True, exist_ok=True)
    print(f"making {options.rows:,} rows under {WORK}", file=sys.stderr)
    python, (latin1, utf8, truth) = duckdb_python(), make_files(options.rows, options.seed)
    runs = [run_once(options.moisson, python, latin1, utf8, truth) for _ in range(options.repeat)]
    report(latin1, truth, [run[0] for run in runs])
    return verdict(truth, [wrong for run in runs for wrong in run[1]])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moisson", type=Path, default=ROOT / "target/release/moisson")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--repeat", type=int, default=1)
    # Parts that run in processes of their own, called by this script only.
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


# --- the file -----------------------------------------------------------------


def make_files(rows, seed):
    """The export in Latin-1, its copy in UTF-8 under another name, and the truth.

    Made in a child: Linux counts the memory of the process that starts another
    one in the latter's peak, so this process has to stay small.
    """
    latin1, utf8 = WORK / f"releve-{rows}.csv", WORK / f"export-{rows}-utf8.csv"
    known = WORK / f"releve-{rows}.json"
    for step in ["generate", latin1, known, rows, seed], ["reencode", latin1, utf8]:
        subprocess.run([sys.executable, __file__, "--step", *map(str, step)], check=True)
    return latin1, utf8, json.loads(known.read_text())


def generate(path, known, rows, seed):
    chance, balances, months = random.Random(int(seed)), dict.fromkeys(ACCOUNTS, 250_000), {}
    cents_in_all, row = 0, None
    with open(path, "w", encoding="latin-1", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\n")
        out.writerow(HEADER)
        for i in range(int(rows)):
            if i % 200 != 7:  # row 7 of each 200 is its neighbour once more
                row = invent(chance, FIRST_DAY + datetime.timedelta(days=i // ROWS_PER_DAY))
            day, valued, label, cents, account = row
            balances[account] += cents
            cents_in_all += cents
            month = months.setdefault(f"{account} {day:%Y-%m}", [0, 0])
            month[0] += 1
            month[1] += cents
            out.writerow([french(day), french(valued), label, euros(cents), "EUR", euros(balances[account]), account])
    truth = {"rows": int(rows), "cents": cents_in_all, "months": months}
    Path(known).write_text(json.dumps(truth))


def invent(chance, day):
    """A row: booked on, valued on, label, cents, account."""
    kind, number = chance.random(), chance.randrange(10**8)
    if kind < 0.70:
        cents = -chance.randint(90, 16_000)
        label = f"CARTE {day:%d/%m} {chance.choice(SHOPS)} {chance.choice(TOWNS)} CB*{number % 10_000:04}"
    elif kind < 0.85:
        cents = -chance.randint(500, 24_000)
        label = f"PRLV SEPA {chance.choice(CREDITORS)} REF {number:08}"
    elif kind < 0.95:
        cents = -chance.randint(1_000, 140_000)
        label = f'VIR SEPA {chance.choice(PEOPLE)} "PART DU LOYER" ; {day:%m/%Y}'
    else:
        cents = chance.randint(110_000, 400_000)
        label = f"VIR REÇU {chance.choice(PEOPLE)} SALAIRE {day:%m/%Y}"
    valued = day + datetime.timedelta(days=chance.choice((0, 0, 1, 2)))
    return day, valued, label, cents, ACCOUNTS[(0, 0, 0, 0, 0, 0, 0, 1, 1, 2)[number % 10]]


def french(day):
    return f"{day.day:02}/{day.month:02}/{day.year}"


def euros(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100},{abs(cents) % 100:02}"


def reencode(path, copy):
    with open(path, encoding="latin-1", newline="") as old, open(copy, "w", encoding="utf-8", newline="") as new:
        shutil.copyfileobj(old, new)


# --- DuckDB's own import --------------------------------------------------------


def duckdb_python():
    """A Python that has DuckDB, in an environment of its own."""
    python = WORK / "venv/bin/python"
    if not python.is_file() or subprocess.run([python, "-c", "import duckdb"]).returncode != 0:
        subprocess.run([sys.executable, "-m", "venv", "--clear", WORK / "venv"], check=True)
        install = ["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", DUCKDB]
        subprocess.run([python, "-m", "pip", *install], check=True)
    return python


def import_by_duckdb(path, database):
    import duckdb

    connection = duckdb.connect(database)
    connection.execute(
        """create table if not exists transactions (
             key ubigint, booked_on date, value_on date, label varchar,
             amount decimal(18, 2), currency varchar, balance decimal(18, 2), account varchar)"""
    )
    connection.execute(
        """insert into transactions
           with read as (
             from read_csv(?, delim = ';', header = true, quote = '"', encoding = 'latin-1',
               dateformat = '%d/%m/%Y', decimal_separator = ',', columns = {
                 booked_on: 'date', value_on: 'date', label: 'varchar', amount: 'decimal(18, 2)',
                 currency: 'varchar', balance: 'decimal(18, 2)', account: 'varchar'})
           ), numbered as (
             select *, row_number() over (partition by account, booked_on, value_on, label, amount) as twin
             from read
           ), keyed as (
             select hash(account, booked_on, value_on, label, amount, twin) as key, * exclude (twin)
             from numbered
           )
           from keyed anti join transactions using (key)""",
        [path],
    )
    (rows,) = connection.execute("select count(*) from transactions").fetchone()
    connection.close()
    print(rows)


STEPS = {"generate": generate, "reencode": reencode, "duckdb": import_by_duckdb}


# --- the runs -------------------------------------------------------------------

# What is shown: name, key of the DuckDB run it is held against.
OURS = [
    ("moisson, new home", "DuckDB, new database"),
    ("moisson, same bytes again", "DuckDB, same file again"),
    ("moisson, in UTF-8, renamed", "DuckDB, same file again"),
]


def run_once(moisson, python, latin1, utf8, truth):
    """Name -> figures of each import, and what was wrong in the marts."""
    database, home = WORK / "baseline.duckdb", WORK / "home"
    database.unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)
    figures, wrong = {}, []
    for name in "DuckDB, new database", "DuckDB, same file again":
        figures[name], said = measure([python, __file__, "--step", "duckdb", latin1, database])
        if said.strip() != str(truth["rows"]):
            sys.exit(f"{name}: {said.strip()} rows, not {truth['rows']}: the comparison is broken")
    for (name, _), file in zip(OURS, (latin1, latin1, utf8)):
        figures[name], _ = measure([moisson, "--home", home, "import", file])
        wrong += [f"{name}: {line}" for line in differences(moisson, home, truth)]
    return figures, wrong


def measure(command):
    """Runs a command to its end: (CPU s, wall s, peak MiB) and what it printed."""
    log = WORK / "log"
    with open(log, "wb") as sink:
        redirect = [(os.POSIX_SPAWN_DUP2, sink.fileno(), stream) for stream in (1, 2)]
        arguments, began = [str(part) for part in command], time.monotonic()
        child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=redirect)
        _, status, used = os.wait4(child, 0)
        wall = time.monotonic() - began
    said = log.read_text(errors="replace")
    if status != 0:
        sys.exit(f"{' '.join(arguments)}\nfailed with status {os.waitstatus_to_exitcode(status)}:\n{said[-2000:]}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return (used.ru_utime + used.ru_stime, wall, used.ru_maxrss / unit), said


def differences(moisson, home, truth):
    """The account-months whose count or cents the mart has otherwise than the file.

    Accounts are held together by their figures, since a mart may call them by name.
    """
    question = (
        "select account, strftime(booked_on, '%Y-%m') as month, count(*) as n, "
        "cast(sum(amount) * 100 as bigint) as cents from transactions group by account, month"
    )
    asked = subprocess.run(
        [moisson, "--home", home, "sql", "--format", "csv", question], stdout=subprocess.PIPE, text=True
    )
    if asked.returncode != 0:
        return ["`moisson sql` failed"]
    found = sorted((row["month"], int(row["n"]), int(row["cents"])) for row in csv.DictReader(io.StringIO(asked.stdout)))
    expected = sorted((key.split()[1], n, cents) for key, (n, cents) in truth["months"].items())
    missing, extra = set(expected) - set(found), set(found) - set(expected)
    return [f"missing {one}" for one in sorted(missing)] + [f"not in the file {one}" for one in sorted(extra)]


# --- the report -----------------------------------------------------------------


def report(file, truth, runs):
    figures = {name: summary([run[name] for run in runs]) for name in runs[0]}
    print(f"\n{truth['rows']:,} rows, {file.stat().st_size / 1e6:.1f} MB, {len(runs)} run(s), "
          f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':28}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}{'CPU, of DuckDB':>17}  target")
    for name, (cpu, wall, peak) in figures.items():
        beside = next((other for ours, other in OURS if ours == name), None)
        share = cpu / figures[beside][0] if beside else None
        ratio = f"{share:.2f} x" if share else ""
        print(f"{name:28}{cpu:9.2f}{wall:9.2f}{peak:10.0f}{ratio:>17}  {targets(name, cpu, peak, share)}".rstrip())


def summary(runs):
    cpu, wall, peak = zip(*runs)
    return statistics.median(cpu), statistics.median(wall), max(peak)


def targets(name, cpu, peak, share):
    if name not in [ours for ours, _ in OURS]:
        return ""
    goals = {
        "moisson, new home": [("≤ 2 x", share <= 2), ("≤ 300 MiB", peak <= 300)],
        "moisson, same bytes again": [("≤ 0.1 CPU s", cpu <= 0.1)],
        "moisson, in UTF-8, renamed": [("≤ 2 x", share <= 2)],
    }[name]
    return ", ".join(f"{goal}: {'reached' if met else 'MISSED'}" for goal, met in goals)


def verdict(truth, wrong):
    checked = f"{truth['rows']:,} rows, {euros(truth['cents'])} EUR, {len(truth['months'])} account-months"
    if not wrong:
        print(f"counts and cents: right after every import ({checked})")
        return 0
    print(f"counts and cents: WRONG ({checked})", *wrong[:10], sep="\n  ")
    return 1


if __name__ == "__main__":
    sys.exit(main())
