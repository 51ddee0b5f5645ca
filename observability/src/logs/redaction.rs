//! What must not be in a line is taken out of it, whoever has written it: the connector, or a library whose level somebody
//! has turned up. Our own events hold no secrets by their types; this is the second wall.
//!
//! Looked for are the names of fields, headers and parameters that hold secrets, whatever separates name and value, and
//! what looks like a secret without a name. A line that has nothing of the kind is passed on as it is.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

/// What stands in the place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// Names that mean a secret wherever they stand, also as the last part of another (`proxy-authorization`, `set-cookie`).
const SECRET_NAMES: [&str; 17] = [
    "authorization",
    "cookie",
    "client_secret",
    "client_assertion",
    "assertion",
    "access_token",
    "refresh_token",
    "id_token",
    "device_code",
    "code_verifier",
    "password",
    "private_key",
    "api_key",
    "api-key",
    "tempauth",
    "saml",
    "www-authenticate",
];

/// Words that mean one as the whole name of a parameter or of a field, and much else in a sentence.
const SECRET_WORDS: [&str; 6] = ["code", "token", "secret", "sig", "claims", "nonce"];

/// How a secret begins that has no name.
const SECRET_BEGINNINGS: [&str; 5] = ["bearer ", "bearer%20", "basic ", "eyj", "://"];

static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let marks = SECRET_NAMES.iter().chain(&SECRET_WORDS).chain(&SECRET_BEGINNINGS);
    // Patterns of this size can always be built; without them everything would be taken out.
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostLongest)
        // Each byte of each line is looked at: the larger table takes one step for it.
        .kind(Some(AhoCorasickKind::DFA))
        .build(marks)
        .ok()
});

/// How a text is written: whether a quotation mark that is not escaped ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A JSON object, in whose texts all quotation marks are escaped.
    Json,
    Plain,
}

/// A JSON line without secrets. It stays JSON.
pub(super) fn redacted_line(line: &[u8]) -> Cow<'_, [u8]> {
    redacted(line, Form::Json)
}

/// A text without secrets.
pub(super) fn redacted_text(text: &str) -> Cow<'_, str> {
    match redacted(text.as_bytes(), Form::Plain) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(clean) => Cow::Owned(String::from_utf8_lossy(&clean).into_owned()),
    }
}

fn redacted(text: &[u8], form: Form) -> Cow<'_, [u8]> {
    let Some(marks) = MARKS.as_ref() else { return Cow::Borrowed(REDACTED.as_bytes()) };
    let mut clean: Vec<u8> = Vec::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(found) = marks.find(Input::new(text).range(from..)) {
        let mark = Mark { text, form, at: found.range() };
        from = found.end();
        let Some(secret) = mark.secret(found.pattern().as_usize()).filter(|secret| !secret.is_empty()) else {
            continue;
        };
        from = secret.end;
        clean.extend_from_slice(text.get(copied..secret.start).unwrap_or_default());
        clean.extend_from_slice(REDACTED.as_bytes());
        copied = secret.end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    clean.extend_from_slice(text.get(copied..).unwrap_or_default());
    Cow::Owned(clean)
}

/// Whether what stands under this name is a secret, whatever it is.
pub(super) fn is_secret_name(name: &str) -> bool {
    let ends_so = |secret: &&str| {
        let at = name.len().checked_sub(secret.len());
        let Some((before, end)) = at.and_then(|at| name.split_at_checked(at)) else { return false };
        end.eq_ignore_ascii_case(secret)
            && !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
    };
    SECRET_NAMES.iter().any(ends_so) || SECRET_WORDS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// A place where a secret may follow.
struct Mark<'t> {
    text: &'t [u8],
    form: Form,
    at: Range<usize>,
}

impl Mark<'_> {
    /// Where the secret is that the mark of this number announces, if it does.
    fn secret(&self, number: usize) -> Option<Range<usize>> {
        if let Some(number) = number.checked_sub(SECRET_NAMES.len() + SECRET_WORDS.len()) {
            return match SECRET_BEGINNINGS.get(number) {
                Some(&"eyj") => self.token(),
                Some(&"://") => self.query(),
                _ => self.credentials(),
            };
        }
        if number < SECRET_NAMES.len() { self.value_of_name() } else { self.value_of_word() }
    }

    fn value_of_name(&self) -> Option<Range<usize>> {
        if self.before().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        let value = self.value()?;
        // A number or the like, which JSON has no quotes for, would not be JSON any more.
        (value.is_text() || !self.is_json_name()).then(|| value.range(self.text, |_| false))
    }

    /// Of a word that stands in sentences too, the value must be bound to it: by `=`, or by quotes.
    fn value_of_word(&self) -> Option<Range<usize>> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
        if self.before().is_some_and(is_part) {
            return None;
        }
        let value = self.value()?;
        let range =
            value.range(self.text, |byte| byte.is_ascii_whitespace() || b"&,;)}]\"\\".contains(&byte));
        let is_number = self.bytes(&range).iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
        ((value.is_text() || value.is_bound) && !is_number).then_some(range)
    }

    /// What follows the name of an authentication scheme, where it is no word of a sentence.
    fn credentials(&self) -> Option<Range<usize>> {
        if self.before().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let range = self.run(self.at.end, |byte| byte.is_ascii_alphanumeric() || b"-._~+/=%".contains(&byte));
        let credentials = self.bytes(&range);
        let is_no_word = credentials.len() >= 20 || credentials.iter().any(u8::is_ascii_digit);
        is_no_word.then_some(range)
    }

    /// The shape of a JWT, or of other JSON in base64.
    fn token(&self) -> Option<Range<usize>> {
        let is_exact = self.bytes(&self.at) == b"eyJ";
        let range = self.run(self.at.start, |byte| byte.is_ascii_alphanumeric() || b"-_.=%".contains(&byte));
        (is_exact && range.len() >= 20).then_some(range)
    }

    /// Of an address the user with the password, or else what it asks for: of Graph, words that somebody has searched for,
    /// and of download hosts the signature.
    fn query(&self) -> Option<Range<usize>> {
        let is_address = |byte: u8| byte > b' ' && !b"\"\\<>".contains(&byte);
        let address = self.run(self.at.end, is_address);
        let host = self.run(self.at.end, |byte| is_address(byte) && !b"/?#".contains(&byte));
        if let Some(user) = self.bytes(&host).iter().rposition(|byte| *byte == b'@') {
            return Some(host.start..host.start + user);
        }
        let question = self.bytes(&address).iter().position(|byte| *byte == b'?')?;
        Some(address.start + question + 1..address.end)
    }

    /// The value behind a name: past its own quotes, a separator, and the quotes of the value.
    fn value(&self) -> Option<Value> {
        let mut at = self.at.end;
        let closing = self.quote(at);
        at += closing.map_or(0, Quote::len);
        at = self.run(at, |byte| byte == b' ').end;
        let separator = *self.text.get(at)?;
        let is_separator = match separator {
            b':' | b'=' => true,
            // `("cookie", "…")`, as lists of headers are written out; not two texts of a JSON line itself.
            b',' => closing.is_some_and(|quote| self.form == Form::Plain || !quote.ends_a_text()),
            _ => false,
        };
        if !is_separator {
            return None;
        }
        let is_bound = separator == b'=' && self.text.get(at + 1).is_some_and(|byte| *byte != b' ');
        at = self.run(at + 1, |byte| byte == b' ' || byte == b'>').end;
        if self.text.get(at..).is_some_and(|rest| rest.starts_with(b"Some(")) {
            at += b"Some(".len();
        }
        let opening = self.quote(at).filter(|quote| self.may_open(*quote, closing));
        at += opening.map_or(0, Quote::len);
        Some(Value { begin: at, form: self.form, quote: opening, is_bound })
    }

    /// In a text of a JSON line, a mark that is not escaped ends the text and opens nothing.
    fn may_open(&self, quote: Quote, closing_of_name: Option<Quote>) -> bool {
        self.form == Form::Plain || !quote.ends_a_text() || closing_of_name.is_some_and(Quote::ends_a_text)
    }

    /// Whether the name is one of the JSON line itself, and not of a text in it.
    fn is_json_name(&self) -> bool {
        self.quote(self.at.end).is_some_and(Quote::ends_a_text)
    }

    fn quote(&self, at: usize) -> Option<Quote> {
        let escapes = self.run(at, |byte| byte == b'\\').len();
        let mark = *self.text.get(at + escapes)?;
        matches!(mark, b'"' | b'\'').then_some(Quote { escapes, mark })
    }

    fn before(&self) -> Option<u8> {
        self.text.get(self.at.start.checked_sub(1)?).copied()
    }

    fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// From `begin` as long as every byte is one of those.
    fn run(&self, begin: usize, belongs: impl Fn(u8) -> bool) -> Range<usize> {
        let rest = self.text.get(begin..).unwrap_or_default();
        let length = rest.iter().position(|byte| !belongs(*byte)).unwrap_or(rest.len());
        begin..begin + length
    }
}

/// A quotation mark as it stands in a text that was quoted several times.
#[derive(Clone, Copy)]
struct Quote {
    escapes: usize,
    mark: u8,
}

impl Quote {
    fn len(self) -> usize {
        self.escapes + 1
    }

    /// Whether it is JSON's own: what is escaped is itself a part of the text.
    fn ends_a_text(self) -> bool {
        self.mark == b'"' && self.escapes.is_multiple_of(2)
    }
}

struct Value {
    begin: usize,
    form: Form,
    quote: Option<Quote>,
    /// Nothing stands between the sign of equality and the value.
    is_bound: bool,
}

impl Value {
    fn is_text(&self) -> bool {
        self.quote.is_some()
    }

    /// Up to its closing quotation mark; without quotes up to a byte that `ends` it. Never past the end of the text that it
    /// stands in.
    fn range(&self, text: &[u8], ends: impl Fn(u8) -> bool) -> Range<usize> {
        let rest = text.get(self.begin..).unwrap_or_default();
        let mut escapes = 0;
        for (at, byte) in rest.iter().enumerate() {
            let mark = Quote { escapes, mark: *byte };
            let is_end = match self.quote {
                _ if mark.ends_a_text() && self.form == Form::Json => true,
                Some(quote) => quote.mark == *byte && escapes <= quote.escapes,
                None => *byte == b'\n' || ends(*byte),
            };
            if is_end {
                return self.begin..self.begin + at - escapes;
            }
            escapes = if *byte == b'\\' { escapes + 1 } else { 0 };
        }
        self.begin..text.len()
    }
}

#[cfg(test)]
mod tests;
