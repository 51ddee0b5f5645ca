//! Characters that are not given on: what nobody sees, what turns the direction of writing, and the marks of fences.

use super::fence_marks::{CLOSING, OPENING};
use super::sanitized::Sanitized;
use crate::many_bytes::{every, every_two};

/// In bytes: how much of a text is passed over in one step.
const AT_ONCE: usize = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suspicion {
    Invisible,
    Bidirectional,
    Tag,
    Control,
    FenceMark,
}

impl Suspicion {
    /// Counts the character, and says what stands in its place.
    pub(super) fn take(self, character: char, removed: &mut Sanitized) -> Option<char> {
        match self {
            Self::Invisible => removed.invisible += 1,
            Self::Bidirectional => removed.bidirectional += 1,
            Self::Tag => removed.tags += 1,
            Self::Control => removed.controls += 1,
            Self::FenceMark => {
                removed.fence_marks += 1;
                return Some(if character == OPENING { '[' } else { ']' });
            }
        }
        None
    }
}

/// Where the first character stands that does not stay.
pub(super) fn first_suspicion(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + first_not_plain(&text.as_bytes()[from..])?;
        let character = text[at..].chars().next()?;
        if suspicion(character).is_some() {
            return Some(at);
        }
        from = at + character.len_utf8();
    }
}

fn first_not_plain(bytes: &[u8]) -> Option<usize> {
    if every(bytes, is_plain) {
        return None;
    }
    let plain = bytes.chunks(AT_ONCE).take_while(|some| every(some, is_plain)).count() * AT_ONCE;
    let offset = bytes.get(plain..)?.iter().position(|byte| !is_plain(*byte))?;
    Some(plain + offset)
}

/// Printable ASCII, tab and line ends: nearly every text is nothing else. Written without branches, so that many
/// bytes are looked at at once.
#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
pub(super) const fn is_plain(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') <= b'~' - b' ') | (byte == b'\n') | (byte == b'\r') | (byte == b'\t')
}

/// Whether the first two bytes of each character beyond ASCII show that it stays. Of some that do they don't, such as the
/// dashes and quotes of typesetters.
pub(super) fn all_beyond_ascii_stay(text: &str) -> bool {
    every_two(text.as_bytes(), |first, second| !may_not_stay(first, second))
}

/// Whether a character that does not stay may begin with these two bytes.
#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
const fn may_not_stay(first: u8, second: u8) -> bool {
    let latin = (first == 0xc2) & ((second.wrapping_sub(0x80) < 0x20) | (second == 0xad));
    let joiner = (first == 0xcd) & (second == 0x8f);
    let arabic = (first == 0xd8) & (second == 0x9c);
    let korean_or_mongolian = (first == 0xe1) & ((second == 0x85) | (second == 0x9e) | (second == 0xa0));
    let punctuation = (first == 0xe2) & ((second | 1 == 0x81) | (second == 0x9f) | (second == 0xa0));
    let filler = (first == 0xe3) & (second == 0x85);
    let presentation = (first == 0xef) & ((second == 0xb8) | (second == 0xbb) | (second | 1 == 0xbf));
    let notation = (first == 0xf0) & ((second == 0x9b) | (second == 0x9d));
    latin
        | joiner
        | arabic
        | korean_or_mongolian
        | punctuation
        | filler
        | presentation
        | notation
        | (first == 0xf3)
}

/// What is wrong with the character, where something is.
pub(super) fn suspicion(character: char) -> Option<Suspicion> {
    if u8::try_from(character).is_ok_and(is_plain) {
        return None;
    }
    match character {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => {
            Some(Suspicion::Control)
        }
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some(Suspicion::Bidirectional)
        }
        '\u{e0000}'..='\u{e007f}' => Some(Suspicion::Tag),
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e0fff}' => Some(Suspicion::Invisible),
        OPENING | CLOSING => Some(Suspicion::FenceMark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, some character that nobody sees would pass for a letter at the first look.
    #[test]
    fn whatever_does_not_stay_is_seen_in_its_first_two_bytes() {
        let beyond_ascii = '\u{80}'..=char::MAX;
        for unseen in beyond_ascii.filter(|character| suspicion(*character).is_some()) {
            assert!(!all_beyond_ascii_stay(&format!("ß{unseen}語")), "{unseen:?}");
        }
    }

    /// If this failed, every name that is not written in ASCII would be looked at letter by letter.
    #[test]
    fn letters_of_most_scripts_stay_at_the_first_look() {
        for letter in "äßéñøłžğőơễ Яжї αώ שא عم 你好語 かな カナ 한글 हि ไทย ，Ａ 👍".chars()
        {
            assert!(all_beyond_ascii_stay(&format!("a{letter}語")), "{letter}");
        }
    }
}
