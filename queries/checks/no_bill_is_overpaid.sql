-- One row per bill for which more was surely paid than its total, or more given back.
-- fr: aucune facture n'est payée deux fois
with bills as (
    from intermediate.bills
)

select
    concat_ws(' ', bills.issuer, bills.number) as subject,
    'paid ' || bills.debited || ', given back ' || bills.given_back || ', the total is ' || bills.total::decimal(18, 2) as detail,
    bills.issued_on as since,
    bills.total,
    bills.document
from bills
where abs(bills.debited) > abs(bills.total) or bills.given_back > abs(bills.total)
