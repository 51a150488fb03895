-- One row per link: a bill and a movement, the two sides of a transfer, a debit and its return; with score, reason and state.
with bill_links as (
    from intermediate.bill_links
),

transfer_links as (
    from intermediate.transfer_links
),

bills as (
    from staging.bills
),

transactions as (
    from staging.transactions
),

accounts as (
    from staging.accounts
),

bill_rows as (
    select
        'bill' as kind,
        bill_links.relation,
        bill_links.bill_id as left_id,
        bill_links.transaction_id as right_id,
        concat_ws(' ', bills.issuer, bills.number, bills.issued_on) as left_words,
        bills.total as left_amount,
        bills.currency as left_currency,
        bill_links.amount as linked_amount,
        bills.issuer,
        bills.number as bill_number,
        bill_links.method,
        bill_links.score,
        bill_links.grade,
        bill_links.state,
        bill_links.reason,
        bill_links.reason_fr,
        bill_links.group_size,
        bill_links.alternatives,
        bills.total - coalesce(
            sum(bill_links.amount) filter (where bill_links.relation <> 'money back')
                over (partition by bill_links.bill_id),
            0
        ) as residual
    from bill_links
    inner join bills on bills.id = bill_links.bill_id
),

movement_rows as (
    select
        transfer_links.kind,
        case transfer_links.kind when 'transfer' then 'own transfer' else 'returned' end as relation,
        transfer_links.left_id,
        transfer_links.right_id,
        concat_ws(' ', coalesce(accounts.account_name, transactions.account), transactions.booked_on, transactions.clean_label)
            as left_words,
        transactions.amount as left_amount,
        transactions.currency as left_currency,
        null::decimal(18, 2) as linked_amount,
        null::varchar as issuer,
        null::varchar as bill_number,
        transfer_links.method,
        transfer_links.score,
        transfer_links.grade,
        transfer_links.state,
        transfer_links.reason,
        transfer_links.reason_fr,
        1::bigint as group_size,
        []::bigint[] as alternatives,
        null::decimal(18, 2) as residual
    from transfer_links
    inner join transactions on transactions.id = transfer_links.left_id
    left join accounts on accounts.account = transactions.account
),

rows as (
    from bill_rows
    union all by name
    from movement_rows
),

joined as (
    select
        rows.* exclude (residual),
        concat_ws(' ', coalesce(accounts.account_name, transactions.account), transactions.booked_on, transactions.clean_label)
            as right_words,
        transactions.amount as right_amount,
        transactions.currency as right_currency,
        transactions.booked_on,
        -- A transfer of one currency leaves what was kept on the way.
        coalesce(
            rows.residual,
            case when transactions.currency = rows.left_currency then -rows.left_amount - transactions.amount end
        ) as residual
    from rows
    left join transactions on transactions.id = rows.right_id
    left join accounts on accounts.account = transactions.account
)

select
    left(md5(concat_ws('/', joined.kind, joined.left_id, joined.right_id)), 12) as link_id, -- What `moisson link confirm` and `reject` call it.
    joined.kind, -- bill, transfer or refund: what `moisson link` calls it.
    joined.relation, -- whole, instalment, share (of one debit), part, money back, own transfer or returned.
    joined.left_id, -- The bill, or the movement that goes out.
    joined.right_id, -- The movement: joins transactions.transaction_id.
    joined.left_words, -- What the left side is, in a few words.
    joined.left_amount, -- Total of the bill, or amount of the movement.
    joined.left_currency, -- Currency of that amount.
    joined.right_words, -- What the right side is, in a few words.
    joined.right_amount, -- Amount of the movement, negative when it goes out.
    joined.right_currency, -- Currency of that amount.
    joined.booked_on, -- Day on which the right movement was booked.
    joined.linked_amount, -- What the movement does for the bill, in the bill's currency; negative for money back.
    joined.residual, -- What is left of the bill by all its links, or of the transfer by its other side.
    joined.issuer, -- Who sent the bill.
    joined.bill_number, -- The bill's own number.
    joined.method, -- What found it: bill number, contract, known party, name, amount, equal, original amount, less a fee, another currency, sent back or user.
    joined.score, -- How well it fits, from 0 to 1.
    joined.grade, -- sure (to the cent, party known, no other choice near), likely or possible.
    joined.state, -- confirmed or rejected as a person said, else suggested.
    joined.reason, -- Why, in words.
    joined.reason_fr, -- Why, in French.
    joined.group_size, -- How many links stand or fall together with it.
    joined.alternatives -- Other movements that would do as well for the bill, when the choice is not clear.
from joined
