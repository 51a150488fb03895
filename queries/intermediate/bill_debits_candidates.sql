-- One row per bill and bank movement that may pay it, wholly or in part, or give money back.
with bills as (
    select
        id as bill_id,
        array_to_string(issuer_words, ' ') as issuer_key,
        currency,
        (total * 100)::bigint as cents,
        paid_on,
        coalesce(due_on, issued_on) as due_on,
        issued_on,
        coalesce(period_from, issued_on) as from_day,
        coalesce(period_to, issued_on) as to_day,
        regexp_replace(upper(strip_accents(coalesce(number, ''))), '[^A-Z0-9]', '', 'g') as number_key,
        regexp_replace(upper(strip_accents(coalesce(contract, ''))), '[^0-9]', '', 'g') as contract_key
    from staging.bills
    where total <> 0
),

transactions as not materialized (
    from staging.transactions where status <> 'cancelled'
),

amounts as (
    from intermediate.bill_amounts
),

payees as (
    from intermediate.bill_payees
),

verdicts as (
    from staging.verdicts where kind = 'bill'
),

-- A debit that came back paid nothing, and a transfer between own accounts pays nobody.
spoken_for as (
    select left_id as id from links.returns where is_forced = 1 or score >= 850
    union
    select right_id as id from links.returns where is_forced = 1 or score >= 850
    union
    select left_id as id from links.transfers where score >= 740 and margin >= 100
    union
    select right_id as id from links.transfers where score >= 740 and margin >= 100
),

-- What is explained to the cent, at its time and by a party that is known, is not sought as a part of a sum.
explained as (
    select amounts.bill_id, amounts.transaction_id
    from amounts
    inner join bills on bills.bill_id = amounts.bill_id
    inner join payees on payees.issuer_key = bills.issuer_key and payees.payee_key = amounts.payee_key
    where amounts.is_near and payees.party >= 380
),

whole_bills as (
    select distinct bill_id from explained
),

whole_movements as (
    select distinct transaction_id from explained
),

-- The movements that enter at all, with all that they say, letters and digits only.
wanted as (
    select transaction_id as id from amounts
    union
    select right_id as id from verdicts where state = 'confirmed'
),

known_payees as (
    select distinct payee_key from payees where party >= 380
),

movements as (
    select
        id,
        payee_key,
        kind,
        booked_on,
        currency,
        (-amount * 100)::bigint as cents,
        regexp_replace(
            upper(strip_accents(concat_ws(' ', raw_label, memo, end_to_end_id, mandate))), '[^A-Z0-9]', '', 'g'
        ) as said
    from transactions
    where (id in (select id from wanted) or payee_key in (select payee_key from known_payees))
        -- What a person confirmed is not spoken for by a guess.
        and (
            id not in (select id from spoken_for)
            or id in (select right_id from verdicts where state = 'confirmed')
        )
),

whole as (
    select
        amounts.bill_id,
        amounts.transaction_id,
        amounts.cents as paid_cents,
        amounts.is_foreign,
        bills.number_key,
        bills.contract_key,
        bills.issuer_key,
        movements.said,
        movements.kind,
        movements.payee_key,
        movements.booked_on
    from amounts
    inner join bills on bills.bill_id = amounts.bill_id
    inner join movements on movements.id = amounts.transaction_id
),

-- Whatever else went to or came from the issuer while the bill could be paid, or its period ran.
party_movements as materialized (
    select
        payees.issuer_key,
        movements.id,
        movements.payee_key,
        movements.kind,
        movements.booked_on,
        movements.currency,
        movements.cents,
        movements.said
    from movements
    inner join payees on payees.payee_key = movements.payee_key and payees.party >= 380
    where movements.id not in (select transaction_id from whole_movements)
),

other as (
    select
        bills.bill_id,
        party_movements.id as transaction_id,
        party_movements.cents as paid_cents,
        false as is_foreign,
        bills.number_key,
        bills.contract_key,
        bills.issuer_key,
        party_movements.said,
        party_movements.kind,
        party_movements.payee_key,
        party_movements.booked_on
    from party_movements
    inner join bills
        on bills.issuer_key = party_movements.issuer_key
        and bills.currency = party_movements.currency
        and bills.cents <> party_movements.cents
        and party_movements.booked_on between least(bills.from_day, bills.issued_on) - 20 and bills.issued_on + 400
    left join verdicts on verdicts.left_id = bills.bill_id and verdicts.right_id = party_movements.id
    where verdicts.left_id is null
        and (
            (party_movements.cents < 0 and bills.cents > 0)
            or bills.bill_id not in (select bill_id from whole_bills)
        )
),

said_so as (
    select
        bills.bill_id,
        movements.id as transaction_id,
        movements.cents as paid_cents,
        false as is_foreign,
        bills.number_key,
        bills.contract_key,
        bills.issuer_key,
        movements.said,
        movements.kind,
        movements.payee_key,
        movements.booked_on
    from verdicts
    inner join bills on bills.bill_id = verdicts.left_id
    inner join movements on movements.id = verdicts.right_id
    left join amounts on amounts.bill_id = verdicts.left_id and amounts.transaction_id = verdicts.right_id
    where verdicts.state = 'confirmed' and amounts.bill_id is null
),

gathered as (
    select *, true as is_whole from whole
    union all
    select *, false as is_whole from other
    union all
    select *, false as is_whole from said_so
),

known as (
    select
        gathered.*,
        bills.cents as bill_cents,
        bills.issued_on,
        bills.from_day,
        bills.to_day,
        gathered.booked_on - bills.paid_on as after_paid,
        gathered.booked_on - bills.due_on as after_due,
        gathered.booked_on - bills.issued_on as after_issue,
        coalesce(payees.party, 0) as payee_party,
        payees.evidence,
        payees.n_hits,
        len(gathered.number_key) >= 5 and contains(gathered.said, gathered.number_key) as names_bill,
        len(gathered.contract_key) >= 6 and contains(gathered.said, gathered.contract_key) as names_contract,
        coalesce(verdicts.state = 'confirmed', false) as is_forced
    from gathered
    inner join bills on bills.bill_id = gathered.bill_id
    left join payees on payees.issuer_key = gathered.issuer_key and payees.payee_key = gathered.payee_key
    left join verdicts on verdicts.left_id = gathered.bill_id and verdicts.right_id = gathered.transaction_id
    where coalesce(verdicts.state, '') <> 'rejected'
),

scored as (
    select
        *,
        case when names_bill then 500 when names_contract then greatest(480, payee_party) else payee_party end as party,
        -- The stated day of payment decides; else the due day, weekends allowed, and no bill is paid before it is sent.
        round(case
            when after_paid is not null then case
                when abs(after_paid) <= 1 then 250 - abs(after_paid)
                when abs(after_paid) <= 5 then 235 - 5 * abs(after_paid)
                else greatest(0, 160 - 4 * abs(after_paid))
            end
            when after_issue < -3 then greatest(0, 120 + 8 * after_issue)
            when after_due < 0 then greatest(150, 250 + 2 * after_due)
            when after_due <= 5 then 250 - 2 * after_due
            when after_due <= 35 then 250 - 3.3 * after_due + 6.5
            else greatest(0, 190 - 1.5 * after_due)
        end)::bigint as date_score
    from known
),

-- A movement that names a bill does not pay another one of its amount.
naming as (
    select distinct transaction_id from scored where names_bill
),

-- An amount alone, without a name, is worth a look only where no name fits.
kept as (
    select
        *,
        row_number() over (
            partition by bill_id, is_whole, party < 150 order by party + date_score desc, transaction_id
        ) as place,
        max(party) over (partition by bill_id, is_whole) as best_party
    from scored
    where is_forced
        or (is_whole and (names_bill or transaction_id not in (select transaction_id from naming)) and ((party >= 150 and (date_score > 0 or party >= 480)) or (date_score >= 190 and kind not in ('withdrawal', 'fee'))))
        or not is_whole
)

select
    bill_id,
    transaction_id,
    bill_cents,
    paid_cents,
    date_diff('day', date '2000-01-01', booked_on) as booked_day,
    date_diff('day', date '2000-01-01', issued_on) as issued_day,
    date_diff('day', date '2000-01-01', from_day) as from_day,
    date_diff('day', date '2000-01-01', to_day) as to_day,
    party,
    date_score,
    names_bill,
    is_forced,
    names_contract,
    evidence,
    coalesce(n_hits, 0) as n_hits,
    is_foreign,
    is_whole,
    after_paid,
    after_due,
    after_issue
from kept
where is_forced or not is_whole or party >= 150 or (place <= 3 and best_party < 380)
