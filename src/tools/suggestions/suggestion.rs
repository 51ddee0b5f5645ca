//! A value that could be meant.

/// A value that could be meant.
#[derive(Debug)]
pub(super) struct Suggestion {
    pub(super) value: String,
    /// What people call it, where that is something else.
    pub(super) name: Option<String>,
}

impl Suggestion {
    /// A value that is a name itself.
    pub(super) fn plain(value: impl Into<String>) -> Self {
        Self { value: value.into(), name: None }
    }

    /// An id, looked for by the name of what has it.
    pub(super) fn named(value: impl Into<String>, name: impl Into<String>) -> Self {
        Self { value: value.into(), name: Some(name.into()) }
    }
}
