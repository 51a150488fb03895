-- One row per call, message or data session of one of the household's lines.
with communications as (
    from landing.communications
),

lines as (
    select
        line,
        min(owner) as owner,
        min(operator) as operator,
        min(region) as region
    from household.lines
    group by line
),

members as (
    select member, min(name) as name from household.members group by member
)

select
    communications.id,
    communications.line,
    lines.owner as owner_id,
    coalesce(members.name, lines.owner) as owner,
    lines.operator,
    lines.region,
    communications.direction,
    communications.kind,
    communications.number_kind,
    communications.other_raw,
    communications.other_e164,
    communications.masked_pattern,
    communications.short_number,
    coalesce(communications.other_e164, communications.short_number, communications.masked_pattern) as number_key,
    communications.stated_name,
    communications.started_at,
    communications.started_local,
    communications.started_local::date as local_day,
    communications.duration_s,
    communications.volume_bytes,
    communications.quantity,
    communications.cost,
    communications.currency,
    communications.destination,
    communications.bill_number,
    communications.document,
    communications.row_pointer,
    communications.source,
    communications.learned_at
from communications
left join lines on lines.line = communications.line
left join members on members.member = lines.owner
