-- One row per call, message or data session, with the other party named as far as that is certain.
with communications as (
    from staging.communications
),

numbers as (
    from intermediate.numbers
),

settings as (
    from staging.settings
),

named as (
    select
        communications.*,
        numbers.written,
        coalesce(numbers.person_ids, []) as person_ids,
        coalesce(numbers.people, []) as people,
        coalesce(numbers.candidate_ids, []) as candidate_ids,
        coalesce(numbers.candidates, []) as candidates,
        numbers.match_method,
        numbers.match_state,
        case when len(coalesce(numbers.person_ids, [])) = 0 then numbers.label end as number_label,
        numbers.label_kind,
        settings.language = 'fr' as is_french,
        settings.currency as home_currency
    from communications
    cross join settings
    left join numbers
        on numbers.number_key = communications.number_key
        and communications.local_day >= numbers.valid_from
        and communications.local_day < numbers.valid_to
)

select
    id as call_id,
    line,
    owner_id,
    owner,
    operator,
    direction,
    kind,
    coalesce(
        case when len(people) > 0 then array_to_string(people, ' / ') end,
        number_label,
        case number_kind
            when 'withheld' then case when is_french then 'Numéro masqué' else 'Withheld number' end
            when 'masked' then coalesce(other_raw, masked_pattern)
        end,
        nullif(stated_name, ''),
        written,
        case when kind = 'data' then case when is_french then 'Données mobiles' else 'Mobile data' end end,
        nullif(other_raw, '')
    ) as other_party,
    coalesce(written, nullif(other_raw, '')) as other_number,
    other_raw,
    other_e164,
    case when len(person_ids) = 1 then person_ids[1] end as person_id,
    person_ids,
    people,
    len(person_ids) > 1 as is_shared,
    match_method,
    match_state,
    candidates,
    len(candidate_ids) as candidate_count,
    case
        when len(person_ids) > 0 then 'person'
        when number_kind in ('withheld', 'masked', 'invalid') then number_kind
        when label_kind is not null then label_kind
        when number_kind = 'valid' then 'unknown'
        else number_kind
    end as number_kind,
    number_label,
    started_at as called_at,
    started_local as called_local,
    local_day,
    duration_s,
    volume_bytes,
    quantity,
    cost,
    coalesce(currency, case when cost is not null then home_currency end) as currency,
    destination,
    bill_number,
    document,
    row_pointer,
    source,
    learned_at
from named
