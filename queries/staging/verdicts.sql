-- One row per link that a person confirmed or rejected, as it was said last.
with verdicts as (
    from facts.verdicts
),

aliases as (
    select table_name, alias, min(id) as id from landing.aliases group by table_name, alias
),

-- A row may be known under another id by now.
settled as (
    select
        verdicts.kind,
        coalesce(bills.id, lefts.id, verdicts.left_id) as left_id,
        coalesce(rights.id, verdicts.right_id) as right_id,
        verdicts.about,
        verdicts.state,
        verdicts.seq,
        verdicts.said_at
    from verdicts
    left join aliases as bills
        on bills.table_name = 'bills' and verdicts.kind = 'bill' and bills.alias = verdicts.left_id
    left join aliases as lefts
        on lefts.table_name = 'transactions' and verdicts.kind <> 'bill' and lefts.alias = verdicts.left_id
    left join aliases as rights on rights.table_name = 'transactions' and rights.alias = verdicts.right_id
)

select
    kind,
    left_id,
    right_id,
    about,
    state,
    said_at
from settled
qualify row_number() over (partition by kind, left_id, right_id order by seq desc) = 1 and state <> 'open'
