-- One row per debit that is expected, unless a bill that has to be paid stands for it already.
with bills as (
    from bills where status in ('overdue', 'unpaid', 'partly paid') and residual > 0
)

select
    recurring.recurring_id,
    recurring.payee,
    recurring.account_name,
    recurring.period,
    recurring.next_expected_on,
    -recurring.next_expected_amount as amount,
    -recurring.next_expected_least as least,
    -recurring.next_expected_most as most,
    recurring.currency,
    recurring.state,
    recurring.payment_count,
    recurring.last_on,
    recurring.score
from recurring
where recurring.direction = 'out'
    and recurring.state in ('active', 'late')
    and recurring.next_expected_on is not null
    and not recurring.is_own_account
    and not exists (
        from bills
        where bills.issuer_id = recurring.person_id
            and abs(coalesce(bills.due_on, bills.issued_on) - recurring.next_expected_on) <= 20
    )
order by recurring.next_expected_on, recurring.recurring_id
