-- One row per movement of a bank account, with a clean label and the person or organisation behind it.
with transactions as (
    from staging.transactions
),

accounts as (
    from staging.accounts
),

counterparties as (
    from intermediate.counterparties
),

joined as (
    select
        transactions.*,
        coalesce(accounts.account_name, transactions.account) as account_name,
        accounts.bank,
        counterparties.person_id,
        counterparties.person_name,
        coalesce(counterparties.candidates, []) as candidates,
        counterparties.match_method,
        counterparties.match_score,
        counterparties.match_reason,
        counterparties.match_state,
        counterparties.own_account_name,
        counterparties.own_account is not null as is_own_account
    from transactions
    left join accounts on accounts.account = transactions.account
    left join counterparties on counterparties.payee_key = transactions.payee_key
)

select
    joined.id as transaction_id, -- Identifier of the movement.
    joined.account, -- Account that was moved, as the settings or the bank call it.
    joined.account_name, -- Name of the account for people.
    joined.bank, -- Bank of the account.
    joined.booked_on, -- Day on which the bank booked it.
    joined.value_on, -- Value date.
    joined.purchased_on, -- Day of the purchase, when the bank or the label states it.
    joined.amount, -- Amount, positive when money comes in.
    joined.currency, -- Currency of the amount.
    joined.status, -- booked, pending, cancelled or vanished.
    joined.kind, -- card, transfer_in, transfer_out, salary, direct_debit, withdrawal, deposit, cheque, fee, interest, loan, refund or other.
    joined.label_rule, -- Rule that read the label: the language and what it is about, or `bank kind`; null when none did.
    joined.clean_label, -- The label without dates, card numbers and the words of the operation.
    joined.person_id, -- Person or organisation on the other side; null when unknown or in question.
    joined.person_name, -- Name of that person or organisation.
    joined.candidates, -- Names that fit the label equally well, or too weakly to be stated.
    joined.match_method, -- How the other party was found: iban, creditor_id or name.
    joined.match_score, -- How sure the match is, from 0 to 1.
    joined.match_reason, -- Why, in words.
    joined.match_state, -- certain, suggested or candidates; null when nobody was found.
    joined.is_own_account, -- True when the other side is an account of this household.
    joined.own_account_name, -- Name of that account.
    joined.payee_iban, -- IBAN of the other side, stated or found in the label.
    joined.creditor_id, -- SEPA creditor identifier, stated or found in the label, its check digits right.
    joined.mandate, -- SEPA mandate reference, stated or found in the label.
    joined.end_to_end_id, -- End-to-end reference of a SEPA payment.
    joined.raw_label, -- The label exactly as the bank wrote it.
    joined.memo, -- Comment or motive that goes with it.
    joined.original_amount, -- Amount in the currency of the purchase.
    joined.original_currency, -- Currency of the purchase.
    joined.bank_category, -- The bank's own category.
    joined.balance_after, -- Balance of the account after it, when the bank runs one.
    joined.source, -- Source of the settings that it came by.
    joined.document, -- Document that it was read from.
    joined.row_pointer -- Where in the document it stands.
from joined
