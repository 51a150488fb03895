#!/usr/bin/env python3
"""How long it takes to join ten years of a household, and to add a day to them.

    make bench-reconcile                  builds the release program, then runs this
    benches/reconcile.py --rows 200000    a smaller household
    benches/reconcile.py --keep           leaves the home, to look at it with `moisson sql`

One run invents ten years of movements on four accounts (card purchases from
some 40,000 merchants, direct debits with creditor identifier and mandate,
transfers with names, transfers between own accounts, refunds, rejected and
repeated debits), the bills that one debit in twenty pays, and an address book;
imports them, and then measures, each in a process of its own:

  refresh        `moisson refresh`: every layer made again, and published
  a day          `moisson import` of 1,000 rows, of which some 100 are new

beside what DuckDB alone needs for the least of it: to read the same 1,000 rows
and add those whose key is not among the million, and to make one plain
aggregate of the million again.

Shown are CPU seconds (user + system), wall seconds and the peak of resident
memory of the whole process, then the slowest files of the layers. Exit code 1
when an import fails or a count is wrong; a missed target is only said.
"""

import argparse
import csv
import datetime
import importlib.util
import itertools
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("bench_import", HERE / "import.py")
plain = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plain)
WORK = plain.WORK / "reconcile"

YEARS, FIRST_DAY = 10, datetime.date(2016, 1, 1)
DAYS = (datetime.date(FIRST_DAY.year + YEARS, 1, 1) - FIRST_DAY).days
# Account, and its share of the rows; the last one is a savings account, moved by own transfers only.
ACCOUNTS = {"00010000001": 0.46, "00010000002": 0.30, "00020000003": 0.24, "00020000004": 0.0}
MERCHANTS, CREDITORS = 40_000, 300

TRADES = (
    "BOULANGERIE PHARMACIE EPICERIE BOUCHERIE LIBRAIRIE GARAGE FLEURS PRESSE TABAC CAFE BRASSERIE RESTAURANT "
    "CORDONNERIE PRESSING COIFFURE OPTIQUE FROMAGERIE PRIMEUR CAVE MERCERIE QUINCAILLERIE JARDINERIE PISCINE "
    "CINEMA THEATRE MUSEE PARKING STATION LAVERIE PHOTO"
).split()
SIGNS = (
    "DES HALLES;DU MARCHE;DE LA GARE;DU PORT;DES TILLEULS;DE L'ILOT;DU CHATEAU;DES PEPINIERES;DE LA MAIRIE;"
    "DU MOULIN;DES LILAS;DE LA FONTAINE;DU PONT NEUF;SAINT MICHEL;SAINTE ANNE;DES ARTS;DU LAVOIR;DE LA POSTE;"
    "BELLEVUE;DES REMPARTS;DU VERGER;DE LA SOURCE;DU BEFFROI;DES ACACIAS;DU COLOMBIER;DE LA TOUR;DU PRESSOIR;"
    "DES CEDRES;DE L'ECLUSE;DU RELAIS"
).split(";")
TOWNS = (
    "LYON BESANCON NIMES ORLEANS LILLE NANTES RENNES TOURS DIJON METZ NANCY REIMS AMIENS CAEN BREST PAU AGEN "
    "ALBI AUCH CAHORS RODEZ MENDE PRIVAS VALENCE GAP DIGNE NICE TOULON BASTIA AJACCIO CHARTRES BLOIS EVREUX "
    "ALENCON LAVAL ANGERS NIORT POITIERS LIMOGES GUERET TULLE AURILLAC MOULINS NEVERS AUXERRE"
).split()
TRADE_OF_BILLS = "ENERGIE TELECOM EAUX MUTUELLE ASSURANCES FIBRE GAZ CANTINE CRECHE SYNDIC".split()
GIVEN = (
    "ZOE NOEL ANAIS JEROME CLAIRE HUGO LEA MARC INES PAUL EMMA LUC ALICE REMI ROSE YVES NINA OMAR SARA TOM ANNA "
    "ELSA FELIX GABIN JADE KARIM LENA MILO NOUR OSCAR PIA QUENTIN RITA SACHA TESS URSULA VICTOR WANDA XAVIER YANN"
).split()
FAMILY_START = "BER MAR DU LA MO PER RO SI VAL GI FA CO BAR TEL NOR LEM HEN GAR CHA BOU".split()
FAMILY_END = "NARD TIN PONT CROIX REAU RIN SSET MON LAND RAUD BRE LLET DIER LIER MAND AIRE RIC NIER PEL VIER".split()


def main():
    options = parse_arguments()
    if options.step:
        STEPS[options.step](*options.arguments)
        return 0
    options.moisson = options.moisson.resolve()
    if not options.moisson.is_file():
        sys.exit(f"{options.moisson} is not there: run `make bench-reconcile`, or name it with --moisson")
    folder, home = WORK / f"documents-{options.rows}", WORK / "home"
    print(f"making {options.rows:,} movements under {WORK}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    step = [sys.executable, __file__, "--step", "generate", folder, options.rows, options.bills, options.contacts]
    subprocess.run([*map(str, step), str(options.seed)], check=True)
    truth = json.loads((folder / "truth.json").read_text())
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copy(folder / "moisson.toml", home)
    figures, slowest, wrong = run(options.moisson, home, folder, truth)
    report(truth, figures, slowest)
    if not options.keep:
        shutil.rmtree(home)
    return verdict(wrong)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moisson", type=Path, default=plain.ROOT / "target/release/moisson")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bills", type=int, help="default: one for twenty movements")
    parser.add_argument("--contacts", type=int, help="default: one for a hundred movements")
    parser.add_argument("--seed", type=int, default=20260101)
    parser.add_argument("--keep", action="store_true")
    # Parts that run in processes of their own, called by this script only.
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.bills = options.bills or options.rows // 20
    options.contacts = options.contacts or options.rows // 100
    return options


# --- the documents ------------------------------------------------------------


def generate(folder, rows, bills, contacts, seed):
    folder, rows, bills, contacts = Path(folder), int(rows), int(bills), int(contacts)
    chance = random.Random(int(seed))
    people = invent_people(chance, contacts)
    write_cards(folder / "carnet.vcf", people)
    moved = [[] for _ in range(DAYS)]
    n_bills = invent_bills(chance, bills, people, moved, folder / "factures.csv")
    n_own = invent_own_transfers(chance, moved)
    so_far = sum(map(len, moved))
    fill(chance, moved, rows - so_far, people)
    truth = {"rows": 0, "cents": 0, "bills": n_bills, "contacts": contacts, "own_transfers": n_own}
    write_exports(folder, moved, truth)
    write_day(chance, folder, moved, people, truth)
    (folder / "moisson.toml").write_text(settings())
    (folder / "truth.json").write_text(json.dumps(truth))


def settings():
    accounts = "".join(
        f'[[accounts]]\nid = "{account}"\nname = "Compte {n}"\nowners = ["alice"]\n\n'
        for n, account in enumerate(ACCOUNTS, 1)
    )
    return (
        '[household]\nname = "Exemple"\ntime_zone = "Europe/Paris"\nregion = "FR"\ncurrency = "EUR"\n\n'
        '[[members]]\nid = "alice"\nname = "Alice Exemple"\n\n' + accounts
    )


def invent_people(chance, count):
    """Names that are told apart: given name, family name."""
    families = [start + middle + end for start in FAMILY_START for middle in ("", "A", "E", "I", "O") for end in FAMILY_END]
    names = list(itertools.islice(zip(itertools.cycle(GIVEN), itertools.cycle(families[: len(families) - 1])), count))
    chance.shuffle(names)
    return [(given, family, iban(n)) for n, (given, family) in enumerate(names)]


def write_cards(path, people):
    with open(path, "w", encoding="utf-8", newline="") as file:
        for n, (given, family, account) in enumerate(people):
            # Numbers that are reserved for fiction run out at some thousand: households share them.
            phone = f"+336399{80000 + n % 10_000:05}" if n % 3 else f"+33199{n % 10_000:06}"
            lines = [
                "BEGIN:VCARD", "VERSION:3.0", f"UID:carte-{n}", f"N:{family.title()};{given.title()};;;",
                f"FN:{given.title()} {family.title()}", f"EMAIL:{given.lower()}.{family.lower()}.{n}@example.org",
            ]
            lines += [f"TEL;TYPE=CELL:{phone}"] if n < 10_000 else []
            lines += [f"X-IBAN:{account}"] if n % 4 == 0 else []
            file.write("\r\n".join([*lines, "END:VCARD", ""]))


def iban(n):
    """An IBAN of a bank that is none, with its check digits (ISO 13616)."""
    return f"FR{check_digits(f'9999900001{n:011}00', 'FR')}9999900001{n:011}00"


def creditor_id(n):
    """A SEPA creditor identifier with its check digits, which leave the business code out."""
    return f"FR{check_digits(f'99{n:04}', 'FR')}ZZZ99{n:04}"


def check_digits(body, country):
    digits = "".join(str(int(c, 36)) for c in f"{body}{country}00")
    return f"{98 - int(digits) % 97:02}"


def invent_bills(chance, count, people, moved, path):
    """Contracts that are billed each month and mostly debited some days later."""
    months = YEARS * 12
    contracts = max(1, round(count / months))
    header = "issuer;contract;number;period_from;period_to;issued_on;due_on;total;vat;currency;kind".split(";")
    written = 0
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\n")
        out.writerow(header)
        for contract in range(contracts):
            issuer, account = contract % CREDITORS, chance.choice(list(ACCOUNTS)[:3])
            usual, varies, day_of_month = chance.randint(900, 18_000), chance.random() < 0.4, chance.randint(1, 28)
            for month in range(months):
                if written == count:
                    break
                issued = datetime.date(FIRST_DAY.year + month // 12, month % 12 + 1, day_of_month)
                cents = usual if not varies else round(usual * chance.uniform(0.6, 1.5))
                number = f"F{contract:05}{month:03}"
                due = issued + datetime.timedelta(days=12)
                first, last = issued.replace(day=1), issued
                out.writerow([
                    name_of_issuer(issuer), f"C{contract:06}", number, first, last, issued, due,
                    f"{cents / 100:.2f}", f"{cents / 600:.2f}", "EUR", "other",
                ])
                written += 1
                pay(chance, moved, account, issuer, contract, number, cents, (due - FIRST_DAY).days)
    return written


def name_of_issuer(issuer):
    return f"{TRADE_OF_BILLS[issuer % len(TRADE_OF_BILLS)]} {SIGNS[issuer // 10 % 30]} {TOWNS[issuer % 41]}".title()


def pay(chance, moved, account, issuer, contract, number, cents, day):
    """The debit of a bill: late, rejected and presented again, in two parts, or none at all."""
    day += chance.choice((0, 0, 0, 1, 1, 2, 3))
    ref = f"{creditor_id(issuer)} {'RUM' if issuer % 2 else 'MDT'}{contract:06}"
    label = f"PRLV SEPA {name_of_issuer(issuer).upper()} {ref} {number if issuer % 3 else ''}".strip()
    fate = chance.random()
    parts = [(day, -cents, label)]
    if fate < 0.03:
        parts = [(day, -cents, label), (day + 2, cents, f"REJET {label}"), (day + 9, -cents, label)]
    elif fate < 0.05:
        half = cents // 2
        parts = [(day, -half, label), (day + 30, half - cents, label)]
    elif fate < 0.07:
        parts = [(day, -cents, f"VIR SEPA {name_of_issuer(issuer).upper()} FACTURE {number}")]
    elif fate < 0.09:
        parts = []
    for at, amount, said in parts:
        if at < DAYS:
            moved[at].append((account, said, amount))


def invent_own_transfers(chance, moved):
    count, accounts = 0, list(ACCOUNTS)
    for day in range(3, DAYS - 3, 5):
        out, into = chance.sample(accounts, 2)
        cents = chance.randint(1, 200) * 1_000
        moved[day].append((out, "VIR SEPA ALICE EXEMPLE EPARGNE", -cents))
        moved[day + chance.choice((0, 0, 1, 2))].append((into, "VIR SEPA RECU DE ALICE EXEMPLE EPARGNE", cents))
        count += 1
    return count


def fill(chance, moved, rows, people):
    """Everyday movements, as many a day all along."""
    shares = list(ACCOUNTS.values())
    accounts = iter(chance.choices(list(ACCOUNTS), shares, k=max(0, rows)))
    for n, account in enumerate(accounts):
        day = n * DAYS // rows
        label, cents = everyday(chance, FIRST_DAY + datetime.timedelta(days=day), people)
        moved[day].append((account, label, cents))


def everyday(chance, day, people):
    kind = chance.random()
    if kind < 0.84:
        bought = day - datetime.timedelta(days=chance.choice((0, 1, 1, 2, 3)))
        merchant = merchant_of(int(MERCHANTS * chance.random() ** 3))
        if kind < 0.01:
            return f"AVOIR CARTE {bought:%d/%m} {merchant} CB*4271", chance.randint(500, 9_000)
        return f"CARTE {bought:%d/%m/%y} {merchant} CB*4271", -chance.randint(90, 16_000)
    if kind < 0.90:
        n = CREDITORS + int(2_000 * chance.random() ** 2)
        return f"PRLV SEPA {name_of_issuer(n).upper()} {creditor_id(n)} RUM{n:06}", -chance.randint(300, 9_000)
    given, family, account = people[int(len(people) * 0.3 * chance.random() ** 2)]
    if kind < 0.94:
        return f"VIR SEPA {given} {family} {chance.choice(('LOYER', 'CADEAU', 'REMBOURSEMENT', ''))}".strip(), -chance.randint(500, 90_000)
    if kind < 0.97:
        return f"VIR SEPA RECU DE {chance.choice(('M ', 'MME ', ''))}{given} {family}", chance.randint(500, 300_000)
    if kind < 0.99:
        return f"RETRAIT DAB {day:%d/%m} {chance.choice(TOWNS)} CB*4271", -chance.randint(1, 15) * 1_000
    return chance.choice(("COTIS MENSUELLE CARTE", f"CHEQUE {chance.randrange(10**7):07}")), -chance.randint(200, 40_000)


def merchant_of(n):
    trade, sign = TRADES[n % len(TRADES)], SIGNS[n // len(TRADES) % len(SIGNS)]
    return f"{trade} {sign} {TOWNS[n // (len(TRADES) * len(SIGNS)) % len(TOWNS)]}"


HEADER = ["booked_on", "raw_label", "amount", "currency", "account"]


def rows_of(moved):
    """Rows in the order of their days."""
    for day, rows in enumerate(moved):
        for account, label, cents in rows:
            yield FIRST_DAY + datetime.timedelta(days=day), account, label, cents


def write_exports(folder, moved, truth):
    """One export an account."""
    files = {account: open(folder / f"{account}.csv", "w", encoding="utf-8", newline="") for account in ACCOUNTS}
    writers = {account: csv.writer(file, delimiter=";", lineterminator="\n") for account, file in files.items()}
    for writer in writers.values():
        writer.writerow(HEADER)
    for day, account, label, cents in rows_of(moved):
        writers[account].writerow([day, label, f"{cents / 100:.2f}", "EUR", account])
        truth["rows"] += 1
        truth["cents"] += cents
    for file in files.values():
        file.close()


def write_day(chance, folder, moved, people, truth):
    """The last whole days of the first account, some 900 rows, and 100 rows of the days after."""
    account, known = next(iter(ACCOUNTS)), []
    for day in range(DAYS - 1, -1, -1):
        if len(known) >= 900:
            break
        date = FIRST_DAY + datetime.timedelta(days=day)
        known = [(date, label, cents) for of, label, cents in moved[day] if of == account] + known
    fresh = []
    for n in range(100):
        date = FIRST_DAY + datetime.timedelta(days=DAYS + n // 50)
        fresh.append((date, *everyday(chance, date, people)))
    with open(folder / "jour.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\n")
        out.writerow(HEADER)
        for date, label, cents in known + fresh:
            out.writerow([date, label, f"{cents / 100:.2f}", "EUR", account])
    truth["day"] = {"known": len(known), "new": len(fresh), "cents": sum(cents for _, _, cents in fresh)}


# --- the runs -------------------------------------------------------------------


def run(moisson, home, folder, truth):
    """Name -> figures of each run, the slowest files of the layers, and what was wrong."""
    documents = [folder / f"{account}.csv" for account in ACCOUNTS]
    figures, wrong = {}, []
    program = [moisson, "--home", home]
    figures["import of everything"], _ = plain.measure([*program, "import", folder / "carnet.vcf", folder / "factures.csv", *documents])
    wrong += differences(program, truth, "after the import", truth["rows"], truth["cents"])
    figures["refresh"], said = plain.measure([*program, "refresh", "--timings"])
    day = truth["day"]
    figures["a day"], _ = plain.measure([*program, "import", folder / "jour.csv"])
    wrong += differences(program, truth, "after the day", truth["rows"] + day["new"], truth["cents"] + day["cents"])
    database = WORK / "baseline.duckdb"
    database.unlink(missing_ok=True)
    python, script = plain.duckdb_python(), [__file__, "--step"]
    plain.measure([python, *script, "duckdb_fill", database, *documents])
    figures["DuckDB, one aggregate"], _ = plain.measure([python, *script, "duckdb_aggregate", database])
    figures["DuckDB, the same day"], said_new = plain.measure([python, *script, "duckdb_day", database, folder / "jour.csv"])
    if int(said_new) > day["new"]:
        wrong.append(f"DuckDB found {said_new.strip()} new rows, not {day['new']}: the comparison is broken")
    return figures, said, wrong


def differences(program, truth, when, rows, cents):
    """What the marts have otherwise than the documents."""
    question = (
        "select rows, cents, bills, people from "
        "(select count(*) as rows, cast(sum(amount) * 100 as bigint) as cents from transactions), "
        "(select count(*) as bills from bills), "
        "(select count(*) as people from people where len(books) > 0)"
    )
    asked = subprocess.run([*program, "sql", "--format", "json", question], stdout=subprocess.PIPE, text=True)
    if asked.returncode != 0:
        return [f"{when}: `moisson sql` failed"]
    found = json.loads(asked.stdout)[0]
    expected = {"rows": rows, "cents": cents, "bills": truth["bills"]}
    wrong = [f"{when}: {name} {found[name]}, not {n}" for name, n in expected.items() if int(found[name]) != n]
    if not 0 < int(found["people"]) <= truth["contacts"]:
        wrong.append(f"{when}: {found['people']} people of {truth['contacts']} cards")
    return wrong


def read(connection, path):
    return connection.read_csv(
        str(path), delimiter=";", header=True,
        columns={"booked_on": "date", "raw_label": "varchar", "amount": "decimal(18, 2)", "currency": "varchar", "account": "varchar"},
    )


KEY = "hash(account, booked_on, raw_label, amount)"


def duckdb_fill(database, *documents):
    import duckdb

    connection = duckdb.connect(database)
    connection.execute(f"create table transactions as select {KEY} as key, * from (select '' as raw_label, '' as account, date '2000-01-01' as booked_on, 0::decimal(18, 2) as amount, '' as currency) limit 0")
    for path in documents:
        rows = read(connection, path)
        connection.execute(f"insert into transactions select {KEY}, raw_label, account, booked_on, amount, currency from rows")
    connection.close()


def duckdb_day(database, path):
    import duckdb

    connection = duckdb.connect(database)
    rows = read(connection, path)
    (count,) = connection.execute(
        f"""insert into transactions
            select fresh.* from (select {KEY} as key, raw_label, account, booked_on, amount, currency from rows) as fresh
            anti join transactions using (key)"""
    ).fetchone()
    connection.close()
    print(count)


def duckdb_aggregate(database):
    import duckdb

    connection = duckdb.connect(database)
    connection.execute(
        "create or replace table months as select account, date_trunc('month', booked_on) as month, "
        "count(*) as rows, sum(amount) as amount from transactions group by all"
    )
    connection.close()


STEPS = {
    "generate": generate, "duckdb_fill": duckdb_fill, "duckdb_day": duckdb_day, "duckdb_aggregate": duckdb_aggregate,
}


# --- the report -----------------------------------------------------------------


def report(truth, figures, said):
    day = truth["day"]
    print(f"\n{truth['rows']:,} movements, {truth['bills']:,} bills, {truth['contacts']:,} contacts; "
          f"the day has {day['known']} known rows and {day['new']} new ones")
    print(f"{'':24}{'CPU s':>9}{'wall s':>9}{'peak MiB':>10}  target")
    for name, (cpu, wall, peak) in figures.items():
        print(f"{name:24}{cpu:9.2f}{wall:9.2f}{peak:10.0f}  {targets(name, cpu, peak)}".rstrip())
    timed = [line for line in said.splitlines() if ".sql" in line]
    print("\nthe slowest files of the layers", *timed[:12], sep="\n  ")


def targets(name, cpu, peak):
    goals = {
        "refresh": [("≤ 10 CPU s", cpu <= 10), ("≤ 1 GiB", peak <= 1024)],
        "a day": [("≤ 0.3 CPU s", cpu <= 0.3)],
    }.get(name, [])
    return ", ".join(f"{goal}: {'reached' if met else 'MISSED'}" for goal, met in goals)


def verdict(wrong):
    if not wrong:
        print("\ncounts and cents: right")
        return 0
    print("\ncounts and cents: WRONG", *wrong, sep="\n  ")
    return 1


if __name__ == "__main__":
    sys.exit(main())
