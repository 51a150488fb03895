-- One row per bill whose lines do not add up to its total, or whose telephone detail costs more than it.
-- fr: chaque facture de téléphone est la somme de ses lignes
with bills as (
    from intermediate.bills
)

select
    concat_ws(' ', bills.issuer, bills.number) as subject,
    case
        when bills.lines_total <> bills.total
            then 'the lines add up to ' || bills.lines_total::decimal(18, 2) || ', the total is ' || bills.total::decimal(18, 2)
        else 'the calls cost ' || bills.detail_cost::decimal(18, 2) || ', the total is ' || bills.total::decimal(18, 2)
    end as detail,
    bills.issued_on as since,
    bills.total,
    bills.lines_total,
    bills.detail_cost,
    bills.document
from bills
where bills.lines_total <> bills.total
    or (bills.total >= 0 and bills.detail_cost > bills.total)
