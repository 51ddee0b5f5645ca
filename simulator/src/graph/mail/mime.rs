//! Mails as they travel (RFC 5322, MIME).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::enclosure::{Enclosure, Item, ItemKind};
use super::mailbox::{Attachment, Message};
use super::recipient::Recipient;

/// Letters of base64 in one line (RFC 2045, 6.8).
const LINE: usize = 76;
/// Bytes of text in one encoded word, which has at most 75 letters (RFC 2047, 2).
const WORD: usize = 42;

/// A whole mail: headers, HTML, and everything attached.
pub(super) fn message(message: &Message) -> String {
    let boundary = format!("_000_{}_", message.change_key.replace(['/', '+', '='], ""));
    let mut text = String::new();
    for (name, value) in headers(message) {
        text.extend([name, ": ", &value, "\r\n"]);
    }
    text.extend(["Content-Type: multipart/mixed; boundary=\"", &boundary, "\"\r\n\r\n"]);
    part(&mut text, &boundary, "Content-Type: text/html; charset=\"utf-8\"", message.html.as_bytes());
    for attachment in &message.attachments {
        attached(&mut text, &boundary, attachment, message.sent);
    }
    text.extend(["--", &boundary, "--\r\n"]);
    text
}

/// The headers of a mail, as the last server has them: what `internetMessageHeaders` lists.
pub(super) fn headers(message: &Message) -> Vec<(&'static str, String)> {
    let date = dated(message.sent);
    let domain = |person: &Recipient| person.address.split('@').next_back().unwrap_or_default().to_owned();
    let (theirs, ours) = (domain(&message.from), message.to.first().map(domain).unwrap_or_default());
    let is_internal = theirs == ours;
    let verdict = if is_internal { "pass" } else { "none" };
    let recipients = |people: &[Recipient]| people.iter().map(address).collect::<Vec<_>>().join(", ");
    let mut headers = vec![
        ("Received", format!("from mail.{theirs} by mx.{ours} with ESMTPS; {}", dated(message.received))),
        (
            "Authentication-Results",
            format!("spf=pass smtp.mailfrom={theirs}; dkim={verdict}; dmarc={verdict}"),
        ),
        ("From", address(&message.from)),
        ("To", recipients(&message.to)),
        ("Subject", encoded(&message.subject)),
        ("Thread-Index", message.conversation_index.clone()),
        ("Date", date),
        ("Message-ID", message.internet_message_id.clone()),
        ("X-MS-Has-Attach", if message.has_attachments() { "yes" } else { "" }.to_owned()),
        ("X-MS-Exchange-Organization-AuthAs", if is_internal { "Internal" } else { "Anonymous" }.to_owned()),
        ("MIME-Version", "1.0".to_owned()),
    ];
    if !message.cc.is_empty() {
        headers.insert(4, ("Cc", recipients(&message.cc)));
    }
    headers
}

/// A mail without anything but text. `date` is written as it is.
pub(super) fn plain(from: &Recipient, to: &Recipient, subject: &str, date: &str, text: &str) -> String {
    format!(
        "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {date}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}",
        address(from),
        address(to),
        encoded(subject)
    )
}

/// An attached item: a mail as MIME, an event as iCalendar.
pub(super) fn item(item: &Item, subject: &str, sent: Timestamp) -> (String, &'static str) {
    match item.kind {
        ItemKind::Message => {
            (plain(&item.from, &item.to, subject, &dated(sent), &item.text), "message/rfc822")
        }
        ItemKind::Event => {
            let stamp = sent.strftime("%Y%m%dT%H%M%SZ");
            let text = item.text.trim_end().replace("\r\n", "\\n").replace(',', "\\,");
            let event = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Simulated//Exchange//EN\r\nBEGIN:VEVENT\r\nUID:{stamp}-{}\r\nDTSTAMP:{stamp}\r\nDTSTART:{stamp}\r\nDURATION:PT1H\r\nSUMMARY:{subject}\r\nDESCRIPTION:{text}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
                item.from.address
            );
            (event, "text/calendar")
        }
    }
}

fn attached(text: &mut String, boundary: &str, attachment: &Attachment, sent: Timestamp) {
    let name = encoded(&attachment.name);
    match &attachment.enclosure {
        Enclosure::Reference => {}
        Enclosure::Item(enclosed) => {
            let (content, content_type) = item(enclosed, &attachment.name, sent);
            text.extend(["--", boundary, "\r\nContent-Type: ", content_type, "\r\n\r\n", &content, "\r\n"]);
        }
        enclosure => {
            let content_type = enclosure.content_type().unwrap_or("application/octet-stream");
            let place = match enclosure.content_id() {
                Some(id) => format!("Content-Disposition: inline; filename=\"{name}\"\r\nContent-ID: <{id}>"),
                None => format!("Content-Disposition: attachment; filename=\"{name}\""),
            };
            let head = format!("Content-Type: {content_type}; name=\"{name}\"\r\n{place}");
            part(text, boundary, &head, &enclosure.bytes());
        }
    }
}

fn part(text: &mut String, boundary: &str, head: &str, content: &[u8]) {
    text.extend(["--", boundary, "\r\n", head, "\r\nContent-Transfer-Encoding: base64\r\n\r\n"]);
    let letters = STANDARD.encode(content);
    let mut rest = letters.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.extend([line, "\r\n"]);
        rest = after;
    }
    text.push_str("\r\n");
}

fn dated(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

fn address(person: &Recipient) -> String {
    let name = person.name.as_str();
    if name.is_ascii() {
        return format!("\"{}\" <{}>", name.replace(['"', '\\'], ""), person.address);
    }
    format!("{} <{}>", encoded(name), person.address)
}

/// A text as a header can hold it: as it is where it is ASCII, else in encoded words.
fn encoded(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_plain {
        return text.replace('"', "'");
    }
    let mut words = vec![String::new()];
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        match words.last_mut() {
            Some(word) if word.len() + letter.len_utf8() <= WORD => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    let words: Vec<String> =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join("\r\n ")
}
