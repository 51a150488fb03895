//! `[[fetch.errors]]` on pages: `at` is a CSS selector, `contains` a part of its text.

use scraper::Selector;

use super::super::http::Response;
use super::super::{Failure, refusal};
use super::page::{Page, words};
use super::said;
use crate::connector::fetch::{ErrorRule, RuleClass};
use crate::model::run::{Class, Said};
use jiff::Timestamp;

/// What a page that came means as a failure, by the first rule that fits, else by its status.
pub fn check(rules: &[ErrorRule], answer: &Response, page: &Page, now: Timestamp) -> Result<(), Failure> {
    for rule in rules {
        if fits(rule, answer, page)? {
            return of_rule(rule, answer, now);
        }
    }
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(refusal::of_status(answer, now)) }
}

fn fits(rule: &ErrorRule, answer: &Response, page: &Page) -> Result<bool, Failure> {
    if rule.status.is_some_and(|status| status != answer.status) {
        return Ok(false);
    }
    let place = rule.at.as_deref().unwrap_or("html");
    let selector = Selector::parse(place).map_err(|_| said::bad_selector(place))?;
    let Some(element) = page.first(&selector) else { return Ok(false) };
    Ok(rule.contains.as_deref().is_none_or(|part| words(element).contains(part)))
}

fn of_rule(rule: &ErrorRule, answer: &Response, now: Timestamp) -> Result<(), Failure> {
    let class = match rule.class {
        RuleClass::Empty => return Ok(()),
        RuleClass::Retry | RuleClass::Restart => Class::Retry,
        RuleClass::Quota => Class::Quota,
        RuleClass::User => Class::User,
        RuleClass::Changed | RuleClass::Partial => Class::Changed,
        RuleClass::Config => Class::Config,
    };
    let said = if rule.say.en.is_empty() {
        refusal::of_status(answer, now).message
    } else {
        Said::new(rule.say.en.clone(), rule.say.fr.clone())
    };
    let failure = Failure::new(class, said).retry_at(answer.retry_after(now));
    Err(match &rule.link {
        Some(link) => failure.link(link.clone()),
        None => failure,
    })
}
