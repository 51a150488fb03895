-- One row per identifier of a person or organisation: how it is known, from when to when, and how sure it is.
with person_identifiers as (
    from intermediate.person_identifiers
),

people as (
    from intermediate.people
),

joined as (
    select
        person_identifiers.*,
        people.name,
        people.kind as person_kind
    from person_identifiers
    inner join people on people.person_id = person_identifiers.person_id
)

select
    joined.person_id, -- The person or organisation: joins people.person_id.
    joined.name, -- Its best known name.
    joined.person_kind, -- person or organisation.
    joined.kind, -- phone, email, iban, creditor_id, mandate, contract, name, address, url or handle.
    joined.value, -- Canonical value: E.164, lower-case e-mail, IBAN without blanks, words as they stand for the rest.
    joined.label, -- home, work, mobile or the card's own label; nickname; for a mandate its creditor.
    joined.sources, -- Who says so: address books, settings, bank, bill, or said by you.
    joined.valid_from, -- First day on which it is borne out: revision of a card, call, invitation, debit, bill.
    joined.valid_to, -- Last day on which it is borne out; it need not have ended then.
    joined.use_count, -- Communications and invitations that it was met in.
    joined.n_holders, -- How many people and organisations have it: a family's number has several.
    joined.confidence, -- How sure it is, from 0 to 1.
    joined.method, -- How it came to this person: declared, card, shared identifier, same name, issuer, creditor, said.
    joined.reason, -- Why, in words.
    joined.state -- certain, suggested (rests on a name or a short form) or confirmed by you.
from joined
