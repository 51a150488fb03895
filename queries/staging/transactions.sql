-- One row per movement of a bank account, with its kind and the other party as far as the label tells.
with hidden as (
    select subject_id::bigint as id
    from staging.choices
    where subject = 'transaction' and field = 'hidden' and value = 'true'
),

landed as (
    select transactions.* from landing.transactions as transactions anti join hidden on hidden.id = transactions.id
),

aliases as (
    select alias, min(account) as account from household.account_aliases group by alias
),

-- The first word of a label, or of the bank's own kind, tells what sort of operation it is.
words(word, kind) as (
    values
        ('CARTE', 'card'), ('CB', 'card'), ('ACHAT', 'card'), ('PAIEMENT', 'card'), ('FACTURE', 'card'),
        ('CARD', 'card'), ('CARD_PAYMENT', 'card'), ('MASTERCARD', 'card'), ('KARTENZAHLUNG', 'card'),
        ('CONTACTLESS', 'card'), ('CHIP', 'card'), ('ONLINE', 'card'), ('POS', 'card'), ('SALE', 'card'),
        ('PRLV', 'direct_debit'), ('PRELEVEMENT', 'direct_debit'), ('PRÉLÈVEMENT', 'direct_debit'),
        ('PRELEVT', 'direct_debit'), ('LASTSCHRIFT', 'direct_debit'), ('FOLGELASTSCHRIFT', 'direct_debit'),
        ('ERSTLASTSCHRIFT', 'direct_debit'), ('EINMALLASTSCHRIFT', 'direct_debit'), ('DIRECT', 'direct_debit'),
        ('DIRECTDEBIT', 'direct_debit'), ('REPEATPMT', 'direct_debit'), ('TIP', 'direct_debit'),
        ('VIR', 'transfer'), ('VIREMENT', 'transfer'), ('VIRT', 'transfer'), ('TRANSFER', 'transfer'),
        ('XFER', 'transfer'), ('TOPUP', 'transfer'), ('OUTGOING', 'transfer'), ('INCOME', 'transfer'),
        ('INCOMING', 'transfer'), ('ÜBERWEISUNG', 'transfer'), ('UEBERWEISUNG', 'transfer'),
        ('EINZELÜBERWEISUNG', 'transfer'), ('GUTSCHR.', 'transfer'), ('GUTSCHRIFT', 'transfer'),
        ('DAUERAUFTRAG', 'transfer'), ('LOHN', 'transfer'), ('FASTER', 'transfer'), ('DIRECTDEP', 'transfer'),
        ('INST', 'transfer'), ('WERO', 'transfer'), ('ÜBERTRAG', 'transfer'), ('EINGANG', 'transfer'),
        ('RETRAIT', 'withdrawal'), ('DAB', 'withdrawal'), ('ATM', 'withdrawal'), ('CASH', 'withdrawal'),
        ('BARGELDAUSZAHLUNG', 'withdrawal'), ('GELDAUTOMAT', 'withdrawal'),
        ('CHEQUE', 'cheque'), ('CHÈQUE', 'cheque'), ('CHQ', 'cheque'), ('CHQ.', 'cheque'), ('CHECK', 'cheque'),
        ('REMISE', 'cheque'),
        ('FRAIS', 'fee'), ('COTIS', 'fee'), ('COTISATION', 'fee'), ('COMMISSION', 'fee'), ('COMMISSIONS', 'fee'),
        ('AGIOS', 'fee'), ('F', 'fee'), ('FACT', 'fee'), ('FEE', 'fee'), ('SRVCHG', 'fee'), ('ENTGELT', 'fee'),
        ('ABSCHLUSS', 'fee'),
        ('AVOIR', 'refund'), ('REJET', 'refund'), ('REMBOURSEMENT', 'refund'), ('REMB', 'refund'),
        ('REFUND', 'refund'), ('CARD_REFUND', 'refund'), ('RETURN', 'refund'), ('ANNULATION', 'refund')
),

-- Some banks put a merchant's clean name before ` | ` and their raw label after it.
parted as (
    select
        landed.*,
        coalesce(aliases.account, landed.account) as own_account,
        case when contains(raw_label, ' | ') then trim(split_part(raw_label, ' | ', 1)) end as stated_label,
        case when contains(raw_label, ' | ') then trim(split_part(raw_label, ' | ', 2)) else trim(raw_label) end as label
    from landed
    left join aliases on aliases.alias = landed.account
),

sorted as (
    select
        parted.*,
        case coalesce(by_label.kind, by_bank.kind)
            when 'transfer' then case when amount < 0 then 'transfer_out' else 'transfer_in' end
            when 'card' then case when amount > 0 then 'refund' else 'card' end
            when 'direct_debit' then case when amount > 0 then 'refund' else 'direct_debit' end
            else coalesce(by_label.kind, by_bank.kind, 'other')
        end as kind
    from parted
    left join words as by_label on by_label.word = upper(split_part(parted.label, ' ', 1))
    left join words as by_bank on by_bank.word = upper(split_part(parted.bank_kind, ' ', 1))
),

-- Words with a digit (dates, card and reference numbers) go first, then the words of the operation itself.
cleaned as (
    select
        sorted.*,
        case
            when stated_label is not null then stated_label
            when kind <> 'other' then trim(regexp_replace(
                regexp_replace(label, '\s*\S*[0-9]\S*', '', 'g'),
                '^\s*(?:(?:CARTE|CB|ACHAT|FACTURE|PAIEMENT|PSC|PAR|PRLV|PRELEVEMENT|SEPA|VIREMENT|VIR|INSTANTANE|INST|REÇU|RECU|FAVEUR|EMIS|AVOIR|REJET|RETRAIT|DAB|CHEQUE|CHQ\.?|EUROPEEN|DU|DE|EN|DE:)\s+)+|\s+(?:CB\*|(?:CARTE|REF|MOTIF|MANDAT|ID|FACT|EUR)\b|"|;|/).*$',
                '', 'g'
            ))
            else trim(label)
        end as label_left,
        case when kind in ('transfer_in', 'transfer_out') and counterparty_iban is null then regexp_extract(
            upper(concat_ws(' ', label, memo)), '\b([A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?)\b', 1
        ) end as label_iban
    from sorted
)

select
    id,
    own_account as account,
    booked_on,
    value_on,
    purchased_on,
    amount,
    currency,
    status,
    kind,
    coalesce(nullif(stated_label, ''), nullif(counterparty_name, ''), nullif(label_left, ''), raw_label) as clean_label,
    coalesce(nullif(counterparty_name, ''), nullif(label_left, '')) as payee,
    replace(coalesce(nullif(counterparty_iban, ''), nullif(label_iban, '')), ' ', '') as payee_iban,
    creditor_id,
    mandate,
    end_to_end_id,
    concat_ws(' ', kind, creditor_id,
        replace(coalesce(nullif(counterparty_iban, ''), nullif(label_iban, '')), ' ', ''),
        coalesce(nullif(counterparty_name, ''), nullif(label_left, ''))
    ) as payee_key,
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
    learned_at
from cleaned
