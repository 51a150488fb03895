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
    case
        when bills.paid_on is not null then 'paid'
        when bills.total < 0 then 'refund'
        when bills.due_on < settings.today then 'due'
        else 'open'
    end as status,
    bills.document,
    bills.row_pointer,
    bills.source,
    bills.learned_at
from bills
cross join settings
left join bill_lines on bill_lines.issuer = bills.issuer and bill_lines.bill_number = bills.number
left join numbered on numbered.id = bills.id
left join dated on dated.id = bills.id
left join issuers on issuers.issuer_words = bills.issuer_words
left join identities on identities.identity = 'issuer/' || issuers.issuer
