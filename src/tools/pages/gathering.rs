//! How much one answer may ask of Graph.

use std::time::Duration;

use crate::graph::{GraphBody, GraphError, GraphRequest};
use crate::tools::user_context::UserContext;

/// The pages of one answer: how many it may take, until when, and which it has read.
#[derive(Debug)]
pub(in crate::tools) struct Gathering<'a> {
    user: &'a UserContext<'a>,
    /// The first page, where it has come already.
    first: Option<GraphBody>,
    pages: u32,
    most_pages: u32,
    /// Kept back from the call's time for shaping and sending what has come.
    to_finish: Duration,
    /// Links to pages that lie behind.
    behind: Vec<String>,
}

/// The most that is kept back; of short calls it is a tenth.
const TO_FINISH: Duration = Duration::from_millis(1_500);

/// What is kept back of so much time.
fn to_finish(remaining: Duration) -> Duration {
    TO_FINISH.min(remaining / 10)
}

/// What `asked` gives; `None` where it takes so long that no time would be left to give what came before it.
pub(in crate::tools) async fn in_time<T>(
    user: &UserContext<'_>,
    asked: impl Future<Output = T>,
) -> Option<T> {
    let remaining = user.graph.remaining();
    tokio::time::timeout(remaining.saturating_sub(to_finish(remaining)), asked).await.ok()
}

/// The page behind `link`, or the first one of `request`.
pub(super) async fn fetch(
    user: &UserContext<'_>,
    request: &GraphRequest,
    link: Option<&str>,
) -> Result<GraphBody, GraphError> {
    match link {
        Some(link) => user.graph.follow(request, link).await,
        None => user.graph.get(request).await,
    }
}

/// Why the pages end although there are more.
#[derive(Debug)]
pub(in crate::tools) enum Stop {
    /// As many requests as one answer may take.
    Requests,
    /// The call's time is nearly over.
    Time,
    /// Microsoft 365 gave no answer for a later page; another time it may.
    Interrupted(GraphError),
}

impl Stop {
    pub(in crate::tools) const fn reason(&self) -> &'static str {
        match self {
            Self::Requests => "One answer has looked through as many pages as it may; go on with nextCursor.",
            Self::Time => "The time for one answer was over before the list was; go on with nextCursor.",
            Self::Interrupted(_) => INTERRUPTED,
        }
    }
}

/// Where Microsoft 365 gave no answer for a later part.
pub(in crate::tools) const INTERRUPTED: &str =
    "Microsoft 365 gave no answer for the rest just now; go on with nextCursor.";

/// A link to a next page that leads elsewhere, or back to a page that has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) struct NoWayOn;

impl<'a> Gathering<'a> {
    pub(in crate::tools) fn new(user: &'a UserContext<'a>, most_pages: u32) -> Self {
        Self::opened(user, most_pages, None)
    }

    /// The same, whose first page may have come already.
    pub(super) fn opened(user: &'a UserContext<'a>, most_pages: u32, first: Option<GraphBody>) -> Self {
        let to_finish = to_finish(user.graph.remaining());
        Self { user, first, pages: 0, most_pages, to_finish, behind: Vec::new() }
    }

    /// The page behind `link`, or the first one of `request`, unless the answer ends before it. The first one of an
    /// answer may take all the time there is and must come; each further one leaves time to finish with what has come
    /// before it.
    pub(in crate::tools) async fn page(
        &mut self,
        request: &GraphRequest,
        link: Option<&str>,
    ) -> Result<Result<GraphBody, Stop>, GraphError> {
        if self.pages == 0 {
            self.pages = 1;
            return match self.first.take() {
                Some(page) => Ok(Ok(page)),
                None => fetch(self.user, request, link).await.map(Ok),
            };
        }
        if let Err(stop) = self.may_go_on() {
            return Ok(Err(stop));
        }
        self.pages += 1;
        let time = self.user.graph.remaining().saturating_sub(self.to_finish);
        let page = tokio::time::timeout(time, fetch(self.user, request, link));
        match page.await.unwrap_or(Err(GraphError::DeadlineExceeded)) {
            Ok(body) => Ok(Ok(body)),
            Err(error) if error.is_passing() => Ok(Err(Stop::Interrupted(error))),
            Err(error) => Err(error),
        }
    }

    /// Whether a further page may be fetched. Where the client wants to know, it is told.
    fn may_go_on(&self) -> Result<(), Stop> {
        if self.pages >= self.most_pages {
            return Err(Stop::Requests);
        }
        if self.user.graph.remaining() <= self.to_finish {
            return Err(Stop::Time);
        }
        self.user.progress.step("Looking at further pages.");
        Ok(())
    }

    /// Goes on from the page of `request` that `at` names to the one that `link` names. Pages that name each other in
    /// a circle would never end: where one leads back, `at` stays.
    pub(in crate::tools) fn turn(
        &mut self,
        request: &GraphRequest,
        at: &mut Option<String>,
        link: String,
    ) -> Result<(), NoWayOn> {
        let leads_back = at.as_ref() == Some(&link)
            || self.behind.contains(&link)
            || self.user.graph.leads_back(request, &link);
        if leads_back || !self.user.graph.leads_on(request, &link) {
            return Err(NoWayOn);
        }
        self.behind.extend(at.replace(link));
        Ok(())
    }
}
