//! The options of a request: read strictly, and written again into the next link.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::graph::refusal::Refusal;

pub(in crate::graph) const VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The query options, decoded. `$` before a name may be missing, and names have no case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::graph) struct Query {
    pub(in crate::graph) select: Option<String>,
    pub(in crate::graph) filter: Option<String>,
    pub(in crate::graph) search: Option<String>,
    pub(in crate::graph) order_by: Option<String>,
    pub(in crate::graph) expand: Option<String>,
    pub(in crate::graph) count: bool,
    pub(in crate::graph) include_hidden_folders: bool,
    pub(in crate::graph) skip_token: Option<String>,
    pub(in crate::graph) skip: Option<usize>,
    /// The media type asked for.
    pub(in crate::graph) format: Option<String>,
    /// The window of a calendar view, as it was sent.
    pub(in crate::graph) start_date_time: Option<String>,
    pub(in crate::graph) end_date_time: Option<String>,
    top: Option<usize>,
    /// Everything but the place in the list, as it was sent.
    repeated: Vec<String>,
}

impl Query {
    /// Reads what follows `?` in an address. Options without `$` that nobody knows are ignored, as Graph does.
    pub(in crate::graph) fn parse(raw: &str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (sent, value) = (decode(name)?, decode(value)?);
            let name = sent.trim_start_matches('$').to_ascii_lowercase();
            if seen.contains(&name) {
                return Err(Refusal::RepeatedOption(sent));
            }
            if !matches!(name.as_str(), "skip" | "skiptoken") {
                query.repeated.push(pair.to_owned());
            }
            query.set(&name, &sent, value)?;
            seen.push(name);
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, sent: &str, value: String) -> Result<(), Refusal> {
        match name {
            "select" => self.select = Some(value),
            "filter" => self.filter = Some(value),
            "search" => self.search = Some(value),
            "orderby" => self.order_by = Some(value),
            "expand" => self.expand = Some(value),
            "skiptoken" => self.skip_token = Some(value),
            "top" => self.top = Some(top(&value)?),
            "skip" => self.skip = Some(skip(value)?),
            "count" => self.count = flag("$count", value)?,
            "includehiddenfolders" => self.include_hidden_folders = flag("includeHiddenFolders", value)?,
            "startdatetime" => self.start_date_time = Some(value),
            "enddatetime" => self.end_date_time = Some(value),
            "format" => self.format = Some(value),
            _ if sent.starts_with('$') => return Err(Refusal::UnknownOption(sent.to_owned())),
            _ => {}
        }
        Ok(())
    }

    /// `$top`, where it was given. How much is too much is for each service to say.
    pub(in crate::graph) const fn top(&self) -> Option<usize> {
        self.top
    }

    /// The query of the next page: the same options, and the new place as `option` (without its `$`).
    pub(in crate::graph) fn continued(&self, option: &str, place: &str) -> String {
        let mut next = self.repeated.join("&");
        if !next.is_empty() {
            next.push('&');
        }
        next.push_str("%24");
        next.push_str(option);
        next.push('=');
        next.extend(utf8_percent_encode(place, VALUE));
        next
    }
}

fn decode(raw: &str) -> Result<String, Refusal> {
    let spaced = raw.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Refusal::MalformedUri("the query is not UTF-8"))
}

fn top(value: &str) -> Result<usize, Refusal> {
    let refused = || Refusal::InvalidOption {
        option: "$top",
        value: value.to_owned(),
        expected: "a positive integer value",
    };
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    // Microsoft counts in 32 bits with a sign.
    match value.parse::<i32>() {
        Ok(top) if top > 0 => usize::try_from(top).map_err(|_| refused()),
        _ => Err(refused()),
    }
}

fn skip(value: String) -> Result<usize, Refusal> {
    // An u32 is more than any mailbox holds, and can't overflow when a page is added.
    match value.parse::<u32>() {
        Ok(skip) => Ok(usize::try_from(skip).unwrap_or(usize::MAX / 2)),
        Err(_) => {
            Err(Refusal::InvalidOption { option: "$skip", value, expected: "a non-negative integer value" })
        }
    }
}

fn flag(option: &'static str, value: String) -> Result<bool, Refusal> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::InvalidOption { option, value, expected: "'true' or 'false'" }),
    }
}
