-- One row per person or organisation that a card tells of, with what else is known of them.
with cards as (
    from intermediate.identities where origin = 'card'
),

-- From the first bill on, what is paid to its issuer should be explained by a bill.
issuers as (
    select issuer_id, min(issued_on) as first_on from bills where issuer_id is not null group by issuer_id
),

unexplained as (
    select transactions.person_id, count(*) as payment_count
    from transactions
    inner join issuers on issuers.issuer_id = transactions.person_id
    where transactions.amount < 0
        and transactions.status = 'booked'
        and transactions.booked_on >= issuers.first_on
        and not coalesce(transactions.is_bill_sure, false)
    group by transactions.person_id
)

select
    people.person_id,
    people.name,
    people.kind,
    array_to_string(people.phones, ' ') as phones,
    array_to_string(people.emails, ' ') as emails,
    people.last_contact_on,
    people.state,
    coalesce(unexplained.payment_count, 0) as unexplained_count
from people
left join unexplained on unexplained.person_id = people.person_id
where people.person_id in (select person_id from cards)
order by people.person_id
