"""A year of an invented household's bills and bank movements, made to mislead whoever links them.

Everything is drawn from a seed, so the same seed gives the same bytes. Nobody in it exists.
What pays what is told in the truth that comes with it.
"""

import datetime
import random

DAY = datetime.timedelta(days=1)

# Name on the bill, name in the label, whether the bank shows creditor and mandate.
VARIABLE = [
    ("Électricité du Bocage", "ELECTRICITE DU BOCAGE", True), ("Gaz de l'Îlot", "GAZ DE L ILOT", True),
    ("Téléphonie Corail", "CORAIL TELECOM", True), ("Réseau Mimosa Mobile", "MIMOSA MOBILE SAS", False),
    ("Eaux du Vallon", "EAUX DU VALLON", True), ("Péage Estuaire", "ESTUAIRE PEAGE", False),
    ("Autopartage Lilas", "ENCAISSEUR CENTRAL", True), ("Crèche des Moineaux", "CRECHE DES MOINEAUX", False),
    ("Garderie du Pré", "REGIE GARDERIE DU PRE", True), ("Fibre Saphir", "SAPHIR", False),
]
CONSTANT = [
    ("Vidéo Horizon", "VIDEO HORIZON", 1999, True), ("Musique Boréale", "BOREALE MUSIC AB", 999, False),
    ("Presse du Phare", "PRESSE DU PHARE", 1999, False), ("Salle Granit", "SALLE GRANIT", 2999, True),
    ("Nuage Cobalt", "COBALT CLOUD", 999, False), ("Alarme Sentinelle", "SENTINELLE ALARME", 2999, True),
    ("Mutuelle des Dunes", "MUTUELLE DES DUNES", 8490, True), ("Loyer Garage Tilleul", "M TILLEUL PASCAL", 7500, False),
    ("Assurance Rocaille", "ROCAILLE ASSURANCE", 1999, False), ("Club d'aviron", "CLUB AVIRON", 2999, False),
]
ALIKE = [
    ("Alto Mobile", "ALTO MOBILE", 1999, True), ("Alto Énergie", "ALTO ENERGIE", None, True),
    ("Alto Assurances", "ALTO ASSURANCES", 1999, False), ("Durand Plomberie", "DURAND PLOMBERIE", None, False),
    ("Durand Électricité", "DURAND ELECTRICITE", None, False),
]
SEVERAL = [("Cantine des Quais", "CANTINE DES QUAIS", 3), ("Conservatoire Rameau", "REGIE CONSERVATOIRE RAMEAU", 2),
           ("Pharmacie Verdier", "PHARMACIE VERDIER", 2)]
YEARLY = [("Taxe foncière Marais", "DGF IMPOT MARAIS", 10, 0), ("Eau du Marais", "EAU DU MARAIS", 4, 0),
          ("Assurance Falaise", "ASSURANCE FALAISE", 12, 0), ("Gaz de la Baie", "GAZ DE LA BAIE", 11, 1),
          ("Chaleur Urbaine Nord", "CHALEUR URBAINE NORD", 10, -1), ("Syndic des Érables", "SYNDIC DES ERABLES", 4, 0)]
FOREIGN = [("Nimbus Hosting", "NIMBUS HOSTING", "USD", 1.09), ("Tartan Books", "TARTAN BOOKS LTD", "GBP", 0.85),
           ("Alpen Verlag", "ALPEN VERLAG AG", "CHF", 0.95)]
SHOPS = ["Boutique Lune", "Atelier Bruyère", "Vélos Mistral", "Maison Anémone", "Librairie Ardoise", "Outillage Sapin"]
TRADES = ["Docteur Amblard", "Kiné Roche", "Menuiserie Fabre", "Garage Lemoine", "Dentiste Carlier", "Ostéo Perrin",
          "Toiture Vasseur", "Jardin Colin", "Notaire Aubry", "Vétérinaire Hamel"]
NOISE = ["BOULANGERIE EPI", "SUPERMARCHE NORD", "CAFE DU PORT", "STATION ROUTE 7", "MARCHE COUVERT", "PRIMEUR LEA",
         "CINEMA ETOILE", "RESTO LA TABLE", "PAPETERIE ALBA", "TRAIN REGIONAL", "PISCINE MUNICIPALE", "FLEURS IRIS"]


class Year:
    """Bills, movements and truth, in cents; a movement pays what its amount says, negative when it goes out."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.bills, self.movements, self.pays, self.transfers, self.returns = [], [], [], [], []
        self.number = 10_000

    def move(self, account, day, label, cents, **more):
        # Banks book on working days.
        while day.weekday() > 4:
            day += DAY
        self.movements.append({"account": account, "day": day, "label": label, "cents": cents, **more})
        return len(self.movements) - 1

    def bill(self, issuer, issued, total, due=None, paid=None, contract="", currency="EUR", period=None):
        self.number += self.dice.randint(3, 60)
        number = f"{issuer[0].upper()}{issued.year % 100}-{self.number}" if issuer[0].isascii() else f"F{self.number}"
        self.bills.append({"issuer": issuer, "number": number, "issued": issued, "due": due, "paid": paid, "total": total,
                           "contract": contract, "currency": currency, "period": period})
        return len(self.bills) - 1

    def pay(self, bill, movement):
        self.pays.append((bill, movement))

    def debit(self, bills, account, label, day, keys):
        """A direct debit of the sum of bills; now and then late, rejected and presented again, or never."""
        dice, cents = self.dice, sum(self.bills[bill]["total"] for bill in bills)
        fate = dice.random()
        if fate < 0.035:
            return
        if fate < 0.10:
            day += dice.randint(12, 36) * DAY
        text = f"PRLV SEPA {label}"
        number = self.bills[bills[0]]["number"]
        if len(bills) == 1 and dice.random() < 0.2:
            text += f" FACTURE {number}"
        if 0.10 <= fate < 0.135:
            failed = self.move(account, day, text, -cents, **keys)
            back = self.move(account, day + dice.randint(2, 5) * DAY, f"REJET PRLV {label}", cents)
            self.returns.append((failed, back))
            day += dice.randint(9, 16) * DAY
        movement = self.move(account, day, text, -cents, **keys)
        for bill in bills:
            self.pay(bill, movement)


def keys(dice, shows):
    """Creditor and mandate as a bank shows them, and the contract that may stand in the mandate."""
    contract = str(dice.randint(1_000_000, 9_999_999))
    if not shows:
        return {}, contract
    return {"ics": f"FR{dice.randint(10, 99)}ZZZ{dice.randint(100_000, 999_999)}", "rum": f"M{contract}"}, contract


def month_days(year=2025):
    return [datetime.date(year, month, 1) for month in range(1, 13)]


def monthly(year, issuer, label, amount, shows, account):
    """A bill a month, of one amount or a varying one; some bills never reach the household."""
    dice = year.dice
    marks, contract = keys(dice, shows)
    day = dice.randint(0, 20)
    lag = dice.randint(6, 15)
    states_due = dice.random() < 0.8
    for first in month_days():
        issued = first + day * DAY
        total = amount or dice.randint(900, 16_000)
        due = issued + lag * DAY
        text = label[:18] if dice.random() < 0.1 else label
        if dice.random() < 0.05:
            year.move(account, due, f"PRLV SEPA {text}", -total, **marks)
            continue
        bill = year.bill(issuer, issued, total, due if states_due else None, contract=contract,
                         period=(first, first + 27 * DAY))
        year.debit([bill], account, text, due + dice.randint(0, 2) * DAY, marks)


def several_at_once(year, issuer, label, n, account):
    """Two or three bills a month, debited together."""
    dice = year.dice
    marks, contract = keys(dice, dice.random() < 0.5)
    for first in month_days():
        issued = first + dice.randint(1, 4) * DAY
        due = issued + 10 * DAY
        bills = [year.bill(issuer, issued, dice.randint(1_500, 9_000), due, contract=f"{contract}{child}") for child in range(n)]
        year.debit(bills, account, label, due + dice.randint(0, 2) * DAY, marks)


def yearly(year, issuer, label, n, settlement, account):
    """A bill for the year, in equal instalments after it, or paid in advance with a settlement."""
    dice = year.dice
    marks, contract = keys(dice, dice.random() < 0.6)
    part = dice.randint(30, 180) * 100 + dice.randint(0, 99)
    if settlement == 0:
        issued = datetime.date(2025, 1, 12)
        bill = year.bill(issuer, issued, part * n, issued + 20 * DAY, contract=contract)
        step = 360 // n if n < 10 else 30
        for at in range(n):
            year.pay(bill, year.move(account, issued + (20 + step * at) * DAY, f"PRLV SEPA {label}", -part, **marks))
        return
    rest = settlement * dice.randint(1_000, 9_000)
    paid = [year.move(account, datetime.date(2025, 1 + at, 7), f"PRLV SEPA {label}", -part, **marks) for at in range(n)]
    issued = datetime.date(2025, n, 20)
    bill = year.bill(issuer, issued, part * n + rest, issued + 15 * DAY, contract=contract,
                     period=(datetime.date(2025, 1, 1), datetime.date(2025, n, 28)))
    kind = "PRLV SEPA" if rest > 0 else "VIR SEPA"
    paid.append(year.move(account, issued + 16 * DAY, f"{kind} {label}", -rest, **(marks if rest > 0 else {})))
    for movement in paid:
        year.pay(bill, movement)


def foreign(year, issuer, label, currency, rate, account):
    dice = year.dice
    for first in month_days():
        issued = first + dice.randint(0, 24) * DAY
        total = dice.randint(500, 9_000)
        bill = year.bill(issuer, issued, total, currency=currency)
        bought = issued + dice.randint(0, 2) * DAY
        euros = round(total / rate * dice.uniform(0.98, 1.02))
        year.pay(bill, year.move(account, bought + 2 * DAY, f"CARTE {bought:%d/%m} {label}", -euros,
                                 original=-total, original_currency=currency))


def orders(year, account):
    """Orders of shops: paid by card or transfer, given back whole or in part, with a credit note or without."""
    dice = year.dice
    for _ in range(60):
        shop = dice.choice(SHOPS)
        issued = datetime.date(2025, 1, 5) + dice.randint(0, 330) * DAY
        total = dice.randint(1_200, 24_000)
        bill = year.bill(shop, issued, total, issued)
        number = year.bills[bill]["number"]
        label = f"CARTE {issued:%d/%m} {plain(shop)}" if dice.random() < 0.6 else f"VIR SEPA {plain(shop)} {number}"
        year.pay(bill, year.move(account, issued + dice.randint(1, 3) * DAY, label, -total))
        fate, back = dice.random(), issued + dice.randint(8, 40) * DAY
        if fate < 0.1:
            note = year.bill(shop, back, -total, contract="")
            year.pay(note, year.move(account, back + 4 * DAY, f"VIR SEPA {plain(shop)}", total))
        elif fate < 0.25:
            given = total if fate < 0.15 else dice.randint(total // 5, total // 2)
            year.pay(bill, year.move(account, back, f"VIR SEPA {plain(shop)} REMBT {number}", given))


def trades(year, account):
    """Bills of people: by transfer, card or cheque, whole or in two or three parts, some never paid."""
    dice = year.dice
    for _ in range(90):
        who = dice.choice(TRADES)
        issued = datetime.date(2025, 1, 5) + dice.randint(0, 320) * DAY
        total = dice.randint(2_500, 90_000)
        stated = issued + dice.randint(0, 5) * DAY if dice.random() < 0.2 else None
        while stated and stated.weekday() > 4:
            stated += DAY
        bill = year.bill(who, issued, total, issued + 30 * DAY, stated)
        paid = stated or issued + dice.randint(2, 34) * DAY
        fate = dice.random()
        if fate < 0.03 and not stated:
            continue
        if fate < 0.06:
            year.pay(bill, year.move(account, paid, f"CHEQUE {dice.randint(1_000_000, 9_999_999)}", -total))
        elif fate < 0.14 and not stated:
            cuts = sorted(dice.sample(range(total // 5, total * 4 // 5), dice.choice([1, 1, 2])))
            for at, (start, end) in enumerate(zip([0, *cuts], [*cuts, total])):
                year.pay(bill, year.move(account, issued + (4 + 9 * at) * DAY, f"VIR SEPA {plain(who)}", start - end))
        else:
            year.pay(bill, year.move(account, paid, f"VIR INST {plain(who)}", -total))


def transfers(year):
    """Between own accounts, some of them equal and on the same days, some that take two days."""
    dice = year.dice
    for first in month_days():
        for give, take, out, come in [("perso", "commun", "VIR SEPA COMPTE COMMUN", "VIR SEPA ODILE EXEMPLE"),
                                      ("perso", "epargne", "VIR VERS EPARGNE EXEMPLE", "VIR DEPUIS COMPTE PERSO"),
                                      ("commun", "epargne", "VIR VERS EPARGNE EXEMPLE", "VIR DEPUIS COMPTE COMMUN")]:
            cents = dice.choice([20_000, 30_000, 50_000])
            day = first + dice.randint(0, 26) * DAY
            there = year.move(give, day, out, -cents)
            here = year.move(take, day + dice.choice([0, 0, 1, 2]) * DAY, come, cents)
            year.transfers.append((there, here))


def noise(year, n):
    """Purchases, a part of them of the amount of a bill on a day near it; wages; withdrawals."""
    dice = year.dice
    for _ in range(n):
        day = datetime.date(2025, 1, 1) + dice.randint(0, 364) * DAY
        cents = dice.randint(150, 12_000)
        if dice.random() < 0.06:
            bill = dice.choice(year.bills)
            cents, day = abs(bill["total"]), (bill["due"] or bill["issued"]) + dice.randint(-3, 12) * DAY
        year.move(dice.choice(["perso", "commun"]), day, f"CARTE {day:%d/%m} {dice.choice(NOISE)}", -cents)
    for first in month_days():
        year.move("perso", first + 27 * DAY, "VIR SEPA SALAIRE ATELIERS DU NORD", 243_120)
        year.move("commun", first + 4 * DAY, "RETRAIT DAB CENTRE", -6_000)


def plain(name):
    """As a bank writes it."""
    for accented, letter in zip("éèêëîïôöûüçÉÎ'", "eeeeiioouucEI "):
        name = name.replace(accented, letter)
    return name.upper()


def make(seed, n_noise=4_400):
    """A year from a seed."""
    year = Year(seed)
    dice = year.dice
    for issuer, label, shows in VARIABLE:
        monthly(year, issuer, label, None, shows, "commun")
    for issuer, label, amount, shows in CONSTANT + ALIKE:
        monthly(year, issuer, label, amount, shows, "commun" if shows else dice.choice(["perso", "commun"]))
    for issuer, label, n in SEVERAL:
        several_at_once(year, issuer, label, n, "commun")
    for issuer, label, n, settlement in YEARLY:
        yearly(year, issuer, label, n, settlement, "commun")
    for issuer, label, currency, rate in FOREIGN:
        foreign(year, issuer, label, currency, rate, "perso")
    orders(year, "perso")
    trades(year, "commun")
    transfers(year)
    noise(year, n_noise)
    return year
