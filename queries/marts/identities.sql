-- One row per card, member, named number, issuer of bills and creditor: the person or organisation that it was joined into, and why.
with identities as (
    from intermediate.identities
),

people as (
    from intermediate.people
),

joined as (
    select identities.*, people.name as person_name
    from identities
    inner join people on people.person_id = identities.person_id
)

select
    joined.identity_id, -- Identifier of the identity; verdicts on who is who name it.
    joined.identity, -- What it is: address book and UID of a card, or household/, number/, issuer/, creditor/ and its name.
    joined.origin, -- card, member, number, issuer or creditor.
    joined.own_id, -- The person_id that it has when it stands alone; always leads to its person.
    joined.person_id, -- The person or organisation that it stands for: joins people.person_id.
    joined.person_name, -- Name of that person or organisation.
    joined.name, -- Name that it bears itself.
    joined.method, -- declared, card, shared identifier, same name, issuer, creditor, name of the creditor or said.
    joined.score, -- How sure it is, from 0 to 1.
    joined.reason, -- Why, in words.
    joined.state -- certain, suggested or confirmed.
from joined
