-- One row per movement of a bank account, with its kind and the other party as far as the label tells.
with hidden as (
    select subject_id::bigint as id
    from staging.choices
    where subject = 'transaction' and field = 'hidden' and value = 'true'
),

landed as (
    select transactions.* from landing.transactions as transactions anti join hidden on hidden.id = transactions.id
),

-- What the bank takes back by its identifier does not count until a later document shows it again.
removals as (
    select account, bank_id from landing.removals where is_taken_back
),

aliases as (
    select alias, min(account) as account from household.account_aliases group by alias
),

-- What the bank states apart from the label comes before what was read out of the label.
read as (
    select
        landed.* replace (
            case when removals.bank_id is not null then 'cancelled' else landed.status end as status
        ),
        coalesce(aliases.account, landed.account) as own_account,
        coalesce(label_payee, counterparty_name) as payee,
        coalesce(counterparty_iban, label_iban) as payee_iban,
        coalesce(landed.creditor_id, label_creditor_id) as known_creditor_id,
        coalesce(landed.mandate, label_mandate) as known_mandate
    from landed
    left join aliases on aliases.alias = landed.account
    left join removals on removals.account = landed.account and removals.bank_id = landed.bank_id
)

select
    id,
    own_account as account,
    booked_on,
    value_on,
    coalesce(purchased_on, label_purchased_on) as purchased_on,
    amount,
    currency,
    status,
    coalesce(label_kind, 'other') as kind,
    coalesce(payee, label_clean, raw_label) as clean_label,
    payee,
    payee_iban,
    known_creditor_id as creditor_id,
    known_mandate as mandate,
    end_to_end_id,
    concat_ws(' ', coalesce(label_kind, 'other'), known_creditor_id, payee_iban, payee) as payee_key,
    label_reference as reference,
    label_card as card,
    label_city as city,
    label_rule,
    label_category,
    label_category_rule,
    raw_label,
    memo,
    original_amount,
    original_currency,
    bank_category,
    bank_kind,
    balance_after,
    document,
    row_pointer,
    connector,
    source,
    learned_at,
    -- What vanished from the source is flagged, and counts until a person hides it.
    status in ('booked', 'vanished') as is_counted
from read
