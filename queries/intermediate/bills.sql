-- One row per bill, held against its lines and against the detail of the telephone lines it bills.
with bills as (
    from staging.bills
),

bill_lines as (
    select issuer, bill_number, sum(amount) as lines_total, count(*) as line_count
    from staging.bill_lines
    group by issuer, bill_number
),

communications as (
    select bill_number, line, operator, local_day, sum(cost) as cost
    from staging.communications
    group by bill_number, line, operator, local_day
),

identities as (
    select identity, person_id from intermediate.identities where origin = 'issuer'
),

settings as (
    from staging.settings
),

numbered as (
    select bills.id, sum(communications.cost) as detail_cost
    from bills
    inner join communications on communications.bill_number = bills.number
    group by bills.id
),

-- Where the detail does not name its bill: lines of that operator, within the period.
dated as (
    select bills.id, sum(communications.cost) as detail_cost
    from bills
    inner join communications
        on communications.operator is not null
        and communications.local_day between bills.period_from and bills.period_to
        and list_contains(bills.issuer_words, lower(strip_accents(communications.operator)))
    where bills.id not in (select id from numbered)
    group by bills.id
),

issuers as (
    select issuer_words, min(issuer) as issuer from bills group by issuer_words
),

links as (
    from intermediate.bill_links where state <> 'rejected'
),

-- What is sure is summed apart from what is only likely.
payments as (
    select
        bill_id,
        list(transaction_id order by transaction_id) filter (where grade = 'sure') as debits,
        coalesce(sum(amount) filter (where grade = 'sure' and relation <> 'money back'), 0) as debited,
        coalesce(-sum(amount) filter (where grade = 'sure' and relation = 'money back'), 0) as given_back,
        coalesce(sum(amount) filter (where grade in ('sure', 'likely') and relation <> 'money back'), 0) as perhaps_debited,
        list(transaction_id order by transaction_id) filter (where grade <> 'sure') as suggested_debits
    from links
    group by bill_id
)

select
    bills.id as bill_id,
    bills.issuer,
    identities.person_id as issuer_id,
    bills.contract,
    bills.number,
    bills.kind,
    bills.period_from,
    bills.period_to,
    bills.issued_on,
    bills.due_on,
    bills.paid_on,
    bills.total,
    bills.vat,
    bills.currency,
    bill_lines.lines_total,
    coalesce(bill_lines.line_count, 0) as line_count,
    coalesce(numbered.detail_cost, dated.detail_cost) as detail_cost,
    coalesce(payments.debits, []) as debits,
    coalesce(payments.suggested_debits, []) as suggested_debits,
    coalesce(payments.debited, 0)::decimal(18, 2) as debited,
    coalesce(payments.given_back, 0)::decimal(18, 2) as given_back,
    (bills.total - coalesce(payments.debited, 0))::decimal(18, 2) as residual,
    case
        when payments.given_back >= abs(bills.total) and bills.total <> 0 then 'refunded'
        when payments.debited = bills.total or (bills.total > 0 and payments.debited > bills.total) then 'paid'
        when bills.paid_on <= settings.today then 'paid'
        when bills.total < 0 then 'refund'
        when bills.total = 0 then 'nothing to pay'
        when payments.perhaps_debited >= bills.total then 'probably paid'
        when payments.debited > 0 then 'partly paid'
        when bills.due_on < settings.today then 'overdue'
        else 'unpaid'
    end as status,
    bills.document,
    bills.row_pointer,
    bills.source,
    bills.learned_at
from bills
cross join settings
left join bill_lines on bill_lines.issuer = bills.issuer and bill_lines.bill_number = bills.number
left join payments on payments.bill_id = bills.id
left join numbered on numbered.id = bills.id
left join dated on dated.id = bills.id
left join issuers on issuers.issuer_words = bills.issuer_words
left join identities on identities.identity = 'issuer/' || issuers.issuer
