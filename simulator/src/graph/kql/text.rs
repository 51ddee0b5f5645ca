//! Texts as Exchange's index sees them: words without case and punctuation.

/// A word or a phrase to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) struct Needle {
    /// Normalised, with a space before every word; with one behind the last when it must be whole.
    pattern: String,
}

impl Needle {
    /// A bare word matches the words that begin with it.
    pub(super) fn prefix(text: &str) -> Self {
        let mut pattern = normalised(text);
        pattern.pop();
        Self { pattern }
    }

    /// A quoted phrase matches whole words, unless it ends in `*`.
    pub(super) fn phrase(text: &str) -> Self {
        if text.ends_with('*') {
            return Self::prefix(text);
        }
        Self { pattern: normalised(text) }
    }

    /// Whether `haystack`, which must be [`normalised`], holds this.
    pub(in crate::graph) fn is_in(&self, haystack: &str) -> bool {
        haystack.contains(&self.pattern)
    }

    /// How many of `words` (of a normalised text) this takes up where it begins with the first of them; 0 where it does
    /// not stand there.
    pub(in crate::graph) fn stands_before(&self, words: &[String]) -> usize {
        let wanted: Vec<&str> = self.pattern.split_whitespace().collect();
        let Some((last, first)) = wanted.split_last() else { return 0 };
        let is_whole = self.pattern.ends_with(' ');
        let (Some(begin), Some(end)) = (words.get(..first.len()), words.get(first.len())) else { return 0 };
        let fits = begin.iter().eq(first) && if is_whole { end == last } else { end.starts_with(last) };
        if fits { wanted.len() } else { 0 }
    }

    /// The words looked for, in lower case.
    pub(in crate::graph) fn words(&self) -> impl Iterator<Item = &str> {
        self.pattern.split_whitespace()
    }
}

/// Lower-case words, each between single spaces: `" lunch on friday "`. A lone space where there are none.
pub(in crate::graph) fn normalised(text: &str) -> String {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        words.extend(word.chars().flat_map(char::to_lowercase));
        words.push(' ');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// Fails when words stop being found by their beginning, or phrases start matching half words.
    #[rstest]
    #[case(Needle::prefix("budg"), "The Budget, again", true)]
    #[case(Needle::prefix("udget"), "The Budget, again", false)]
    #[case(Needle::prefix("budg*"), "The Budget, again", true)]
    #[case(Needle::phrase("the budget"), "The Budget, again", true)]
    #[case(Needle::phrase("the budg"), "The Budget, again", false)]
    #[case(Needle::phrase("the budg*"), "The Budget, again", true)]
    #[case(Needle::prefix("q3-2026"), "plan for Q3 2026!", true)]
    #[case(Needle::prefix("Øresund"), "over øresundsbron", true)]
    fn words_and_phrases(#[case] needle: Needle, #[case] text: &str, #[case] found: bool) {
        assert_eq!(needle.is_in(&normalised(text)), found);
    }
}
