//! Whether a list is all there is, and if not, why.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Complete,
    Partial,
}

/// Stands in every list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Completeness {
    pub(super) state: State,
    /// Why it is partial, and how to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Cow<'static, str>>,
    pub(super) returned: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<usize>,
}

impl Completeness {
    pub(super) fn complete(returned: usize) -> Self {
        Self { state: State::Complete, reason: None, returned, total: None }
    }

    pub(super) fn partial(returned: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { state: State::Partial, reason: Some(reason.into()), returned, total: None }
    }

    /// The same where something is missing besides: `reason` says what, and what can be done.
    #[must_use]
    pub(super) fn lacking(self, reason: impl Into<Cow<'static, str>>) -> Self {
        let reason = match self.reason {
            None => reason.into(),
            Some(more) => format!("{more} {}", reason.into()).into(),
        };
        Self { state: State::Partial, reason: Some(reason), ..self }
    }
}
