//! Messages in files (RFC 5322): headers, and the text that a reader would see.
//!
//! Headers, encodings and character sets are the library's business. The parts of a message are taken apart here, to a
//! depth that is bounded: the library goes as deep as a message does, and takes the message down again level by level.

use std::borrow::Cow;

use mail_parser::{Addr, Address, Message, MessageParser, MimeHeaders, PartType};
use memchr::memmem;

use crate::tools::review::Review;
use crate::tools::text::CleanText;

/// Multiparts within each other.
const DEEPEST: usize = 8;
/// Parts that are looked at.
const MOST_PARTS: usize = 100;
/// People that are named in a header.
const MOST_PEOPLE: usize = 50;

/// What was found in a message.
#[derive(Default)]
struct Found {
    texts: Vec<Part>,
    attachments: Vec<String>,
    parts: usize,
}

enum Part {
    Plain(String),
    Html(String),
}

/// `None` where it is no message.
pub(super) fn text_of(bytes: &[u8], review: &Review<'_>) -> Option<CleanText> {
    let message = headers(bytes)?;
    let mut found = Found::default();
    found.read(bytes, 0);
    let mut text = review.clean(Cow::Owned(head(&message, &found.attachments))).into_owned();
    let mut is_cut = found.parts > MOST_PARTS;
    for part in found.texts {
        text.push('\n');
        match part {
            Part::Plain(plain) => text.push_str(&review.clean(Cow::Owned(plain))),
            Part::Html(html) => {
                let clean = review.texts().clean_html(&html);
                is_cut |= clean.is_cut;
                text.push_str(&clean.text);
            }
        }
        text.push('\n');
    }
    Some(CleanText { text, is_cut })
}

fn headers(bytes: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse_headers(bytes).filter(|message| !message.parts.is_empty())
}

/// The headers that people read, a line each.
fn head(message: &Message<'_>, attachments: &[String]) -> String {
    let mut head = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // A value that goes on in another line could pass for another header.
            head.extend([name, ": ", &value.replace(['\r', '\n'], " "), "\n"]);
        }
    };
    line("From", &people(message.from()));
    line("To", &people(message.to()));
    line("Cc", &people(message.cc()));
    line("Bcc", &people(message.bcc()));
    line("Date", &message.date().map(mail_parser::DateTime::to_rfc3339).unwrap_or_default());
    line("Subject", message.subject().unwrap_or_default());
    line("Attachments, not read here", &attachments.join(", "));
    head
}

fn people(address: Option<&Address<'_>>) -> String {
    let person = |person: &Addr<'_>| match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_string(),
        (None, None) => String::new(),
    };
    let people: Vec<_> = address.into_iter().flat_map(Address::iter).collect();
    let mut told: Vec<String> = people.iter().take(MOST_PEOPLE).copied().map(person).collect();
    if let Some(more) = people.len().checked_sub(MOST_PEOPLE).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    told.join(", ")
}

impl Found {
    /// Reads one part with its headers.
    fn read(&mut self, part: &[u8], depth: usize) {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return;
        }
        let Some(head) = headers(part) else { return };
        let content_type = head.content_type();
        let kind = content_type.map_or("text", |kind| kind.ctype()).to_ascii_lowercase();
        let boundary = content_type.and_then(|kind| kind.attribute("boundary"));
        if let ("multipart", Some(boundary)) = (kind.as_str(), boundary) {
            let is_choice = content_type
                .and_then(|kind| kind.subtype())
                .is_some_and(|subtype| subtype.eq_ignore_ascii_case("alternative"));
            if depth < DEEPEST {
                self.read_multipart(part, boundary, depth, is_choice.then_some(self.texts.len()));
            }
            return;
        }
        let is_attached = head
            .content_disposition()
            .is_some_and(|disposition| disposition.ctype().eq_ignore_ascii_case("attachment"));
        if kind != "text" || is_attached {
            self.attachments.extend(head.attachment_name().map(str::to_owned));
            return;
        }
        self.texts.extend(leaf(part));
    }

    /// `choice` is where the texts of an alternative begin: its last is what a reader sees (RFC 2046, 5.1.4).
    fn read_multipart(&mut self, part: &[u8], boundary: &str, depth: usize, choice: Option<usize>) {
        for piece in pieces(part, boundary) {
            let before = self.texts.len();
            self.read(piece, depth + 1);
            if let Some(begin) = choice.filter(|begin| self.texts.len() > before && before > *begin) {
                self.texts.drain(begin..before);
            }
        }
    }
}

/// A part that holds no other parts, decoded.
fn leaf(part: &[u8]) -> Option<Part> {
    let message = MessageParser::default().parse(part)?;
    match &message.parts.first()?.body {
        PartType::Text(text) => Some(Part::Plain(text.to_string())),
        PartType::Html(html) => Some(Part::Html(html.to_string())),
        _ => None,
    }
}

/// What stands between the boundary's lines.
fn pieces<'p>(part: &'p [u8], boundary: &str) -> impl Iterator<Item = &'p [u8]> {
    let delimiter = format!("--{boundary}").into_bytes();
    let starts: Vec<usize> = memmem::find_iter(part, &delimiter)
        .filter(|at| *at == 0 || part[at - 1] == b'\n')
        .take(MOST_PARTS + 2)
        .collect();
    let length = delimiter.len();
    let ends = starts.clone().into_iter().skip(1).chain(std::iter::once(part.len()));
    starts.into_iter().zip(ends).filter_map(move |(start, end)| {
        let piece = &part[start + length..end];
        // The line that closes them all.
        (!piece.starts_with(b"--")).then(|| after_line(piece))
    })
}

/// What follows the end of the first line.
fn after_line(bytes: &[u8]) -> &[u8] {
    memchr::memchr(b'\n', bytes).map_or(&[], |end| &bytes[end + 1..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::policy::TenantPolicy;

    fn read(message: &[u8]) -> Option<String> {
        text_of(message, &Review::by(&TenantPolicy::contoso())).map(|clean| clean.text)
    }

    const PLAIN: &str = "From: Adele Vance <adele@contoso.example>\r\nTo: alex@contoso.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
                         Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6n\r\n";
    const MIXED: &str = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\"outer\"\r\n\r\npreamble\r\n--outer\r\n\
                         Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain\r\n\r\nplain\r\n\
                         --inner\r\nContent-Type: text/html\r\n\r\n<p>rich</p><p style='display:none'>hidden</p>\r\n--inner--\r\n--outer\r\n\
                         Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nJVBERg==\r\n--outer--\r\n";

    /// If this failed, a message in a file would be read as its source, or as what its reader never saw.
    #[rstest]
    #[case::plain(PLAIN, &["From: Adele Vance <adele@contoso.example>", "Subject: Grüße", "Schön"], &["=F6", "Content-Type"])]
    #[case::alternatives(MIXED, &["rich", "Attachments, not read here: a.pdf"], &["plain", "hidden", "preamble", "JVBERg"])]
    fn a_message_is_read_as_its_reader_saw_it(
        #[case] message: &str,
        #[case] there: &[&str],
        #[case] gone: &[&str],
    ) {
        let text = read(message.as_bytes()).unwrap();
        assert!(there.iter().all(|part| text.contains(part)), "{text}");
        assert!(!gone.iter().any(|part| text.contains(part)), "{text}");
    }

    /// If this failed, the first of many would pass for all who got a message.
    #[rstest]
    #[case::as_many_as_are_named(50, "p49@b.example\n")]
    #[case::one_more(51, "p49@b.example, and 1 more\n")]
    fn people_who_are_not_named_are_counted(#[case] count: usize, #[case] end: &str) {
        let people: Vec<String> = (0..count).map(|number| format!("p{number}@b.example")).collect();
        let message = format!("From: a@b.example\r\nBcc: {}\r\n\r\ntext", people.join(", "));
        let text = read(message.as_bytes()).unwrap();
        assert!(text.contains("Bcc: p0@b.example, ") && text.contains(end), "{text}");
    }

    /// If this failed, a message within a message within a message could end the whole service.
    #[rstest]
    #[case::messages("Content-Type: message/rfc822\r\n\r\n", 100_000)]
    #[case::multiparts("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", 50_000)]
    #[case::digests("Content-Type: multipart/digest; boundary=a\r\n\r\n--a\r\n\r\n", 50_000)]
    fn nesting_without_end_takes_nothing_down(#[case] level: &str, #[case] depth: usize) {
        assert!(read(level.repeat(depth).as_bytes()).is_some());
    }

    proptest! {
        /// If this failed, a broken message could take the worker down.
        #[test]
        fn no_bytes_take_it_down(
            lines in prop::collection::vec("(From: |Content-Type: (text|multipart|message)/[a-z]{0,9}; boundary=a|--a(--)?|\\PC{0,20}|)", 0..30),
        ) {
            read(lines.join("\r\n").as_bytes());
        }
    }
}
