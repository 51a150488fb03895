-- One row per bill, with what pays it, the sum of its lines and of the telephone detail it covers.
with bills as (
    from intermediate.bills
)

select
    bills.bill_id, -- Identifier of the bill.
    bills.issuer, -- Who sent it, as the document writes it.
    bills.issuer_id, -- The person or organisation that sent it: joins people.person_id.
    bills.contract, -- Contract, line or customer number.
    bills.number, -- The bill's own number.
    bills.kind, -- phone, internet, electricity, gas, water, rent, insurance, tax or other, as the document says.
    bills.period_from, -- First day of the period billed.
    bills.period_to, -- Last day of the period billed, inclusive.
    bills.issued_on, -- Day of issue.
    bills.due_on, -- Day on which it is to be paid.
    bills.paid_on, -- Day of payment that the bill itself states.
    bills.total, -- Total to pay, taxes included; negative for a refund.
    bills.vat, -- Part of the total that is VAT.
    bills.currency, -- Currency of the amounts.
    bills.lines_total, -- Sum of the bill's lines; null when the document has none.
    bills.line_count, -- How many lines the document has.
    bills.detail_cost, -- Cost beyond the plan of the calls and messages it covers; null when there is no detail.
    bills.debits, -- Movements that surely pay it or give money back: join transactions.transaction_id.
    bills.suggested_debits, -- Movements that may, each told in reconciliations.
    bills.debited, -- What is surely paid, in the bill's currency.
    bills.given_back, -- Money that surely came back for it.
    bills.residual, -- Total less what is surely paid.
    bills.status, -- paid (its debits are sure, or it states its day of payment), refunded, probably paid, partly paid, overdue, unpaid, refund (awaited) or nothing to pay.
    bills.source, -- Source of the settings that it came by.
    bills.document, -- Document that it was read from.
    bills.row_pointer -- Where in the document it stands.
from bills
