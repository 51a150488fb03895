-- One row per flow of money that recurs (rent, salary, subscriptions, debits), as its movements show it, and what comes next.
with recurring as (
    from intermediate.recurring
),

accounts as (
    from staging.accounts
),

joined as (
    select recurring.*, coalesce(accounts.account_name, recurring.account) as account_name
    from recurring
    left join accounts on accounts.account = recurring.account
)

select
    joined.recurring_id, -- Identifier of the flow; stays while the flow goes on.
    joined.payee, -- Who is paid or pays: the person or organisation, else the words of the label.
    joined.person_id, -- That person or organisation, when it is known: joins people.person_id.
    joined.account, -- Account that is moved.
    joined.account_name, -- Name of the account for people.
    joined.direction, -- in or out, as seen from the household.
    joined.kind, -- Kind of most of its movements, as in transactions.
    joined.period, -- weekly, fortnightly, monthly, bimonthly, quarterly, half-yearly or yearly.
    joined.day, -- Day of the month (31 is the last one), or day of the week from 1 = Monday for weekly ones.
    joined.months_off, -- Months of the year in which it is never paid.
    joined.usual_amount, -- Last amount when it is fixed, middle one of the last six when it varies; negative when it goes out.
    joined.least_amount, -- Amount nearest to zero so far.
    joined.most_amount, -- Amount farthest from zero so far.
    joined.currency, -- Currency of the amounts.
    joined.is_variable, -- True when most payments differ from the one before.
    joined.first_on, -- Day of the first payment known.
    joined.last_on, -- Day of the last payment known.
    joined.payment_count, -- Payments known.
    joined.missed_count, -- Payments left out between two others.
    joined.next_expected_on, -- Day on which the next one is expected, give or take some days; null when it ended.
    joined.next_expected_amount, -- Amount expected then.
    joined.next_expected_least, -- The least that is expected then, nearest to zero.
    joined.next_expected_most, -- The most that is expected then, farthest from zero.
    joined.state, -- active, late (expected, and not among the movements known) or ended.
    joined.is_own_account, -- True when the other side is an account of this household.
    joined.creditor_id, -- SEPA creditor identifier of the last payment.
    joined.mandate, -- SEPA mandate reference of the last payment.
    joined.method, -- What holds it together: mandate, person, iban or payee, and amounts where one payee has several flows.
    joined.score, -- How regular it is, from 0 to 1; it is always a reading of the movements, never a stated fact.
    joined.reason, -- Why, in words.
    joined.seen_until -- Last day of which movements of the account are known.
from joined
