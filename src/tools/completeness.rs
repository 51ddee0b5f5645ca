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

    /// The same, where something that was asked for has not been looked through.
    #[must_use]
    pub(super) fn lacking(self, missing: &'static str) -> Self {
        let reason = match self.reason {
            Some(reason) => format!("{reason} {missing}").into(),
            None => Cow::Borrowed(missing),
        };
        Self { state: State::Partial, reason: Some(reason), ..self }
    }

    pub(super) fn partial(returned: usize, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { state: State::Partial, reason: Some(reason.into()), returned, total: None }
    }
}
