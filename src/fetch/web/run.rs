//! One walk through a portal: the page that is open, what was told, what was taken.

use std::collections::BTreeMap;

use scraper::Selector;

use super::super::http::{Client, Request, Response};
use super::super::{Failure, Fetched, Harvest, Order, State, Validator, fill, refusal};
use super::form::{self, Misfit};
use super::page::{Link, Page};
use super::{document, rules, said};
use crate::connector::fetch::{Method, NeedKind, Pages, Step};
use crate::model::run::Part;

/// A page made for people is smaller than this, in bytes.
const PAGE_LIMIT: usize = 20 << 20;
/// A portal whose pages lead to one another for ever is left after as many.
const MOST_PAGES: usize = 500;

/// See the module.
pub struct Run<'a> {
    pub(super) order: &'a Order<'a>,
    state: &'a mut State,
    client: Client,
    /// The pages that are open: that of the last step, or those that it followed.
    open: Vec<Page>,
    /// What steps told, by step.
    pub(super) told: BTreeMap<String, BTreeMap<String, String>>,
    /// Codes that a person gave: each is asked for once.
    pub(super) codes: BTreeMap<String, String>,
    /// What a step runs over.
    pub(super) each: Option<(String, String)>,
    harvest: Harvest,
}

impl<'a> Run<'a> {
    pub fn new(order: &'a Order<'a>, state: &'a mut State) -> Self {
        let client = order.client.restricted_to(&fill::hosts(order));
        let (told, codes) = (BTreeMap::new(), BTreeMap::new());
        Self { order, state, client, open: Vec::new(), told, codes, each: None, harvest: Harvest::default() }
    }

    /// Whether anything was ever asked.
    pub fn is_begun(&self) -> bool {
        self.harvest.n_requests > 0
    }

    pub fn into_harvest(self) -> Harvest {
        self.harvest
    }

    /// Does one step, or one for each of a field's values.
    pub fn step(&mut self, step: &Step) -> Result<(), Failure> {
        if !self.is_due(step) {
            return Ok(());
        }
        let Some(each) = &step.for_each else { return self.once(step) };
        let values = self.order.source.fetch.get(&each.at).map(crate::config::Setting::texts).unwrap_or_default();
        for value in values {
            self.each = Some((each.name.clone(), value.clone()));
            match self.once(step) {
                Err(failure) if step.is_account => {
                    self.harvest.failed.push(Part { name: value, outcome: failure.class, message: failure.message });
                }
                done => done?,
            }
        }
        self.each = None;
        Ok(())
    }

    fn once(&mut self, step: &Step) -> Result<(), Failure> {
        if !step.path.is_empty() {
            let request = self.request_of(step)?;
            if step.document.is_some() && step.follow.is_none() && step.submit.is_none() {
                let name = self.filled(step.document.as_deref().unwrap_or_default())?;
                let answer = self.send(&request)?;
                return self.keep_whole(step, &answer, &name);
            }
            self.open = vec![self.load(&request)?];
        }
        self.submit(step)?;
        self.expect(step)?;
        self.tell(step)?;
        self.follow(step)
    }

    /// A step with `when` is left out where nothing was given or told under that name.
    fn is_due(&self, step: &Step) -> bool {
        step.when.as_deref().is_none_or(|when| match self.told.get(when) {
            Some(told) => !told.is_empty(),
            None => self.order.source.fetch.contains_key(when),
        })
    }

    fn request_of(&mut self, step: &Step) -> Result<Request, Failure> {
        let path = self.filled(&step.path)?;
        let mut url = fill::address(self.order, &path)?;
        for (name, value) in &step.query {
            let value = self.filled(value)?;
            url.query_pairs_mut().append_pair(name, &value);
        }
        let method = if step.method == Method::Post { "POST" } else { "GET" };
        let mut request = Request::new(method, url);
        for (name, value) in &step.headers {
            let filled = self.filled(value)?;
            let is_secret = self.kinds(value).iter().any(|kind| matches!(kind, NeedKind::Secret | NeedKind::Code));
            request = if is_secret { request.secret_header(name, filled) } else { request.header(name, filled) };
        }
        if step.submit.is_none() && !step.form.is_empty() {
            let fields = self.fields(step)?;
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        Ok(request)
    }

    fn fields(&mut self, step: &Step) -> Result<BTreeMap<String, String>, Failure> {
        step.form.iter().map(|(name, value)| Ok((name.clone(), self.filled(value)?))).collect()
    }

    /// Fills in the form of the open page and sends it.
    fn submit(&mut self, step: &Step) -> Result<(), Failure> {
        let Some(submit) = &step.submit else { return Ok(()) };
        let selector = selector(submit)?;
        // Whether the form is there comes first: no code is asked for in vain.
        let gone = |page: Option<&Page>| match page {
            Some(page) => said::gone(submit, &page.url),
            None => said::bad_selector(submit),
        };
        let page = self.open.first().filter(|page| page.first(&selector).is_some());
        if page.is_none() {
            return Err(gone(self.open.first()));
        }
        let fields = self.fields(step)?;
        let page = self.open.first().ok_or_else(|| gone(None))?;
        let element = page.first(&selector).ok_or_else(|| gone(Some(page)))?;
        let is_secret = step.form.values().any(|template| self.is_secret(template));
        let request = form::request(page, element, &fields, is_secret).map_err(|misfit| match misfit {
            Misfit::NoField(name) => said::gone(&format!("{submit} [name={name}]"), &page.url),
            Misfit::NoPlace => said::gone(&format!("{submit}[method=post][action]"), &page.url),
        })?;
        self.open = vec![self.load(&request)?];
        Ok(())
    }

    /// What tells a refusal comes before what has to be there: both are of the page that is open.
    fn expect(&self, step: &Step) -> Result<(), Failure> {
        let Some(page) = self.open.first() else { return Ok(()) };
        if let Some(refused) = &step.refused
            && page.first(&selector(refused)?).is_some()
        {
            let is_code = step.form.values().any(|template| self.kinds(template).contains(&NeedKind::Code));
            return Err(said::refused(self.order, is_code));
        }
        match &step.expects {
            Some(expects) if page.first(&selector(expects)?).is_none() => Err(said::gone(expects, &page.url)),
            _ => Ok(()),
        }
    }

    fn tell(&mut self, step: &Step) -> Result<(), Failure> {
        let Some(page) = self.open.first() else { return Ok(()) };
        let mut told = BTreeMap::new();
        for (name, place) in &step.tells {
            let (place, attribute) = parted(place);
            told.extend(page.told(&selector(place)?, attribute).map(|text| (name.clone(), text)));
        }
        self.told.insert(step.name.clone(), told);
        Ok(())
    }

    /// Follows the links of the open pages, and of the pages after them.
    fn follow(&mut self, step: &Step) -> Result<(), Failure> {
        let Some(follow) = &step.follow else { return Ok(()) };
        let links = selector(follow)?;
        let next = match &step.pages {
            Some(Pages::Link { at: Some(at) }) => Some(selector(parted(at).0)?),
            _ => None,
        };
        let mut n_pages = 0;
        let mut followed = Vec::new();
        let mut ahead: Vec<Page> = std::mem::take(&mut self.open);
        ahead.reverse();
        while let Some(page) = ahead.pop() {
            n_pages += 1;
            for link in page.links(&links) {
                match &step.document {
                    Some(template) => self.take(step, template, &link)?,
                    None => followed.push(self.load(&Request::new("GET", link.url))?),
                }
            }
            let further = next.as_ref().and_then(|next| page.links(next).into_iter().next());
            if let Some(link) = further.filter(|link| n_pages < MOST_PAGES && link.url != page.url) {
                ahead.push(self.load(&Request::new("GET", link.url))?);
            }
            if step.document.is_some() {
                followed.push(page);
            }
        }
        self.open = followed;
        Ok(())
    }

    /// Takes the document behind a link, unless it was taken before.
    fn take(&mut self, step: &Step, template: &str, link: &Link) -> Result<(), Failure> {
        let key = document::key(&step.name, &link.url);
        let is_known = self.state.cursors.contains_key(&key);
        if is_known && !step.conditional {
            return Ok(());
        }
        let mut request = Request::new("GET", link.url.clone());
        if let Some(validator) = self.state.validators.get(&key).filter(|_| is_known) {
            let headers = [("if-none-match", &validator.etag), ("if-modified-since", &validator.last_modified)];
            for (name, value) in headers {
                request.headers.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
            }
        }
        let answer = self.send(&request)?;
        if answer.status == 304 {
            return Ok(());
        }
        let name = self.named(template, link, &answer)?;
        self.keep(step, &answer, &name)?;
        let of = |header: &str| answer.header(header).map(str::to_owned);
        if step.conditional {
            let validator = Validator { etag: of("etag"), last_modified: of("last-modified") };
            self.state.validators.insert(key.clone(), validator);
        }
        self.state.cursors.insert(key, self.today());
        Ok(())
    }

    /// Keeps what a step without links answers: a page too, when it is the one that is expected.
    fn keep_whole(&mut self, step: &Step, answer: &Response, name: &str) -> Result<(), Failure> {
        match &step.expects {
            Some(expects) if answer.status == 200 && Page::new(answer).first(&selector(expects)?).is_some() => {
                self.push(answer, name);
                Ok(())
            }
            _ => self.keep(step, answer, name),
        }
    }

    /// Keeps an answer as a document; a page in its place is none.
    fn keep(&mut self, step: &Step, answer: &Response, name: &str) -> Result<(), Failure> {
        if document::is_page(answer) || !(200..300).contains(&answer.status) {
            let page = Page::new(answer);
            rules::check(&self.order.service.fetch.errors, answer, &page, self.order.now)?;
            return Err(self.not_a_document(step, &page));
        }
        self.push(answer, name);
        Ok(())
    }

    fn push(&mut self, answer: &Response, name: &str) {
        self.harvest.documents.push(Fetched {
            name: document::safe(name),
            bytes: answer.body.clone(),
            as_of: self.order.now,
            origin: document::origin(&answer.url),
            connectors: self.order.service.fetch.documents.clone(),
        });
    }

    /// A form that an earlier step filled in has come back: the session is over.
    fn not_a_document(&self, step: &Step, page: &Page) -> Failure {
        let earlier = self.order.service.fetch.steps.iter().take_while(|earlier| earlier.name != step.name);
        let forms = earlier.filter_map(|earlier| selector(earlier.submit.as_deref()?).ok());
        let is_login = forms.into_iter().any(|form| page.first(&form).is_some());
        if is_login { said::session_over(&page.url) } else { said::page_for_document(&page.url) }
    }

    fn load(&mut self, request: &Request) -> Result<Page, Failure> {
        let answer = self.send(request)?;
        if answer.body.len() > PAGE_LIMIT {
            return Err(said::too_large(&answer.url, PAGE_LIMIT));
        }
        let page = Page::new(&answer);
        rules::check(&self.order.service.fetch.errors, &answer, &page, self.order.now)?;
        Ok(page)
    }

    fn send(&mut self, request: &Request) -> Result<Response, Failure> {
        self.harvest.n_requests += 1;
        let answer = self.client.send(request).map_err(|error| refusal::of_error(&error))?;
        self.harvest.n_bytes += answer.n_wire;
        Ok(answer)
    }
}

/// `selector@attribute`; an `@` inside brackets is part of the selector.
fn parted(place: &str) -> (&str, Option<&str>) {
    match place.rsplit_once('@') {
        Some((selector, attribute)) if !attribute.contains(']') => (selector, Some(attribute)),
        _ => (place, None),
    }
}

fn selector(text: &str) -> Result<Selector, Failure> {
    Selector::parse(text).map_err(|_| said::bad_selector(text))
}
