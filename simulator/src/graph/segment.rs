//! The segments of a path.

use percent_encoding::percent_decode_str;

use super::refusal::Refusal;

/// A segment as it was sent, and decoded. A colon counts only where it was sent as one.
#[derive(Debug, Clone)]
pub(super) struct Segment<'a> {
    raw: &'a str,
    pub(super) text: String,
}

impl Segment<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }

    /// The text before a colon that ends the segment.
    pub(super) fn before_colon(&self) -> Option<&str> {
        if self.raw.ends_with(':') { self.text.strip_suffix(':') } else { None }
    }

    pub(super) fn unknown(&self) -> Refusal {
        Refusal::UnknownSegment(self.text.clone())
    }
}

/// The segments of a path that is still percent-encoded.
pub(super) fn segments(path: &str) -> Result<Vec<Segment<'_>>, Refusal> {
    path.trim_matches('/')
        .split('/')
        .filter(|raw| !raw.is_empty())
        .map(|raw| {
            let text = percent_decode_str(raw).decode_utf8().map(std::borrow::Cow::into_owned);
            text.map(|text| Segment { raw, text }).map_err(|_| Refusal::MalformedUri("the path is not UTF-8"))
        })
        .collect()
}

/// A path up to the segment that ends in a colon, and what follows.
pub(super) fn path<'a, 'b>(rest: &'a [Segment<'b>]) -> (Vec<String>, &'a [Segment<'b>]) {
    let end = rest.iter().position(|segment| segment.before_colon().is_some());
    let (own, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
    let names = own.iter().map(|segment| segment.before_colon().unwrap_or(&segment.text).to_owned());
    (names.filter(|name| !name.is_empty()).collect(), after)
}

/// Whether a segment is that name, in whatever case.
pub(super) fn is(segment: &str, name: &str) -> bool {
    segment.eq_ignore_ascii_case(name)
}
