//! What people said of a row, of its payee, its number, its person.

use super::super::error::CliError;
use super::super::facts;
use super::Asked;

pub fn tell(asked: &Asked<'_>) -> Result<Vec<String>, CliError> {
    let mut lines = Vec::new();
    for (subject, id) in asked.mart.map_or(&[][..], |mart| mart.said) {
        let rows = asked.ask(&format!(
            "select choices.field, choices.value, choices.said_at, choices.about
             from staging.choices as choices
             where choices.subject = '{}' and choices.subject_id = (select ({id})::varchar from this)
             order by choices.field",
            subject.code()
        ))?;
        let (en, fr) = facts::words(*subject);
        let subject = asked.pick(en, fr);
        for [field, value, at, about] in rows.into_iter().filter_map(|row| <[String; 4]>::try_from(row).ok()) {
            let (field, at) = (self::field(asked, &field), asked.day(&at));
            lines.push(asked.pick(
                format!("{field} of the {subject} {about}: {value} ({at})"),
                format!("{field}, {subject} {about} : {value} ({at})"),
            ));
        }
    }
    Ok(lines)
}

fn field(asked: &Asked<'_>, field: &str) -> String {
    let fr = match field {
        "category" => "catégorie",
        "name" => "nom",
        "person" => "personne",
        "hidden" => "caché",
        "accepted" => "accepté",
        other => other,
    };
    asked.pick(field, fr).to_owned()
}
