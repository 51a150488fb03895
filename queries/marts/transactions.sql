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

categories as (
    from staging.categories
),

chosen as (
    select try_cast(subject_id as bigint) as id, value as category
    from staging.choices
    where subject = 'transaction' and field = 'category'
),

payee_categories as (
    from intermediate.payee_categories
),

people as (
    select person_id from intermediate.people where kind = 'person'
),

payee_names as (
    select subject_id as payee_key, value as name from staging.choices where subject = 'payee' and field = 'name'
),

-- Links are few beside movements: one row per linked movement.
bill_links as (
    select
        bill_links.transaction_id,
        list(bill_links.bill_id order by bills.issued_on, bills.number, bills.id) as bill_ids,
        list(bills.number order by bills.issued_on, bills.number, bills.id) as bill_numbers,
        min(bills.issuer) as bill_issuer,
        min(bill_links.grade) = 'sure' and max(bill_links.grade) = 'sure' as is_sure
    from intermediate.bill_links as bill_links
    inner join staging.bills as bills on bills.id = bill_links.bill_id
    where bill_links.state <> 'rejected' and bill_links.grade <> 'possible'
    group by bill_links.transaction_id
),

transfer_sides as (
    select left_id as id, right_id as other_id, is_own and grade <> 'possible' as is_own
    from intermediate.transfer_links
    where kind = 'transfer' and state <> 'rejected' and grade <> 'possible'
    union all
    select right_id as id, left_id as other_id, is_own and grade <> 'possible' as is_own
    from intermediate.transfer_links
    where kind = 'transfer' and state <> 'rejected' and grade <> 'possible'
),

transfer_links as (
    select
        transfer_sides.id,
        transfer_sides.other_id,
        transfer_sides.is_own,
        coalesce(accounts.account_name, others.account) as other_account_name
    from transfer_sides
    inner join transactions as others on others.id = transfer_sides.other_id
    left join accounts on accounts.account = others.account
    -- A person may confirm several other sides of one movement: the row shows one of them.
    qualify row_number() over (partition by transfer_sides.id order by transfer_sides.other_id) = 1
),

joined as (
    select
        transactions.* replace (coalesce(payee_names.name, transactions.clean_label) as clean_label),
        -- What a person said comes first, then what is learned from it, then what is known, then the rules.
        case
            when chosen.category is not null then 'chosen'
            when payee_categories.said_category is not null then 'chosen for the payee'
            when counterparties.own_account is not null or transfer_links.is_own then 'own account'
            when payee_categories.learned_category is not null then 'learned'
            when not starts_with(transactions.label_category_rule, 'bank ') then 'rule'
            when transactions.kind in ('transfer_in', 'transfer_out') and people.person_id is not null then 'person'
            when transactions.label_category is not null then 'bank'
        end as category_method,
        coalesce(
            chosen.category,
            payee_categories.said_category,
            case when counterparties.own_account is not null or transfer_links.is_own then 'transfers.own' end,
            payee_categories.learned_category,
            case
                when transactions.kind in ('transfer_in', 'transfer_out') and people.person_id is not null
                    and coalesce(starts_with(transactions.label_category_rule, 'bank '), true) then 'transfers.people'
            end,
            transactions.label_category
        ) as category,
        payee_categories.n_movements as n_learned,
        payee_categories.n_said,
        coalesce(accounts.account_name, transactions.account) as account_name,
        accounts.bank,
        counterparties.person_id,
        counterparties.person_name,
        coalesce(counterparties.candidates, []) as candidates,
        counterparties.match_method,
        counterparties.match_score,
        counterparties.match_reason,
        counterparties.match_state,
        coalesce(
            counterparties.own_account_name,
            case when transfer_links.is_own then transfer_links.other_account_name end
        ) as own_account_name,
        counterparties.own_account is not null or coalesce(transfer_links.is_own, false) as is_own_account,
        transfer_links.other_id as transfer_id,
        coalesce(bill_links.bill_ids, []) as bill_ids,
        coalesce(bill_links.bill_numbers, []) as bill_numbers,
        bill_links.bill_issuer,
        bill_links.is_sure as is_bill_sure
    from transactions
    left join accounts on accounts.account = transactions.account
    left join counterparties on counterparties.payee_key = transactions.payee_key
    left join people on people.person_id = counterparties.person_id
    left join payee_names on payee_names.payee_key = transactions.payee_key
    left join chosen on chosen.id = transactions.id
    left join payee_categories on payee_categories.payee_key = transactions.payee_key
    left join transfer_links on transfer_links.id = transactions.id
    left join bill_links on bill_links.transaction_id = transactions.id
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
    joined.clean_label, -- What you call the payee, else the label without dates, card numbers and the words of the operation.
    joined.category, -- Code of the category: joins categories.category; null when nothing tells it.
    categories.name as category_name, -- Name of the category in the household's language.
    joined.category_method, -- chosen, chosen for the payee, learned, own account, rule, person or bank.
    case
        when joined.category_method in ('chosen', 'chosen for the payee') then 'confirmed'
        when joined.category_method = 'own account' then 'certain'
        when joined.category_method is not null then 'suggested'
    end as category_state, -- confirmed when a person said so, certain between own accounts, else suggested.
    case joined.category_method
        when 'chosen' then 'said of this movement'
        when 'chosen for the payee' then 'said of the payee'
        when 'learned' then 'said of ' || joined.n_learned || ' of the ' || joined.n_said || ' movements with the payee that were sorted'
        when 'own account' then 'the other side is the account ' || joined.own_account_name
        when 'person' then 'the other side is ' || joined.person_name
        else joined.label_category_rule
    end as category_reason, -- Why, in words: what was said, or the words or the kind that a rule knows.
    joined.person_id, -- Person or organisation on the other side; null when unknown or in question.
    joined.person_name, -- Name of that person or organisation.
    joined.candidates, -- Names that fit the label equally well, or too weakly to be stated.
    joined.match_method, -- How the other party was found: iban, creditor_id or name.
    joined.match_score, -- How sure the match is, from 0 to 1.
    joined.match_reason, -- Why, in words.
    joined.match_state, -- certain, suggested or candidates; null when nobody was found.
    joined.is_own_account, -- True when the other side is an account of this household.
    joined.own_account_name, -- Name of that account.
    joined.transfer_id, -- The other side of a transfer between own accounts, when it is found: see reconciliations.
    joined.bill_ids, -- Bills that it pays or gives money back for: join bills.bill_id; see reconciliations for why.
    joined.bill_numbers, -- Their numbers.
    joined.bill_issuer, -- Who sent them.
    joined.is_bill_sure, -- Whether these bills are sure; null when there is none.
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
left join categories on categories.category = joined.category
