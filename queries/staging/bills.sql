-- One row per bill, with the words of its issuer in a comparable form.
with bills as (
    from landing.bills
)

select
    id,
    issuer,
    contract,
    number,
    coalesce(kind, 'other') as kind,
    period_from,
    period_to,
    issued_on,
    due_on,
    paid_on,
    total,
    vat,
    currency,
    list_sort(list_distinct(list_filter(
        string_split(regexp_replace(
            lower(strip_accents(replace(issuer, 'œ', 'oe'))), '[^\pL\pN]+', ' ', 'g'
        ), ' '),
        lambda word: word <> '' and word not in (
            'm', 'mr', 'mme', 'mlle', 'd', 'l', 'de', 'du', 'des', 'la', 'le', 'les', 'et', 'sa', 'sas', 'sarl', 'sasu'
        )
    ))) as issuer_words,
    document,
    row_pointer,
    source,
    learned_at
from bills
