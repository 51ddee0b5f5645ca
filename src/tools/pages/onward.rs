//! How an answer's list ended, and the way on.

use serde::Serialize;

use super::gathering::Stop;
use super::reading::{Ending, Position};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::list::{Ended, List};
use crate::tools::review::{Review, Reviewed};
use crate::tools::user_context::UserContext;

/// Where a page came to its end just when there was enough: what follows has not been looked at.
const PERHAPS_MORE: &str = "There may be more; go on with nextCursor.";
/// Where the items that others wrote fill an answer before there are as many as were asked for.
pub(in crate::tools) const LONG: &str =
    "There is more, and this answer is as long as one may be; go on with nextCursor.";
/// Where Microsoft 365's own link to the next page is too long to be carried on, leads somewhere else, or back.
pub(in crate::tools) const NO_CURSOR: &str =
    "There may be more, but this list can't be continued; narrow it.";

/// How a list ended, and where the next answer begins.
#[derive(Debug)]
pub(in crate::tools) struct Onward<P = Position> {
    pub(in crate::tools) ended: Ended,
    pub(in crate::tools) next: Option<P>,
}

/// What a list says of its ending that others say otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentences {
    /// There is no room for what follows.
    pub(super) full: &'static str,
    /// One answer has looked at as much as it may.
    pub(super) bound: &'static str,
}

impl Onward {
    pub(super) fn told((ending, at): (Ending, Position), sentences: &Sentences) -> Self {
        let reason = match ending {
            Ending::Complete => return Self::COMPLETE,
            Ending::NoWayOn => return Self::NO_WAY,
            Ending::Full => sentences.full,
            Ending::Long => LONG,
            Ending::Enough => PERHAPS_MORE,
            Ending::Stopped(Stop::Requests) => sentences.bound,
            Ending::Stopped(stop) => stop.reason(),
        };
        Self { ended: Ended::Partial(reason.into()), next: Some(at) }
    }
}

impl<P> Onward<P> {
    /// There is nothing behind.
    pub(in crate::tools) const COMPLETE: Self = Self { ended: Ended::Complete, next: None };
    /// There is something behind, but nothing leads there.
    pub(in crate::tools) const NO_WAY: Self =
        Self { ended: Ended::Partial(std::borrow::Cow::Borrowed(NO_CURSOR)), next: None };

    /// The same with `to` for the place where the next answer begins.
    pub(in crate::tools) fn map<Q>(self, to: impl FnOnce(P) -> Q) -> Onward<Q> {
        Onward { ended: self.ended, next: self.next.map(to) }
    }
}

impl<P: Serialize> Onward<P> {
    /// The list of `items`, with a cursor for `binding` where there is more.
    pub(in crate::tools) fn into_list<T, U>(
        self,
        items: Vec<Reviewed<T>>,
        user: &UserContext<'_>,
        binding: &Binding<'_>,
        review: &Review<'_>,
    ) -> Result<List<T, U>, ToolError> {
        let Some(next) = self.next else { return List::new(items, self.ended, None, review) };
        let next_cursor = user.cursors.seal(&next, binding, user.clock.now())?;
        let ended = if next_cursor.is_some() { self.ended } else { Ended::Partial(NO_CURSOR.into()) };
        List::new(items, ended, next_cursor, review)
    }
}
