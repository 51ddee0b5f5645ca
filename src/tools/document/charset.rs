//! Bytes as text: which characters they stand for.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// In bytes: where a document may say its encoding (HTML, "prescan a byte stream").
const PRESCAN: usize = 1024;
/// In bytes: how much is looked at to tell text from what is none.
const SAMPLE: usize = 4096;
/// Of a hundred bytes of a sample: as many control characters stand in no text.
const MOST_CONTROLS: usize = 2;

/// By the byte order mark, as UTF-8, as UTF-16 where every other byte is zero, and else as Windows-1252. `None` where it
/// is no text. A character that is cut off at the end is left out.
pub(super) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    decode_as(bytes, || WINDOWS_1252)
}

/// The same, where the document may say its encoding itself.
pub(super) fn decode_html(bytes: &[u8]) -> Option<Cow<'_, str>> {
    decode_as(bytes, || declared(bytes).unwrap_or(WINDOWS_1252))
}

fn decode_as(bytes: &[u8], otherwise: impl Fn() -> &'static Encoding) -> Option<Cow<'_, str>> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return Some(encoding.decode_without_bom_handling(&bytes[mark..]).0);
    }
    if let Some(encoding) = wide(bytes) {
        return Some(encoding.decode_without_bom_handling(bytes).0);
    }
    if is_binary(bytes) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok().map(Cow::Borrowed)
        }
        Err(_) => Some(otherwise().decode_without_bom_handling(bytes).0),
    }
}

/// UTF-16 without a mark: of mostly Latin text every other byte is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), sample.len() / 2);
    if pairs < 2 {
        return None;
    }
    match (even, odd) {
        (0, odd) if odd * 10 > pairs * 7 => Some(UTF_16LE),
        (even, 0) if even * 10 > pairs * 7 => Some(UTF_16BE),
        _ => None,
    }
}

fn is_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let is_control = |byte: &&u8| matches!(byte, 1..=8 | 11 | 14..=31 | 127) && **byte != 0x1b;
    sample.contains(&0) || sample.iter().filter(is_control).count() * 100 > sample.len() * MOST_CONTROLS
}

/// `charset=` in the head of a document.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end =
        rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':')));
    let label = &rest[..end.unwrap_or(rest.len())];
    // UTF-16 can't be what says so in ASCII.
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| !matches!(encoding.name(), "UTF-16LE" | "UTF-16BE"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// If this failed, people would read mojibake, or what is no text at all.
    #[rstest]
    #[case::utf_8("Grüße".as_bytes(), Some("Grüße"))]
    #[case::marked(b"\xef\xbb\xbfabc", Some("abc"))]
    #[case::cut_off(b"abc\xc3", Some("abc"))]
    #[case::little_endian_marked(b"\xff\xfea\0b\0", Some("ab"))]
    #[case::big_endian_marked(b"\xfe\xff\0a\0b", Some("ab"))]
    #[case::little_endian(b"a\0b\0c\0", Some("abc"))]
    #[case::big_endian(b"\0a\0b\0c", Some("abc"))]
    #[case::windows(b"Gr\xfc\xdfe \x80", Some("Grüße €"))]
    #[case::empty(b"", Some(""))]
    #[case::zeros(b"ab\0cd\0\0e", None)]
    #[case::controls(b"\x01\x02\x03abc", None)]
    #[case::archive(b"PK\x03\x04\x14\0\x06\0", None)]
    fn text_is_told_from_what_is_none(#[case] bytes: &[u8], #[case] expected: Option<&str>) {
        assert_eq!(decode(bytes).as_deref(), expected);
    }

    /// If this failed, pages in the encodings of their countries would be read as gibberish.
    #[rstest]
    #[case::meta(b"<meta charset=\"windows-1251\">\xcf\xf0\xe8", "При")]
    #[case::http_equiv(b"<meta content='text/html; charset=Shift_JIS'>\x93\xfa", "日")]
    #[case::a_lie(b"<meta charset=utf-16>\xfc", "ü")]
    #[case::unknown(b"<meta charset=klingon>\xfc", "ü")]
    #[case::utf_8_all_the_same("<meta charset=windows-1251>ü".as_bytes(), "ü")]
    fn a_page_may_say_its_encoding(#[case] bytes: &[u8], #[case] expected: &str) {
        let text = decode_html(bytes).unwrap();
        assert!(text.ends_with(expected), "{text}");
    }

    proptest! {
        /// If this failed, a hostile file could take the worker down.
        #[test]
        fn no_bytes_take_it_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            decode(&bytes);
            decode_html(&bytes);
        }
    }
}
