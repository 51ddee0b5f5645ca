//! Where a list begins that depends on the time.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::reading::Position;
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::user_context::UserContext;
use crate::tools::zone::{Zone, moment};

/// Where a list begins: carried on in its cursor, so that "today" stays the same day on every page, and begins at the same
/// time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::tools) struct Start<P = Position> {
    /// In milliseconds since the Unix epoch.
    as_of: i64,
    /// That the list is read in, whatever may be learnt of the user's own meanwhile. At its beginning it need not be known.
    zone: Option<Zone>,
    pub(in crate::tools) at: P,
}

impl<P: Default + DeserializeOwned> Start<P> {
    /// From the cursor, or at the beginning and now.
    pub(in crate::tools) fn of(
        user: &UserContext<'_>,
        cursor: Option<&str>,
        binding: &Binding<'_>,
    ) -> Result<Self, ToolError> {
        match cursor {
            Some(cursor) => user.cursors.open(cursor, binding, user.clock.now()),
            None => Ok(Self::now(user)),
        }
    }

    pub(in crate::tools) fn now(user: &UserContext<'_>) -> Self {
        Self::seen_from(moment(user.clock.now()))
    }

    /// At the beginning, as of a moment.
    pub(in crate::tools) fn seen_from(as_of: Timestamp) -> Self {
        Self { as_of: as_of.as_millisecond(), zone: None, at: P::default() }
    }
}

impl<P> Start<P> {
    /// The moment that the list is seen from.
    pub(in crate::tools) fn as_of(&self) -> Timestamp {
        Timestamp::from_millisecond(self.as_of).unwrap_or(Timestamp::MAX)
    }

    /// The zone of the pages before this one, if there are any.
    pub(in crate::tools) fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// Further on in the same list, which is read in `zone`.
    pub(in crate::tools) fn further(&self, at: P, zone: &Zone) -> Self {
        Self { as_of: self.as_of, zone: Some(zone.clone()), at }
    }
}
