//! Turns Graph's pages until there is enough, or they end.

use serde::{Deserialize, Serialize};

use super::gathering::{Gathering, NoWayOn, Stop, fetch, in_time};
use crate::graph::{GraphBody, GraphError, GraphRequest, Text};
use crate::tools::cursor::Binding;
use crate::tools::error::ToolError;
use crate::tools::user_context::UserContext;

/// A list to read, and how.
#[derive(Debug)]
pub(in crate::tools) struct Reading<'a> {
    pub(in crate::tools) user: &'a UserContext<'a>,
    /// For the first page.
    pub(in crate::tools) request: &'a GraphRequest,
    /// Pages of one answer.
    pub(in crate::tools) most_pages: u32,
    /// What the service's refusals mean.
    pub(in crate::tools) refused: fn(GraphError) -> ToolError,
}

/// Where an answer begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::tools) struct Position {
    /// Graph's page; `None` is the first.
    link: Option<String>,
    /// Entries of that page to pass over.
    skip: usize,
}

impl Position {
    /// From the cursor, or at the beginning.
    pub(in crate::tools) fn of(
        user: &UserContext<'_>,
        cursor: Option<&str>,
        binding: &Binding<'_>,
    ) -> Result<Self, ToolError> {
        match cursor {
            Some(cursor) => user.cursors.open(cursor, binding, user.clock.now()),
            None => Ok(Self::default()),
        }
    }

    /// Whether nothing has been given yet.
    pub(in crate::tools) fn is_start(&self) -> bool {
        *self == Self::default()
    }
}

/// How far a page was looked through. A link is Graph's own, to the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tools) enum Turn {
    /// Up to this entry, for which there is no place.
    Full(usize),
    /// Up to this entry, with which the answer would be too long.
    Long(usize),
    /// As far as anything is wanted: no further page is.
    Over,
    /// All of it, and there is room for more.
    On(Option<String>),
    /// All of it, and there is enough.
    Enough(Option<String>),
    /// All of it, and as much as one answer may look at.
    Bound(Option<String>),
}

/// Why no further page was read.
#[derive(Debug)]
pub(in crate::tools) enum Ending {
    /// There is nothing behind.
    Complete,
    /// An entry found no place.
    Full,
    /// The answer is as long as one may be.
    Long,
    /// There is enough, and Graph names a further page.
    Enough,
    /// Graph names a page that can't be read, or that has been read.
    NoWayOn,
    Stopped(Stop),
}

impl Ending {
    /// For what is worth nothing without the page that is missing: then that it is missing is what has to be told.
    pub(in crate::tools) fn unless_cut_off(self) -> Result<Self, GraphError> {
        match self {
            Self::Stopped(Stop::Interrupted(error)) => Err(error),
            Self::Stopped(Stop::Time) => Err(GraphError::DeadlineExceeded),
            ending => Ok(ending),
        }
    }
}

/// Where a list is read on from, and the page there where that has come already.
#[derive(Debug)]
pub(in crate::tools) struct Opening {
    at: Position,
    page: Option<GraphBody>,
}

impl Opening {
    /// Asks for the first page of the answer.
    pub(in crate::tools) async fn of(
        user: &UserContext<'_>,
        request: &GraphRequest,
        at: Position,
    ) -> Result<Self, ToolError> {
        let page = fetch(user, request, at.link.as_deref()).await?;
        Ok(Self { at, page: Some(page) })
    }

    /// A list whose first page has come already, on its own or as part of something else.
    pub(in crate::tools) fn come(page: GraphBody) -> Self {
        Self { at: Position::default(), page: Some(page) }
    }

    /// Asks for the first page of a list that stands beside something which has come, and is worth giving without it: `None` where
    /// the page does not come in time, or not at all.
    pub(in crate::tools) async fn in_time(
        user: &UserContext<'_>,
        request: &GraphRequest,
    ) -> Result<Option<Self>, GraphError> {
        match in_time(user, fetch(user, request, None)).await {
            Some(Ok(page)) => Ok(Some(Self::come(page))),
            Some(Err(error)) if error.ends_the_call() => Err(error),
            Some(Err(_)) | None => Ok(None),
        }
    }
}

impl From<Position> for Opening {
    fn from(at: Position) -> Self {
        Self { at, page: None }
    }
}

impl From<&Position> for Opening {
    fn from(at: &Position) -> Self {
        at.clone().into()
    }
}

impl Reading<'_> {
    /// Shows `look` each page, and how many of its entries to pass over, from `from` on. Where it ended, the next answer
    /// begins.
    pub(in crate::tools) async fn read(
        self,
        from: impl Into<Opening>,
        mut look: impl FnMut(GraphBody, usize) -> Result<Turn, ToolError>,
    ) -> Result<(Ending, Position), ToolError> {
        let Self { user, request, most_pages, refused } = self;
        let Opening { mut at, page } = from.into();
        let mut gathering = Gathering::opened(user, most_pages, page);
        loop {
            let body = match gathering.page(request, at.link.as_deref()).await.map_err(refused)? {
                Ok(body) => body,
                Err(stop) => return Ok((Ending::Stopped(stop), at)),
            };
            let (link, ending) = match look(body, at.skip)? {
                Turn::Full(index) => return Ok((Ending::Full, Position { skip: index, ..at })),
                Turn::Long(index) => return Ok((Ending::Long, Position { skip: index, ..at })),
                Turn::Over => return Ok((Ending::Complete, at)),
                Turn::On(link) => (link, None),
                Turn::Enough(link) => (link, Some(Ending::Enough)),
                Turn::Bound(link) => (link, Some(Ending::Stopped(Stop::Requests))),
            };
            let Some(link) = link else { return Ok((Ending::Complete, at)) };
            if let Err(NoWayOn) = gathering.turn(request, &mut at.link, link) {
                return Ok((Ending::NoWayOn, at));
            }
            at.skip = 0;
            if let Some(ending) = ending {
                return Ok((ending, at));
            }
        }
    }
}

/// A page's link to the next one, for longer than the page.
pub(in crate::tools) fn link_of(next_link: Option<Text<'_>>) -> Option<String> {
    next_link.map(|link| link.into_cow().into_owned())
}
