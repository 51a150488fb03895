//! One folder of a mailbox: which messages are new, and what hangs on them.
//!
//! A folder counts its messages by numbers that only grow, until the server says that they count
//! anew (UIDVALIDITY, RFC 3501 §2.3.1.1). Then everything is looked at again; documents that are
//! in already are known by their bytes.

use imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};

use super::wire::{Link, Wire, WireError};
use super::{Mailbox, attachments, words};
use crate::fetch::order::{Fetched, Harvest, Order};
use crate::fetch::state::State;
use crate::model::run::{Class, Part, Said};

/// No message larger than this is read, in bytes.
const MESSAGE_LIMIT: u32 = 32 << 20;
/// Most bytes of a literal: those of a message, and one that tells that there are more.
pub const LITERAL_LIMIT: usize = MESSAGE_LIMIT as usize + 1;
/// One run takes no more than this, in bytes; the rest comes with the next.
const RUN_LIMIT: u64 = 128 << 20;
/// So many messages are asked about at a time.
const AT_ONCE: usize = 200;

/// One folder in one run.
pub struct Run<'a> {
    pub order: &'a Order<'a>,
    pub mailbox: &'a Mailbox,
    pub name: &'a str,
    pub harvest: &'a mut Harvest,
}

/// What the server says of an open folder.
#[derive(Debug, Default)]
struct Open {
    validity: u32,
    next: Option<u32>,
}

/// A message, before it is read.
#[derive(Debug, Default)]
struct Head {
    uid: u32,
    size: u32,
    header: Vec<u8>,
}

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    /// It was looked at.
    Done,
    /// The server did not hand it over in a way that can be read.
    Unread,
    /// The run has taken enough, before this one.
    Later,
}

/// The bytes of a message.
enum Message {
    Whole(Vec<u8>),
    TooLarge,
    Unanswered,
}

impl Run<'_> {
    /// Looks at the messages that came since the last run, the oldest first.
    pub async fn look<S: Link>(&mut self, wire: &mut Wire<S>, state: &mut State) -> Result<(), WireError> {
        let written = words::folder(self.name).ok_or_else(|| WireError::Refused("a name".to_owned()))?;
        let mut open = Open::default();
        wire.command(&format!("EXAMINE {written}"), |answer| open.read(answer)).await?;
        let key = format!("mailbox/{}", self.name);
        let last = last_seen(state.cursors.get(&key), open.validity);
        let seen = |uid: u32| format!("{}:{uid}", open.validity);
        let Some(fresh) = self.fresh(wire, &open, last).await? else {
            self.unread();
            return Ok(());
        };
        // What was not answered stops the cursor before it, and nothing else: the rest comes, and is
        // known by its bytes when it comes again.
        let mut is_stopped = false;
        for uids in fresh.chunks(AT_ONCE) {
            let heads = heads(wire, uids).await?;
            for uid in uids {
                let Some(head) = heads.iter().find(|head| head.uid == *uid) else {
                    is_stopped = true;
                    continue;
                };
                match self.take(wire, head, open.validity).await? {
                    Taken::Done => {}
                    Taken::Unread => is_stopped = true,
                    Taken::Later => {
                        self.harvest.later.push(self.name.to_owned());
                        return Ok(());
                    }
                }
                if !is_stopped {
                    state.cursors.insert(key.clone(), seen(*uid));
                }
            }
        }
        if is_stopped {
            self.unread();
            return Ok(());
        }
        // Messages that were deleted have a number, too.
        let next = open.next.map_or(0, |next| next.saturating_sub(1));
        let last = last_seen(state.cursors.get(&key), open.validity).max(next);
        state.cursors.insert(key, seen(last));
        Ok(())
    }

    /// Numbers of the messages after `last`, in order; of the first run, only those of the
    /// history that is wanted. `None` when the answer could not be read.
    async fn fresh<S: Link>(&self, wire: &mut Wire<S>, open: &Open, last: u32) -> Result<Option<Vec<u32>>, WireError> {
        let end = open.next.map_or_else(|| "*".to_owned(), |next| next.saturating_sub(1).to_string());
        if open.next.is_some_and(|next| next <= last.saturating_add(1)) {
            return Ok(Some(Vec::new()));
        }
        let since = if last == 0 { self.since() } else { String::new() };
        let mut found = Vec::new();
        let n_unread = wire.n_unread;
        let search = format!("UID SEARCH UID {}:{end}{since}", last.saturating_add(1));
        wire.command(&search, |answer| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = answer {
                found.extend_from_slice(uids);
            }
        })
        .await?;
        // `7:*` is the last message even when its number is lower.
        found.retain(|uid| *uid > last);
        found.sort_unstable();
        found.dedup();
        Ok((wire.n_unread == n_unread).then_some(found))
    }

    /// ` SINCE 14-Mar-2025`: the days of the history, one year unless the service says otherwise.
    fn since(&self) -> String {
        let history = self.order.service.fetch.history.unwrap_or_else(|| jiff::Span::new().years(1));
        let today = self.order.now.to_zoned(self.order.zone.clone()).date();
        today.checked_sub(history).map(|day| format!(" SINCE {}", day.strftime("%-d-%b-%Y"))).unwrap_or_default()
    }

    /// Reads a message that counts, unless the run has taken enough.
    async fn take<S: Link>(&mut self, wire: &mut Wire<S>, head: &Head, validity: u32) -> Result<Taken, WireError> {
        let (senders, subject) = attachments::sender_and_subject(&head.header);
        if !self.mailbox.matching.takes(&senders, &subject) {
            return Ok(Taken::Done);
        }
        let taken: usize = self.harvest.documents.iter().map(|document| document.bytes.len()).sum();
        if taken > 0 && taken as u64 + u64::from(head.size) > RUN_LIMIT {
            return Ok(Taken::Later);
        }
        match whole(wire, head).await? {
            Message::Whole(bytes) => self.keep(&bytes, head.uid, validity),
            Message::TooLarge => self.fail(head.uid),
            Message::Unanswered => return Ok(Taken::Unread),
        }
        Ok(Taken::Done)
    }

    fn keep(&mut self, message: &[u8], uid: u32, validity: u32) {
        let found = attachments::of(message, &self.mailbox.matching);
        let as_of = found.sent_at.filter(|sent| *sent <= self.order.now).unwrap_or(self.order.now);
        // As RFC 5092 writes it.
        let origin = format!("imap://{}/{};UIDVALIDITY={validity}/;UID={uid}", self.mailbox.host, self.name);
        self.harvest.documents.extend(found.files.into_iter().map(|file| Fetched {
            name: file.name,
            bytes: file.bytes,
            as_of,
            origin: origin.clone(),
            connectors: self.order.service.fetch.documents.clone(),
        }));
    }

    /// The folder holds what could not be read: the next run begins before it.
    fn unread(&mut self) {
        let en = "an answer of the mail server could not be read: messages from there on are asked for again";
        let fr = "une réponse du serveur de courrier est illisible : les messages qui suivent seront redemandés";
        let (name, message) = (self.name.to_owned(), Said::new(en, fr));
        self.harvest.failed.push(Part { name, outcome: Class::Retry, message });
    }

    fn fail(&mut self, uid: u32) {
        let (limit, name) = (MESSAGE_LIMIT >> 20, format!("{};UID={uid}", self.name));
        let en = format!("a message of more than {limit} MiB is left aside");
        let fr = format!("un message de plus de {limit} Mio est laissé de côté");
        self.harvest.failed.push(Part { name, outcome: Class::Expectation, message: Said::new(en, fr) });
    }
}

impl Open {
    fn read(&mut self, answer: &Response<'_>) {
        let Response::Data { outcome, .. } = answer else { return };
        match outcome.code {
            Some(ResponseCode::UidValidity(validity)) => self.validity = validity,
            Some(ResponseCode::UidNext(next)) => self.next = Some(next),
            _ => {}
        }
    }
}

/// The last number that was looked at; none when the folder counts anew.
fn last_seen(cursor: Option<&String>, validity: u32) -> u32 {
    let parsed = cursor.and_then(|text| text.split_once(':')).filter(|(known, _)| *known == validity.to_string());
    parsed.and_then(|(_, last)| last.parse().ok()).unwrap_or(0)
}

/// Size, sender and subject of messages, in the order of their numbers.
async fn heads<S: Link>(wire: &mut Wire<S>, uids: &[u32]) -> Result<Vec<Head>, WireError> {
    let set: Vec<String> = uids.iter().map(u32::to_string).collect();
    let command = format!("UID FETCH {} (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM SUBJECT)])", set.join(","));
    let mut heads: Vec<Head> = Vec::new();
    wire.command(&command, |answer| heads.extend(head(answer))).await?;
    heads.retain(|head| uids.contains(&head.uid));
    heads.sort_by_key(|head| head.uid);
    heads.dedup_by_key(|head| head.uid);
    Ok(heads)
}

/// The bytes of a message.
async fn whole<S: Link>(wire: &mut Wire<S>, head: &Head) -> Result<Message, WireError> {
    if head.size > MESSAGE_LIMIT {
        return Ok(Message::TooLarge);
    }
    // The size may be wrong, so the server is told where to stop.
    let command = format!("UID FETCH {} (UID BODY.PEEK[]<0.{LITERAL_LIMIT}>)", head.uid);
    let mut bytes = None;
    wire.command(&command, |answer| {
        if let Some(found) = self::head(answer).filter(|found| found.uid == head.uid && !found.header.is_empty()) {
            bytes = Some(found.header);
        }
    })
    .await?;
    Ok(match bytes {
        None => Message::Unanswered,
        Some(bytes) if bytes.len() < LITERAL_LIMIT => Message::Whole(bytes),
        Some(_) => Message::TooLarge,
    })
}

fn head(answer: &Response<'_>) -> Option<Head> {
    let Response::Fetch(_, values) = answer else { return None };
    let mut head = Head::default();
    for value in values {
        match value {
            AttributeValue::Uid(uid) => head.uid = *uid,
            AttributeValue::Rfc822Size(size) => head.size = *size,
            AttributeValue::BodySection { data: Some(data), .. } => head.header = data.to_vec(),
            _ => {}
        }
    }
    (head.uid > 0).then_some(head)
}
