//! Cleaning of what others wrote.

use std::borrow::Cow;
use std::cell::Cell;

use super::sanitized::Sanitized;
use super::unseen::{all_beyond_ascii_stay, first_suspicion, is_plain, suspicion};
use crate::many_bytes::every_two;
use crate::policy::LinkTreatment;
use crate::tools::html;
use crate::tools::links::{may_begin, treat_cow};
use crate::tools::text_form::TextForm;

/// A long text, clean.
#[derive(Debug)]
pub(in crate::tools) struct CleanText {
    pub(in crate::tools) text: String,
    /// Whether there was more of it than is read at all.
    pub(in crate::tools) is_cut: bool,
}

/// Cleans the texts of one answer and counts. Addresses are defanged unless the tenant chose otherwise.
#[derive(Debug, Default)]
pub(in crate::tools) struct Sanitizer {
    removed: Cell<Sanitized>,
    links: LinkTreatment,
    form: TextForm,
}

impl Sanitizer {
    pub(in crate::tools) fn new(links: LinkTreatment) -> Self {
        Self { removed: Cell::default(), links, form: TextForm::default() }
    }

    /// The same, where marked-up text is wanted in `form`.
    #[must_use]
    pub(in crate::tools) fn writing(self, form: TextForm) -> Self {
        Self { form, ..self }
    }

    pub(in crate::tools) fn form(&self) -> TextForm {
        self.form
    }

    /// HTML as what a reader would have seen, clean.
    pub(in crate::tools) fn clean_html(&self, html: &str) -> CleanText {
        let read = html::read(html, self.links, self.form);
        let mut removed = self.removed.get();
        removed.hidden_elements += read.hidden;
        removed.active_elements += read.active;
        removed.remote_images += read.images;
        self.removed.set(removed);
        CleanText { text: self.clean(Cow::Owned(read.text)).into_owned(), is_cut: read.truncated }
    }

    /// What was taken out so far; `None` when that is nothing.
    pub(in crate::tools) fn counts(&self) -> Option<Sanitized> {
        Some(self.removed.get()).filter(|removed| *removed != Sanitized::default())
    }

    /// Counts on from what was taken out at an earlier moment.
    pub(in crate::tools) fn count_anew_from(&self, removed: Sanitized) {
        self.removed.set(removed);
    }

    /// The text without what can't be seen, without anything that looks like a fence, and with its addresses treated.
    /// Clean text stays borrowed.
    pub(in crate::tools) fn clean<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        if is_harmless(&text) { text } else { self.clean_suspicious(text) }
    }

    /// The same for a text that is known not to be harmless at one look.
    pub(in crate::tools) fn clean_suspicious<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
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

/// Whether one look shows that nothing of it can be taken out and nothing in it opens an element: nearly every name and
/// subject is such a text. Where it is not all ASCII, a second look shows it.
pub(in crate::tools) fn is_harmless(text: &str) -> bool {
    is_harmless_ascii(text) || !text.is_ascii() && is_harmless_in_any_script(text)
}

#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
fn is_harmless_ascii(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_harmless = |byte| is_plain(byte) & (byte != b'<');
    bytes.last().is_none_or(|last| is_harmless(*last))
        && every_two(bytes, |first, second| is_harmless(first) & !may_begin(first, second))
}

#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
fn is_harmless_in_any_script(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_harmless = |byte: u8| (is_plain(byte) | !byte.is_ascii()) & (byte != b'<');
    bytes.last().is_none_or(|last| is_harmless(*last))
        && every_two(bytes, |first, second| is_harmless(first) & !may_begin(first, second))
        && all_beyond_ascii_stay(text)
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

    /// If this failed, every text with a letter that is not ASCII would be gone over sign by sign.
    #[rstest]
    #[case::ascii("Hello, all", true)]
    #[case::other_scripts("Grüße, 你好", true)]
    #[case::unseen("Grü\u{200b}ße", false)]
    #[case::address("Grüße www.contoso.example", false)]
    fn most_texts_are_known_as_harmless_at_one_look(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_harmless(text), expected);
    }

    proptest! {
        /// If this failed, the first look would let something pass that the others take out.
        #[test]
        fn nothing_is_taken_out_of_what_looks_harmless(text in "[a-zß語 .,'\n]{0,20}(wWw\\.a|[wW]{1,2}|&colon;|\\(//a\\.b|data:,|\u{200b}|⟦|\\PC)?[a-zß語 .@]{0,20}") {
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
    }
}
