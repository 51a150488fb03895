-- One row per bill whose day of payment is over and for which no payment, nor equal instalments, are seen.
-- fr: aucune facture n'est en retard de paiement
with bills as (
    from intermediate.bills where status in ('overdue', 'partly paid')
),

settings as (
    from staging.settings
)

select
    concat_ws(' ', bills.issuer, bills.number) as subject,
    bills.residual || ' ' || bills.currency || ', ' || (settings.today - coalesce(bills.due_on, bills.issued_on)) || ' days overdue' as detail,
    coalesce(bills.due_on, bills.issued_on) as since,
    bills.total,
    bills.document
from bills
cross join settings
where bills.due_on < settings.today
