//! How much of what others wrote is shown of one thing: of a hit of a search above all.

use std::borrow::Cow;

use super::piece::beginning;
use crate::tools::mirror::written_length;

/// In bytes: what one hit takes in the text of an answer, at most. Twenty-five of them stay below 28 KiB together, with
/// 1,600 bytes for what stands round them.
const LONGEST_HIT: usize = 1_080;
/// In bytes: what the mark of a text that is cut takes.
const MARK: usize = '…'.len_utf8();

/// In bytes, as JSON writes them: what the texts of one thing may still take. Whoever comes first gets most.
#[derive(Debug)]
pub(in crate::tools) struct TextRoom(usize);

impl TextRoom {
    /// Of a hit whose names of members, times and numbers take `frame` bytes at most, and these uris their length.
    pub(in crate::tools) fn beside(frame: usize, uris: &[&str]) -> Self {
        let mut room = Self(LONGEST_HIT.saturating_sub(frame));
        room.give(uris.iter().map(|uri| uri.len()).sum());
        room
    }

    /// Of something else than a hit.
    pub(in crate::tools) const fn of(bytes: usize) -> Self {
        Self(bytes)
    }

    pub(in crate::tools) const fn is_over(&self) -> bool {
        self.0 == 0
    }

    /// Gives `bytes` to what is not cut.
    pub(in crate::tools) fn give(&mut self, bytes: usize) {
        self.0 = self.0.saturating_sub(bytes);
    }

    /// The text; its beginning, with `…` behind it, where it takes more than `most` bytes or than there are left.
    pub(in crate::tools) fn text<'a>(&mut self, text: Cow<'a, str>, most: usize) -> Cow<'a, str> {
        let most = most.min(self.0);
        let length = written_length(&text);
        if length <= most {
            self.0 -= length;
            return text;
        }
        let Some(most) = most.checked_sub(MARK) else { return Cow::Borrowed("") };
        let text = beginning(text, most);
        self.give(written_length(&text));
        text
    }

    /// Whether there is room for the whole of a text that is none when it is cut. It is given then.
    pub(in crate::tools) fn holds(&mut self, text: &str, most: usize) -> bool {
        let length = written_length(text);
        let fits = length <= most.min(self.0);
        if fits {
            self.0 -= length;
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// If this failed, a page of hits could fill much of a model's context, whatever others wrote.
        #[test]
        fn no_texts_take_more_than_there_is_room_for(
            texts in proptest::collection::vec("(\\PC|[\"\\\\\n\t]|語){0,200}", 1..8),
            frame in 0_usize..1_200,
            most in 0_usize..600,
        ) {
            let mut room = TextRoom::beside(frame, &["file:///b/1"]);
            let mut written = 0;
            for text in &texts {
                let shown = room.text(Cow::Borrowed(text), most);
                let json = serde_json::to_string(&shown).expect("a text is written");
                prop_assert!(json.len() - 2 <= most);
                prop_assert!(shown == text.as_str() || shown.is_empty() || shown.ends_with('…'));
                written += json.len() - 2;
            }
            prop_assert!(written <= LONGEST_HIT.saturating_sub(frame));
        }
    }

    /// If this failed, an address that is somebody else's would be shown for one that is too long.
    #[test]
    fn what_is_none_when_it_is_cut_is_shown_whole_or_not_at_all() {
        let mut room = TextRoom::beside(LONGEST_HIT - 30, &[]);
        assert!(room.holds("adele@contoso.example", 254) && !room.holds("lee@fabrikam.example", 254));
        assert!(!TextRoom::beside(0, &[]).holds("adele@contoso.example", 20));
        assert_eq!(room.text("what is left".into(), 100), "what i…");
    }
}
