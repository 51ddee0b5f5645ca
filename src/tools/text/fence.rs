//! A fence round content, with a nonce that the content can't know.

use aws_lc_rs::rand;

use super::fence_marks::{CLOSING, OPENING};
use crate::tools::error::{InternalError, ToolError};

/// The fence of one answer.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct Fence {
    nonce: u64,
}

impl Fence {
    pub(in crate::tools) fn new() -> Result<Self, ToolError> {
        let mut nonce = [0; 8];
        rand::fill(&mut nonce).map_err(|_| InternalError::Sealing)?;
        Ok(Self { nonce: u64::from_le_bytes(nonce) })
    }

    /// What stands before content.
    pub(in crate::tools) fn opening(self) -> String {
        format!("{OPENING}untrusted content {:016x}{CLOSING}", self.nonce)
    }

    /// What stands behind it.
    pub(in crate::tools) fn closing(self) -> String {
        format!("{OPENING}end of untrusted content {:016x}{CLOSING}", self.nonce)
    }

    /// Puts a text between the marks. It comes from `Sanitizer::clean`, so that no mark of a fence is left in it.
    pub(in crate::tools) fn enclose<T: AsRef<str> + From<String>>(self, clean: &mut T) {
        let (nonce, text) = (self.nonce, clean.as_ref());
        *clean = T::from(format!(
            "{OPENING}untrusted content {nonce:016x}{CLOSING}\n{text}\n{OPENING}end of untrusted content {nonce:016x}{CLOSING}"
        ));
    }

    /// The same of a text that may be missing.
    pub(in crate::tools) fn enclose_any<T: AsRef<str> + From<String>>(self, clean: &mut Option<T>) {
        if let Some(clean) = clean {
            self.enclose(clean);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::tools::text::Sanitizer;

    proptest! {
        /// If this failed, content could end its fence and speak with the connector's voice.
        #[test]
        fn content_cannot_forge_the_fence(text in "([⟦⟧\\[\\]\u{200b}\u{e0041}\n0-9a-f ]|end of untrusted content|\\PC){0,40}") {
            let clean = Sanitizer::default().clean(Cow::Borrowed(&text));
            let mut fenced = clean.to_string();
            Fence::new().unwrap().enclose(&mut fenced);
            prop_assert_eq!(fenced.matches(OPENING).count(), 2);
            prop_assert_eq!(fenced.matches(CLOSING).count(), 2);
            prop_assert!(fenced.contains(&*clean));
        }
    }

    /// If this failed, answers of two calls could be taken for each other's.
    #[test]
    fn each_fence_has_a_nonce_of_its_own() {
        assert_ne!(Fence::new().unwrap().opening(), Fence::new().unwrap().opening());
    }
}
