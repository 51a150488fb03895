-- One row per dialled number that is not valid in its country and not a known short number.
-- fr: aucun numéro n'est inconnu du plan de numérotation
with calls as (
    from intermediate.calls
    where number_kind = 'invalid' or (number_kind = 'short' and number_label is null)
)

select
    coalesce(other_raw, other_number) as subject,
    count(*) || ' communications, ' || any_value(number_kind) || ' number' as detail,
    min(local_day) as since,
    count(*) as call_count,
    max(local_day) as last_seen_on
from calls
group by coalesce(other_raw, other_number)
