-- One row per choice or verdict of a person whose row is not there any more.
-- fr: chaque choix retrouve sa ligne
with choices as (
    from staging.choices
),

verdicts as (
    from staging.verdicts where kind <> 'person'
),

transactions as (
    select id from landing.transactions
),

bills as (
    select id from landing.bills
),

known as (
    select 'document' as subject, document as subject_id from staging.documents
    union
    select 'person', person_id from intermediate.people
    union
    select 'number', number_key from intermediate.numbers
    union
    select 'number', value from intermediate.person_identifiers where kind = 'phone'
    union
    select 'payee', payee_key from staging.transactions
    where exists (from choices where subject = 'payee')
),

lost as (
    select subject || ' ' || about as subject, field || ' ' || value as detail, said_at
    from choices
    where case subject
        when 'transaction' then try_cast(subject_id as bigint) not in (select id from transactions)
        when 'bill' then try_cast(subject_id as bigint) not in (select id from bills)
        else (subject, subject_id) not in (select (subject, subject_id) from known)
    end
    union all
    select kind || ' ' || about as subject, state as detail, said_at
    from verdicts
    where right_id not in (select id from transactions)
        or left_id not in (select id from transactions union all from bills)
    union all
    select 'person ' || value as subject, 'set on the ' || subject || ' ' || about as detail, said_at
    from choices
    where field = 'person' and value not in (select person_id from intermediate.people)
)

select
    subject,
    detail,
    said_at::date as since
from lost
