-- One row per call, message or data session of the household's lines, with names in place of numbers.
with calls as (
    from intermediate.calls
)

select
    calls.call_id, -- Identifier of the communication.
    calls.line, -- The household's own line, E.164.
    calls.owner, -- Member of the household whose line it is.
    calls.direction, -- out, in, missed or rejected.
    calls.kind, -- call, sms, mms, data, voicemail or other.
    calls.other_party, -- Name of the other party, label of a special number, or the number itself.
    calls.other_number, -- The other number, grouped for reading.
    calls.other_e164, -- The other number in E.164; null when withheld, masked or short.
    calls.person_id, -- The person who has this number; null when several or nobody has it.
    calls.person_ids, -- All who have this number: joins people.person_id.
    calls.people, -- Names of all who have this number.
    calls.is_shared, -- True when several people have this number: any of them may have been meant.
    calls.match_method, -- How the person was found: card, dates of the cards (the number changed hands), or said by you.
    calls.match_state, -- certain, suggested (a guess from names or dates) or confirmed; null when nobody was found.
    calls.candidates, -- Names that fit a partly masked number: possible, never certain.
    calls.candidate_count, -- How many people fit a partly masked number.
    calls.number_kind, -- person, unknown, withheld, masked, short, invalid, none, or the kind of a special number.
    calls.number_label, -- What a short or special number is.
    calls.called_at, -- Start, UTC.
    calls.called_local, -- Start on the line's wall clock.
    calls.local_day, -- Day of the start on the line's wall clock.
    calls.duration_s, -- Length of the call in seconds; null for messages and data.
    calls.volume_bytes, -- Volume of data in bytes.
    calls.quantity, -- How many messages or units were counted.
    calls.cost, -- Price charged beyond the plan, taxes included.
    calls.currency, -- Currency of the cost.
    calls.destination, -- The operator's own words for the destination.
    calls.bill_number, -- Number of the bill that lists it.
    calls.source, -- Source of the settings that it came by.
    calls.document, -- Document that it was read from.
    calls.row_pointer -- Where in the document it stands.
from calls
