//! The links that name a row: with what, how it was found, how sure it is; rejected ones too.

use super::super::error::CliError;
use super::super::{near, table};
use super::{Asked, reasons};

/// Links that are told.
const MOST: usize = 12;

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    if asked.view == "people" {
        return people(asked);
    }
    let ids = asked.mart.map_or(&[][..], |mart| mart.linked);
    if ids.is_empty() || !near::has(asked.reader, "main.reconciliations")? {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for [kind, state, method, score, reason, other, id] in links(asked, ids)? {
        let (state, grade) = state.split_once(' ').unwrap_or((&state, ""));
        let state = format!("{}, {}", reasons::state(asked, state), self::grade(asked, grade));
        let kind = self::kind(asked, &kind);
        let by = asked.pick("by", "par");
        lines.push(format!("{kind}{}{other}", asked.pick(": ", " : ")));
        lines.push(format!("    {state}, {by} {method}, score {score}{}{reason} [{id}]", asked.pick(": ", " : ")));
    }
    Ok(lines)
}

/// The cards and names that are this person, and those that may be.
fn people(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let relations = ["intermediate.identities", "intermediate.person_links"];
    for relation in relations {
        if !near::columns(asked.reader, relation)?.iter().any(|column| column == "identity_id" || column == "link_id") {
            return Ok(Vec::new());
        }
    }
    let rows = asked.ask(
        ", own as (
             select identities.* from this inner join intermediate.identities as identities
                 on identities.person_id = this.person_id
         ),
         others as (
             select links.*, left_id in (select identity_id from own) as is_left
             from intermediate.person_links as links
             where not is_joined
                 and (left_id in (select identity_id from own) or right_id in (select identity_id from own))
         )
         select '', name || ' (' || identity || ')', method, score, state, reason, '' from own
         union all
         select 'other', case when is_left then right_name else left_name end, method, score, state, reason, link_id::varchar
         from others
         order by all",
    )?;
    let told = |row: Vec<String>| {
        let [place, words, method, score, state, reason, id] = <[String; 7]>::try_from(row).ok()?;
        let state = reasons::state(asked, &state);
        let may = if place.is_empty() { "" } else { asked.pick("another: ", "un autre : ") };
        let id = if id.is_empty() { id } else { format!(" [{id}]") };
        let (by, is) = (asked.pick("by", "par"), asked.pick(": ", " : "));
        Some(table::one_line(&format!("{may}{words}{is}{by} {method}, score {score}, {state}{is}{reason}{id}")))
    };
    Ok(rows.into_iter().filter_map(told).take(MOST).collect())
}

/// The links of some ids, each with the row on its other side in words.
fn links(asked: &Asked<'_>, ids: &[&str]) -> Result<Vec<[String; 7]>, CliError> {
    let of: Vec<String> = ids.iter().map(|id| format!("select {id} from this")).collect();
    let reason = asked.pick("reason", "reason_fr");
    let rows = asked.ask(&format!(
        ", ids as ({}),
         found as (
             select links.*, case when left_id in (from ids) then right_id else left_id end as other_id
             from reconciliations as links
             where left_id in (from ids) or right_id in (from ids)
         ),
         rows as (
             select id, concat_ws(', ', account, booked_on, amount::decimal(18, 2) || ' ' || currency, raw_label) as words
             from landing.transactions where id in (select other_id from found)
             union all
             select id, concat_ws(', ', issuer, number, issued_on, total::decimal(18, 2) || ' ' || currency) as words
             from landing.bills where id in (select other_id from found)
         )
         select kind, state || ' ' || grade, method, score, {reason}, coalesce(words, other_id::varchar), link_id::varchar
         from found left join rows on rows.id = found.other_id
         order by case state when 'rejected' then 1 else 0 end, score desc, other_id
         limit {MOST}",
        of.join(" union ")
    ))?;
    let shown = |row: Vec<String>| row.iter().map(|cell| table::one_line(cell)).collect::<Vec<_>>().try_into().ok();
    Ok(rows.into_iter().filter_map(shown).collect())
}

/// How good a link is, apart from what was said of it.
fn grade(asked: &Asked<'_>, grade: &str) -> String {
    let fr = match grade {
        "sure" => "sûr",
        "likely" => "probable",
        "possible" => "possible",
        other => other,
    };
    asked.pick(grade, fr).to_owned()
}

fn kind(asked: &Asked<'_>, kind: &str) -> String {
    let (en, fr) = match kind {
        "bill" => ("bill and payment", "facture et paiement"),
        "transfer" => ("own transfer", "virement interne"),
        "refund" => ("refund", "remboursement"),
        "person" => ("one person", "une même personne"),
        other => (other, other),
    };
    asked.pick(en, fr).to_owned()
}
