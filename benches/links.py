#!/usr/bin/env python3
"""How many links are found, and how many of them are right, in a year made to mislead.

    benches/links.py --moisson target/release/moisson            three seeds
    benches/links.py --moisson target/debug/moisson --seeds 7    one of your choice
    benches/links.py --write fixtures/links/year --seeds 1       only writes the documents and the truth

Each seed gives more than 500 bills and 5,000 bank movements (see linked_year.py): the same amounts
every month from several issuers, late, split, combined and rejected debits, instalments with their
settlement, refunds, other currencies, issuers that look alike, missing bills, missing debits, and
purchases of the same amounts. They are imported as anybody would import them; the view
`reconciliations` is held against the truth. Exit code 1 when precision or recall of sure links of
bills is below what is promised: 0.99 and 0.95.
"""

import argparse
import csv
import io
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import linked_year

SETTINGS = """[household]
name = "Exemple"
time_zone = "Europe/Paris"
region = "FR"
currency = "EUR"

[[members]]
id = "odile"
name = "Odile Exemple"

[[accounts]]
id = "commun"
name = "Compte commun"
owners = ["odile"]

[[accounts]]
id = "perso"
name = "Compte perso"
owners = ["odile"]

[[accounts]]
id = "epargne"
name = "Épargne Exemple"
owners = ["odile"]

[[sources]]
id = "banque"
connector = "bank/credit_mutuel"
files = "documents/commun.csv"
account = "commun"
"""
COMMUN = ["Date", "Date de valeur", "Débit", "Crédit", "Libellé", "Solde", "Motif",
          "Référence unique du mandat (RUM)", "Référence (END TO END)", "Identifiant du créancier (ICS)"]
OTHERS = ["account", "booked_on", "raw_label", "amount", "currency", "original_amount", "original_currency"]
BILLS = ["issuer", "contract", "number", "period_from", "period_to", "issued_on", "due_on", "paid_on", "total", "currency"]
PROMISED = {"precision": 0.99, "recall": 0.95}


def main():
    options = parse_arguments()
    if options.write:
        write(linked_year.make(options.seeds[0]), options.write)
        return 0
    is_kept = True
    for seed in options.seeds:
        year = linked_year.make(seed)
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            write(year, home)
            files = sorted(str(file) for file in (home / "documents").iterdir())
            run(options.moisson, home, "import", *files)
            is_kept &= report(seed, year, ask(options.moisson, home), options.wrong)
    return 0 if is_kept else 1


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moisson", type=Path, default=Path("target/release/moisson"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--write", type=Path, help="write the first seed's documents and truth here, and stop")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong or missing")
    return parser.parse_args()


def write(year, folder):
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    (folder / "moisson.toml").write_text(SETTINGS, encoding="utf-8")
    (documents / "commun.csv").write_bytes(table(COMMUN, commun(year)).encode("iso-8859-15"))
    (documents / "others.csv").write_text(table(OTHERS, others(year)), encoding="utf-8")
    (documents / "bills.csv").write_text(table(BILLS, bills(year)), encoding="utf-8")
    truth = {kind: sorted(links) for kind, links in truths(year).items()}
    truth["about"] = {"bills": "number of the bill, movement that pays it or gives money back",
                      "transfers": "movement that goes out, movement that comes in",
                      "returns": "debit, movement that undoes it"}
    text = ",\n".join(f'  {json.dumps(kind)}: [\n    ' + ",\n    ".join(json.dumps(link, ensure_ascii=False) for link in links) + "\n  ]"
                      if isinstance(links, list) else f"  {json.dumps(kind)}: {json.dumps(links)}" for kind, links in truth.items())
    (folder / "truth.json").write_text("{\n" + text + "\n}\n", encoding="utf-8")


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def euros(cents, mark="."):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}{mark}{abs(cents) % 100:02}"


def commun(year):
    for at in in_order(year, lambda movement: movement["account"] == "commun"):
        day, cents = f"{at['day']:%d/%m/%Y}", at["cents"]
        yield [day, day, euros(cents, ",") if cents < 0 else "", euros(cents, ",") if cents > 0 else "", at["label"], "",
               "", at.get("rum", ""), "", at.get("ics", "")]


def others(year):
    for at in in_order(year, lambda movement: movement["account"] != "commun"):
        original = euros(at["original"]) if "original" in at else ""
        yield [at["account"], at["day"], at["label"], euros(at["cents"]), "EUR", original, at.get("original_currency", "")]


def in_order(year, wanted):
    return sorted(filter(wanted, year.movements), key=lambda movement: movement["day"])


def bills(year):
    for bill in year.bills:
        start, end = bill["period"] or ("", "")
        yield [bill["issuer"], bill["contract"], bill["number"], start, end, bill["issued"], bill["due"] or "",
               bill["paid"] or "", euros(bill["total"]), bill["currency"]]


def shown(movement):
    return f"{movement['account']} {movement['day']} {euros(movement['cents'])} {movement['label']}"


def truths(year):
    """Pairs of texts, for identical movements are one and the same to whoever reads them."""
    movement = [shown(at) for at in year.movements]
    return {
        "bills": [(year.bills[bill]["number"], movement[at]) for bill, at in year.pays],
        "transfers": [(movement[a], movement[b]) for a, b in year.transfers],
        "returns": [(movement[a], movement[b]) for a, b in year.returns],
    }


def run(moisson, home, *arguments):
    command = [str(moisson.resolve()), "--home", str(home), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{' '.join(command)}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def ask(moisson, home):
    side = "account || ' ' || booked_on || ' ' || amount::decimal(18, 2) || ' ' || raw_label"
    question = f"""with sides as (select transaction_id as id, {side} as words from transactions)
        select links.kind, coalesce(links.bill_number, lefts.words) as left_words, rights.words as right_words, links.grade,
            links.reason
        from reconciliations as links
        left join sides as lefts on lefts.id = links.left_id
        inner join sides as rights on rights.id = links.right_id
        where links.state <> 'rejected'"""
    return list(csv.DictReader(io.StringIO(run(moisson, home, "sql", "-f", "csv", question))))


def report(seed, year, found, with_wrong):
    print(f"seed {seed}: {len(year.bills)} bills, {len(year.movements)} movements")
    is_kept = True
    for kind, truth in truths(year).items():
        name = {"bills": "bill", "transfers": "transfer", "returns": "refund"}[kind]
        of_kind = [link for link in found if link["kind"] == name]
        wanted = Counter(truth)
        for grade in ["sure", "all"]:
            links = Counter((link["left_words"], link["right_words"]) for link in of_kind if grade in ("all", link["grade"]))
            right = (links & wanted).total()
            precision, recall = right / max(1, links.total()), right / max(1, wanted.total())
            print(f"  {kind:9} {grade:4}  precision {precision:.4f}  recall {recall:.4f}  ({right} right of {links.total()} found, {wanted.total()} true)")
            if (kind, grade) == ("bills", "sure"):
                is_kept = precision >= PROMISED["precision"] and recall >= PROMISED["recall"]
                if with_wrong:
                    list_wrong(of_kind, links - wanted, wanted - links)
    return is_kept


def list_wrong(found, wrong, missing):
    for link in wrong:
        print("    wrong  ", *link, *[f"({at['reason']})" for at in found if (at["left_words"], at["right_words"]) == link])
    for link in missing:
        near = [f"({at['grade']}: {at['right_words']}: {at['reason']})" for at in found if at["left_words"] == link[0]]
        print("    missing", *link, *near)


if __name__ == "__main__":
    sys.exit(main())
