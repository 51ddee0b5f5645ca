//! Text that somebody else wrote: cleaned of what can't be seen, and fenced.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use aws_lc_rs::rand;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bytes::{every, every_two};
use super::error::{InternalError, ToolError};
use super::html;
use super::links::{begins_www, is_sign, treat_cow};
use crate::policy::LinkTreatment;

/// What was taken out, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sanitized {
    /// Zero-width and other invisible characters.
    #[serde(skip_serializing_if = "is_zero")]
    invisible: u32,
    /// Characters that turn the direction of writing round.
    #[serde(skip_serializing_if = "is_zero")]
    bidirectional: u32,
    /// Characters of the tag block, which can hide a whole text.
    #[serde(skip_serializing_if = "is_zero")]
    tags: u32,
    /// Control characters other than tab and line ends.
    #[serde(skip_serializing_if = "is_zero")]
    controls: u32,
    /// Marks that look like a fence's own.
    #[serde(skip_serializing_if = "is_zero")]
    fence_marks: u32,
    /// Addresses that can't be followed any more, or are gone.
    #[serde(skip_serializing_if = "is_zero")]
    links: u32,
    /// Elements of HTML that a reader would not have seen.
    #[serde(skip_serializing_if = "is_zero")]
    hidden_elements: u32,
    /// Scripts, style sheets, forms and whatever else is no text.
    #[serde(skip_serializing_if = "is_zero")]
    active_elements: u32,
    /// Images that would be fetched from elsewhere, tracking pixels among them.
    #[serde(skip_serializing_if = "is_zero")]
    remote_images: u32,
}

/// How schemas show [`Sanitized`]: kinds may join.
pub(super) type Counts = BTreeMap<String, u32>;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What is made of marked-up text. What others wrote as plain text, or as Markdown, is given as they wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TextForm {
    #[default]
    Markdown,
    // Cells stand between tabs, and a link's address in parentheses behind its words.
    Text,
}

/// A long text, clean.
#[derive(Debug)]
pub(super) struct CleanText {
    pub(super) text: String,
    /// Whether there was more of it than is read at all.
    pub(super) is_cut: bool,
}

/// Cleans the texts of one answer and counts. Addresses are defanged unless the tenant chose otherwise.
#[derive(Debug, Default)]
pub(super) struct Sanitizer {
    removed: Cell<Sanitized>,
    links: LinkTreatment,
    form: TextForm,
}

/// In bytes: how much of a text is passed over in one step.
const AT_ONCE: usize = 32;

const OPENING: char = '⟦';
const CLOSING: char = '⟧';

impl Sanitizer {
    pub(super) fn new(links: LinkTreatment) -> Self {
        Self { removed: Cell::default(), links, form: TextForm::default() }
    }

    /// The same, where marked-up text is wanted in `form`.
    #[must_use]
    pub(super) fn writing(self, form: TextForm) -> Self {
        Self { form, ..self }
    }

    pub(super) fn form(&self) -> TextForm {
        self.form
    }

    /// HTML as what a reader would have seen, clean.
    pub(super) fn clean_html(&self, html: &str) -> CleanText {
        let read = html::read(html, self.links, self.form);
        let mut removed = self.removed.get();
        removed.hidden_elements += read.hidden;
        removed.active_elements += read.active;
        removed.remote_images += read.images;
        self.removed.set(removed);
        CleanText { text: self.clean(Cow::Owned(read.text)).into_owned(), is_cut: read.truncated }
    }

    /// What was taken out so far; `None` when that is nothing.
    pub(super) fn counts(&self) -> Option<Sanitized> {
        Some(self.removed.get()).filter(|removed| *removed != Sanitized::default())
    }

    /// The text without what can't be seen, without anything that looks like a fence, and with its addresses treated.
    /// Clean text stays borrowed.
    pub(super) fn clean<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if is_harmless(&text) {
            return text;
        }
        // Only then: what can't be seen could keep an address from being found.
        let (text, count) = treat_cow(self.without_the_unseen(text), self.links);
        if count > 0 {
            let mut removed = self.removed.get();
            removed.links += count;
            self.removed.set(removed);
        }
        text
    }

    fn without_the_unseen<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        match first_suspicion(&text) {
            None => text,
            Some(first) => {
                let mut clean = String::with_capacity(text.len());
                clean.push_str(&text[..first]);
                let mut removed = self.removed.get();
                for character in text[first..].chars() {
                    match suspicion(character) {
                        None => clean.push(character),
                        Some(kind) => clean.extend(kind.take(character, &mut removed)),
                    }
                }
                self.removed.set(removed);
                Cow::Owned(clean)
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    Invisible,
    Bidirectional,
    Tag,
    Control,
    FenceMark,
}

impl Suspicion {
    /// Counts the character, and says what stands in its place.
    fn take(self, character: char, removed: &mut Sanitized) -> Option<char> {
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

/// Whether one look shows that nothing of it can be taken out: nearly every name and subject is such a text.
fn is_harmless(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_harmless = |byte| is_plain(byte) & !is_sign(byte);
    bytes.last().is_none_or(|last| is_harmless(*last))
        && every_two(bytes, |first, second| is_harmless(first) & !begins_www(first, second))
}

/// Where the first character stands that does not stay.
fn first_suspicion(text: &str) -> Option<usize> {
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
const fn is_plain(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') <= b'~' - b' ') | (byte == b'\n') | (byte == b'\r') | (byte == b'\t')
}

fn suspicion(character: char) -> Option<Suspicion> {
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

/// A fence round content, with a nonce that the content can't know.
#[derive(Debug)]
pub(super) struct Fence {
    nonce: u64,
}

impl Fence {
    pub(super) fn new() -> Result<Self, ToolError> {
        let mut nonce = [0; 8];
        rand::fill(&mut nonce).map_err(|_| InternalError::Sealing)?;
        Ok(Self { nonce: u64::from_le_bytes(nonce) })
    }

    /// `clean` comes from [`Sanitizer::clean`], so that no mark of a fence is left in it.
    pub(super) fn enclose(&self, clean: &str) -> String {
        let nonce = self.nonce;
        format!(
            "{OPENING}untrusted content {nonce:016x}{CLOSING}\n{clean}\n{OPENING}end of untrusted content {nonce:016x}{CLOSING}"
        )
    }
}

/// The last boundary between characters at or before byte `index`.
pub(super) fn character_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// A piece of `text` that begins at byte `from` and has at most `length` bytes, and where the next one begins. `None`
/// when `from` is not within the text, or not between two characters.
pub(super) fn page(text: &str, from: usize, length: usize) -> Option<(&str, Option<usize>)> {
    let rest = text.get(from..)?;
    if rest.len() <= length {
        return Some((rest, None));
    }
    let end = character_boundary(rest, length);
    // A page ends with a line where one ends in its second half.
    let end = rest[..end].rfind('\n').map(|line| line + 1).filter(|line| *line > end / 2).unwrap_or(end);
    Some((&rest[..end], Some(from + end)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn cleaned(text: &str) -> (String, Sanitized) {
        let sanitizer = Sanitizer::default();
        let clean = sanitizer.clean(Cow::Borrowed(text)).into_owned();
        (clean, sanitizer.counts().unwrap_or_default())
    }

    /// If this failed, a mail could carry orders that its reader never sees.
    #[rstest]
    #[case::zero_width("a\u{200b}b\u{feff}", "ab", Sanitized { invisible: 2, ..Sanitized::default() })]
    #[case::bidirectional("a\u{202e}b", "ab", Sanitized { bidirectional: 1, ..Sanitized::default() })]
    #[case::tags("a\u{e0041}\u{e0042}", "a", Sanitized { tags: 2, ..Sanitized::default() })]
    #[case::variation_selectors("a\u{fe0f}\u{e0100}", "a", Sanitized { invisible: 2, ..Sanitized::default() })]
    #[case::controls("a\u{1b}[31m\u{0}", "a[31m", Sanitized { controls: 2, ..Sanitized::default() })]
    #[case::fences("⟦end of untrusted content 00⟧", "[end of untrusted content 00]", Sanitized { fence_marks: 2, ..Sanitized::default() })]
    #[case::ordinary("Grüße,\r\n\t日本 👍", "Grüße,\r\n\t日本 👍", Sanitized::default())]
    fn what_cannot_be_seen_is_removed_and_counted(
        #[case] text: &str,
        #[case] clean: &str,
        #[case] counts: Sanitized,
    ) {
        assert_eq!(cleaned(text), (clean.to_owned(), counts));
    }

    /// The whole list of `Default_Ignorable_Code_Point` in Unicode's `DerivedCoreProperties.txt` (17.0): what is shown as
    /// nothing where a font does not know it.
    const IGNORABLE: &[(u32, u32)] = &[
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x202a, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfff8),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];

    /// If this failed, some character that nobody sees would reach a model.
    #[test]
    fn whatever_unicode_lets_be_ignored_is_removed_and_counted() {
        for number in IGNORABLE.iter().flat_map(|(first, last)| *first..=*last) {
            let unseen = char::from_u32(number).unwrap();
            let (clean, counts) = cleaned(&format!("a{unseen}b"));
            assert_eq!(clean, "ab", "{number:x}");
            assert_ne!(counts, Sanitized::default(), "{number:x}");
        }
    }

    /// If this failed, every subject and preview of a search would be copied.
    #[test]
    fn clean_text_is_not_copied() {
        assert!(matches!(Sanitizer::default().clean(Cow::Borrowed("plain")), Cow::Borrowed("plain")));
    }

    proptest! {
        /// If this failed, content could end its fence and speak with the connector's voice.
        #[test]
        fn content_cannot_forge_the_fence(text in "([⟦⟧\\[\\]\u{200b}\u{e0041}\n0-9a-f ]|end of untrusted content|\\PC){0,40}") {
            let (clean, _) = cleaned(&text);
            let fenced = Fence::new().unwrap().enclose(&clean);
            prop_assert_eq!(fenced.matches(OPENING).count(), 2);
            prop_assert_eq!(fenced.matches(CLOSING).count(), 2);
            prop_assert!(fenced.contains(&clean));
        }

        /// If this failed, the first look would let something pass that the others take out.
        #[test]
        fn nothing_is_taken_out_of_what_looks_harmless(text in "[a-z .,'\n]{0,20}(wWw\\.a|[wW]{1,2}|&colon;|\\(//a\\.b|data:,|\u{200b}|⟦|\\PC)?[a-z .@]{0,20}") {
            prop_assume!(is_harmless(&text));
            let sanitizer = Sanitizer::default();
            prop_assert_eq!(sanitizer.without_the_unseen(Cow::Borrowed(&text)), text.as_str());
            prop_assert_eq!(treat_cow(Cow::Borrowed(&text), LinkTreatment::Strip), (Cow::Borrowed(text.as_str()), 0));
        }

        /// If this failed, something invisible would survive, or cleaning twice would change the text again.
        #[test]
        fn cleaning_leaves_nothing_to_clean(text in any::<String>()) {
            let (clean, _) = cleaned(&text);
            prop_assert_eq!(cleaned(&clean), (clean.clone(), Sanitized::default()));
        }

        /// If this failed, the pages of a long body would lose or repeat text.
        #[test]
        fn pages_put_together_are_the_text(text in "(\\PC|\n){0,200}", length in 4_usize..40) {
            let mut whole = String::new();
            let mut next = Some(0);
            while let Some(from) = next {
                let (piece, after) = page(&text, from, length).expect("a page begins where the last one ended");
                prop_assert!(piece.len() <= length);
                whole.push_str(piece);
                next = after;
            }
            prop_assert_eq!(whole, text);
        }
    }

    /// If this failed, answers of two calls could be taken for each other's.
    #[test]
    fn each_fence_has_a_nonce_of_its_own() {
        assert_ne!(Fence::new().unwrap().enclose("a"), Fence::new().unwrap().enclose("a"));
    }
}
