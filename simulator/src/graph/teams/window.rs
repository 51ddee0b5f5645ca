//! `$orderby` and `$filter` of the messages of a chat.

use jiff::Timestamp;

use super::message::Message;
use super::refusal::TeamsRefusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Modified,
    Created,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    After(Timestamp),
    Before(Timestamp),
}

/// Newest first, and from when until when.
#[derive(Debug)]
pub(super) struct Window {
    key: Key,
    bounds: Vec<Bound>,
}

impl Window {
    /// Reads both options. A filter counts only where `$orderby` names the same property; otherwise Teams ignores it.
    pub(super) fn parse(order_by: Option<&str>, filter: Option<&str>) -> Result<Self, TeamsRefusal> {
        let asked = order_by.map(order).transpose()?;
        let parts: Vec<(Key, Bound)> = match filter {
            Some(filter) => split(filter).into_iter().map(comparison).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        let counts = parts.iter().all(|(key, _)| Some(*key) == asked);
        let bounds = if counts { parts.into_iter().map(|(_, bound)| bound).collect() } else { Vec::new() };
        Ok(Self { key: asked.unwrap_or(Key::Modified), bounds })
    }

    pub(super) fn holds(&self, message: &Message) -> bool {
        let time = self.time(message);
        self.bounds.iter().all(|bound| match bound {
            Bound::After(limit) => time > *limit,
            Bound::Before(limit) => time < *limit,
        })
    }

    pub(super) const fn time(&self, message: &Message) -> Timestamp {
        match self.key {
            Key::Modified => message.modified,
            Key::Created => message.created,
        }
    }
}

fn key(name: &str) -> Option<Key> {
    match name.to_ascii_lowercase().as_str() {
        "lastmodifieddatetime" => Some(Key::Modified),
        "createddatetime" => Some(Key::Created),
        _ => None,
    }
}

/// Ascending order is not offered.
fn order(text: &str) -> Result<Key, TeamsRefusal> {
    let refused = || TeamsRefusal::NotSupported { option: "$orderby", value: text.to_owned() };
    let mut words = text.split_whitespace();
    let key = words.next().and_then(key).ok_or_else(refused)?;
    let is_descending = words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc"));
    if is_descending && words.next().is_none() { Ok(key) } else { Err(refused()) }
}

fn split(filter: &str) -> Vec<&str> {
    filter.split(" and ").map(str::trim).collect()
}

/// `lastModifiedDateTime gt|lt`, `createdDateTime lt`.
fn comparison(text: &str) -> Result<(Key, Bound), TeamsRefusal> {
    let refused = || TeamsRefusal::NotSupported { option: "$filter", value: text.to_owned() };
    let words: Vec<&str> = text.split_whitespace().collect();
    let [name, operator, time] = words.as_slice() else { return Err(refused()) };
    let key = key(name).ok_or_else(refused)?;
    let time: Timestamp = time.parse().map_err(|_| refused())?;
    match (key, operator.to_ascii_lowercase().as_str()) {
        (_, "lt") => Ok((key, Bound::Before(time))),
        (Key::Modified, "gt") => Ok((key, Bound::After(time))),
        _ => Err(refused()),
    }
}
