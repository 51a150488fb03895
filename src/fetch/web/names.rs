//! What the placeholders of a step stand for, in the middle of a walk.

use super::super::http::Response;
use super::super::{Failure, fill};
use super::page::Link;
use super::run::Run;
use super::{document, said};
use crate::connector::fetch::NeedKind;
use crate::model::run::Said;

impl Run<'_> {
    /// `{text}` is what stands on a link, `{file}` the name that its answer has.
    pub fn named(&mut self, template: &str, link: &Link, answer: &Response) -> Result<String, Failure> {
        fill::text(template, |name| match name {
            "text" => Ok(link.text.clone()),
            "file" => Ok(document::file_name(answer)),
            name => self.value(name),
        })
    }

    pub fn filled(&mut self, template: &str) -> Result<String, Failure> {
        fill::text(template, |name| self.value(name))
    }

    /// What a name stands for: what the step runs over, what was told last, a code, a field.
    fn value(&mut self, name: &str) -> Result<String, Failure> {
        if let Some((_, value)) = self.each.as_ref().filter(|(each, _)| each == name) {
            return Ok(value.clone());
        }
        if let Some(text) = self.told.values().find_map(|told| told.get(name)) {
            return Ok(text.clone());
        }
        match self.kind(name) {
            Some(NeedKind::Code) => self.code(name),
            None if name == "today" => Ok(self.today()),
            _ => fill::field(self.order, name),
        }
    }

    /// Asks the person for a one-time code, which is kept for this run only.
    fn code(&mut self, name: &str) -> Result<String, Failure> {
        if let Some(code) = self.codes.get(name) {
            return Ok(code.clone());
        }
        let label = self.order.service.fetch.needs.get(name).map(|need| need.label.clone()).unwrap_or_default();
        let question = Said::new(label.en, label.fr);
        let answer = self.order.person.and_then(|person| person.ask(&question, false));
        let code = answer.map(|code| code.trim().to_owned()).filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| said::needs_code(self.order))?;
        self.codes.insert(name.to_owned(), code.clone());
        Ok(code)
    }

    pub fn today(&self) -> String {
        self.order.now.to_zoned(self.order.zone.clone()).date().to_string()
    }

    pub fn is_secret(&self, template: &str) -> bool {
        self.kinds(template).into_iter().any(|kind| matches!(kind, NeedKind::Secret | NeedKind::Code))
    }

    /// The kinds of the fields that a text names.
    pub fn kinds(&self, template: &str) -> Vec<NeedKind> {
        let mut kinds = Vec::new();
        // Looking never fails: nothing is filled in.
        drop(fill::text(template, |name| {
            kinds.extend(self.kind(name));
            Ok(String::new())
        }));
        kinds
    }

    fn kind(&self, name: &str) -> Option<NeedKind> {
        self.order.service.fetch.needs.get(name).map(|need| need.kind)
    }
}
