//! Answers, written twice at once: as JSON, and the same JSON, less what is for people alone, as the contents of a JSON
//! string, which is what a model reads.
//!
//! Whoever writes a string knows where it ends and whether there is anything to escape in it. To look for that in the
//! finished JSON would cost more than to write it.

use std::cell::RefCell;
use std::fmt;
use std::io;

use serde::Serialize;
use sonic_rs::format::{CompactFormatter, Formatter};
use sonic_rs::writer::WriteExt;

use super::error::InternalError;
use super::warm_buffer::WarmBuffer;
use crate::many_bytes::every;

/// A member for people: a link that a model has no use for.
pub(super) const FOR_PEOPLE: &str = "webUrl";

/// Bytes that the writer of an escaped string asks for beyond six for each of its own.
const ESCAPING: usize = 35;

/// The contents of a JSON string, escaped: what stands between its quotes.
pub struct JsonText(WarmBuffer);

impl JsonText {
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Without the text: it is content.
impl fmt::Debug for JsonText {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "JsonText({} bytes)", self.0.len())
    }
}

/// `content` as compact JSON, and its mirror. With `room` for that many bytes neither is moved while it is written.
pub fn write_mirrored(
    content: &impl Serialize,
    room: usize,
) -> Result<(WarmBuffer, JsonText), InternalError> {
    // About every eighth byte is a quote, which the mirror escapes.
    let text = RefCell::new(WarmBuffer::with_room(room + room / 8));
    let mut json = WarmBuffer::with_room(room);
    let mut serializer = sonic_rs::Serializer::with_formatter(&mut *json, Mirroring::to(&text));
    content.serialize(&mut serializer).map_err(|_| InternalError::Serialisation)?;
    Ok((json, JsonText(text.into_inner())))
}

/// In bytes: what `content` takes in the text that a model reads.
pub(super) fn text_length(content: &impl Serialize) -> Result<usize, InternalError> {
    /// About how long an item of a list is.
    const ROOM: usize = 1_024;
    let (_, mirror) = write_mirrored(content, ROOM)?;
    // As it stands in the string, a sign that is escaped has a second one before it.
    let mut bytes = mirror.as_bytes().iter();
    let mut length = 0;
    while let Some(byte) = bytes.next() {
        if *byte == b'\\' {
            bytes.next();
        }
        length += 1;
    }
    Ok(length)
}

/// Writes each piece of the JSON to the mirror as well.
#[derive(Debug, Clone)]
struct Mirroring<'t> {
    text: &'t RefCell<WarmBuffer>,
    key: Key,
    /// Within the value of a member for people: how many lists and objects of it are open.
    hidden: Option<u32>,
}

/// Whether the next string is the key of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    No,
    First,
    Further,
    /// It has been written, with its colon.
    Written,
}

impl<'t> Mirroring<'t> {
    const fn to(text: &'t RefCell<WarmBuffer>) -> Self {
        Self { text, key: Key::No, hidden: None }
    }

    fn mirror(&self, piece: &[u8]) {
        if self.hidden.is_none() {
            self.text.borrow_mut().extend_from_slice(piece);
        }
    }

    /// A string with nothing to escape in it but its own quotes.
    fn plain_value<W: ?Sized + io::Write>(&self, writer: &mut W, value: &str) -> io::Result<()> {
        if self.hidden.is_none() {
            let mut text = self.text.borrow_mut();
            text.reserve(value.len() + 4);
            text.extend_from_slice(b"\\\"");
            text.extend_from_slice(value.as_bytes());
            text.extend_from_slice(b"\\\"");
        }
        writer.write_all(b"\"")?;
        writer.write_all(value.as_bytes())?;
        writer.write_all(b"\"")
    }

    /// The same of the key of a member, with what stands before it and behind it.
    fn plain_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, key: &str) -> io::Result<()> {
        self.begin_member(writer, key)?;
        if self.hidden.is_none() {
            let mut text = self.text.borrow_mut();
            text.reserve(key.len() + 5);
            text.extend_from_slice(b"\\\"");
            text.extend_from_slice(key.as_bytes());
            text.extend_from_slice(b"\\\":");
        }
        self.key = Key::Written;
        writer.write_all(b"\"")?;
        writer.write_all(key.as_bytes())?;
        writer.write_all(b"\":")
    }

    /// What holds the pieces together, and is never escaped.
    fn mark<W: ?Sized + io::Write>(&self, writer: &mut W, mark: u8) -> io::Result<()> {
        if self.hidden.is_none() {
            self.text.borrow_mut().push(mark);
        }
        writer.write_all(&[mark])
    }

    /// A piece with nothing to escape in it.
    fn both<W: ?Sized + io::Write>(&self, writer: &mut W, piece: &[u8]) -> io::Result<()> {
        self.mirror(piece);
        writer.write_all(piece)
    }

    /// A number, as everybody else writes it.
    fn number<W: ?Sized + io::Write>(
        &self,
        writer: &mut W,
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut number = Vec::with_capacity(32);
        write(&mut number)?;
        self.both(writer, &number)
    }

    /// The mirror has the comma before a member only when its key is there to be seen.
    fn begin_member<W: ?Sized + io::Write>(&mut self, writer: &mut W, key: &str) -> io::Result<()> {
        let comma_is_due = std::mem::replace(&mut self.key, Key::No) == Key::Further;
        if self.hidden.is_none() {
            if key == FOR_PEOPLE {
                self.hidden = Some(0);
            } else if comma_is_due && self.text.borrow().last() != Some(&b'{') {
                self.text.borrow_mut().push(b',');
            }
        }
        if comma_is_due { writer.write_all(b",") } else { Ok(()) }
    }

    fn opens(&mut self) {
        self.hidden = self.hidden.map(|open| open + 1);
    }

    fn closes(&mut self) {
        self.hidden = self.hidden.map(|open| open.saturating_sub(1));
    }
}

/// Nothing in it is written in another way than it stands there.
fn is_plain(text: &str) -> bool {
    every(text.as_bytes(), is_written_as_it_is)
}

#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
fn is_written_as_it_is(byte: u8) -> bool {
    (byte >= b' ') & (byte != b'"') & (byte != b'\\')
}

/// In bytes: what a clean text takes between the quotes of its JSON.
pub(super) fn written_length(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.len() + text.bytes().filter(|byte| !is_written_as_it_is(*byte)).count()
}

macro_rules! numbers {
    ($($name:ident: $kind:ty),+) => {
        $(
            fn $name<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: $kind) -> io::Result<()> {
                self.number(writer, |number| CompactFormatter.$name(number, value))
            }
        )+
    };
}

impl Formatter for Mirroring<'_> {
    numbers! {
        write_number_str: &str, write_f32: f32, write_f64: f64,
        write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128,
        write_u8: u8, write_u16: u16, write_u32: u32, write_u64: u64, write_u128: u128
    }

    fn write_null<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.both(writer, b"null")
    }

    fn write_bool<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: bool) -> io::Result<()> {
        self.both(writer, if value { b"true" } else { b"false" })
    }

    fn write_string_fast<W: ?Sized + WriteExt>(
        &mut self,
        writer: &mut W,
        value: &str,
        need_quote: bool,
    ) -> io::Result<()> {
        let is_plain = need_quote && is_plain(value);
        match self.key {
            Key::First | Key::Further if is_plain => return self.plain_key(writer, value),
            Key::First | Key::Further => self.begin_member(writer, value)?,
            Key::No | Key::Written if is_plain => return self.plain_value(writer, value),
            Key::No | Key::Written => {}
        }
        let mut escaped = Vec::with_capacity(value.len() * 6 + ESCAPING);
        CompactFormatter.write_string_fast(&mut escaped, value, need_quote)?;
        self.mirror(&escaped_again(&escaped));
        writer.write_all(&escaped)
    }

    fn begin_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.key != Key::No {
            self.begin_member(writer, "")?;
        }
        self.mirror(b"\\\"");
        writer.write_all(b"\"")
    }

    fn end_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.mirror(b"\\\"");
        writer.write_all(b"\"")
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.opens();
        self.mark(writer, b'[')
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.closes();
        self.mark(writer, b']')
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { self.mark(writer, b',') }
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.opens();
        self.mark(writer, b'{')
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.closes();
        self.mark(writer, b'}')
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.key = if first { Key::First } else { Key::Further };
        Ok(())
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        match std::mem::replace(&mut self.key, Key::No) {
            Key::Written => Ok(()),
            Key::No | Key::First | Key::Further => self.mark(writer, b':'),
        }
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        if self.hidden == Some(0) {
            self.hidden = None;
        }
        Ok(())
    }

    fn write_raw_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, raw: &str) -> io::Result<()> {
        self.mirror(&escaped_again(raw.as_bytes()));
        writer.write_all(raw.as_bytes())
    }
}

/// JSON as it stands in a JSON string. There are no control characters in JSON that is compact.
fn escaped_again(json: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(json.len() + 16);
    for byte in json {
        if matches!(byte, b'"' | b'\\') {
            escaped.push(b'\\');
        }
        escaped.push(*byte);
    }
    escaped
}

#[cfg(test)]
mod tests;
