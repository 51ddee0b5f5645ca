//! What can be asked of Graph: GETs and the closed list of [`Question`]s, and nothing else can be said.

use std::fmt;

use connector_actors::throttle::{GateSubject, OwnerHash, Workload};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::base::GraphBase;
use super::error::GraphError;
use super::question::Question;
use super::route::Route;
use super::segment::PathSegment;

/// All that could end or split a query value. What `OData` uses itself stays readable.
const ENCODED_IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b'(')
    .remove(b')')
    .remove(b'=')
    .remove(b'$');

/// The same for an address within a value: what holds `://` could be taken for an absolute address, in a batch above all.
const ENCODED_IN_ADDRESS: &AsciiSet = &ENCODED_IN_QUERY.add(b':');

/// The query options that are used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryOption {
    Select,
    Filter,
    OrderBy,
    Search,
    Top,
    Skip,
    Expand,
    Count,
    /// The window of a calendar view begins here.
    StartDateTime,
    /// And ends here.
    EndDateTime,
    /// `search` without a dollar sign, as `/sites` knows it.
    PlainSearch,
}

impl QueryOption {
    const fn name(self) -> &'static str {
        match self {
            Self::Select => "$select",
            Self::Filter => "$filter",
            Self::OrderBy => "$orderby",
            Self::Search => "$search",
            Self::Top => "$top",
            Self::Skip => "$skip",
            Self::Expand => "$expand",
            Self::Count => "$count",
            Self::StartDateTime => "startDateTime",
            Self::EndDateTime => "endDateTime",
            Self::PlainSearch => "search",
        }
    }
}

/// What is asked for with `Prefer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// Ids of messages that stay the same when a message is moved.
    ImmutableIds,
    /// Members of enumerations that came after v1.0, under their own names.
    UnknownEnumMembers,
    /// Columns of a list that have no index may be filtered by; a long list refuses it all the same.
    NonIndexedColumns,
}

impl Preference {
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::ImmutableIds => "IdType=\"ImmutableId\"",
            Self::UnknownEnumMembers => "include-unknown-enum-members",
            Self::NonIndexedColumns => "HonorNonIndexedQueriesWarningMayFailRandomly",
        }
    }
}

/// A form of content that has to be asked for by `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentForm {
    /// As the service gives it.
    Any,
    /// A transcript that does not say who speaks.
    UnattributedTranscript,
}

impl ContentForm {
    /// `None` where every form will do.
    pub(super) const fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::UnattributedTranscript => Some("application/vnd.microsoft.graph.transcript+text"),
        }
    }
}

#[derive(Clone)]
enum Target {
    /// Path and query below the base, beginning with a slash.
    Below(String),
    /// A `@odata.nextLink`, followed as it is.
    Link(Url),
    /// One of the closed list, at its own address.
    Asked(Question),
}

/// How sure the directory must be that it answers with its newest state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consistency {
    Default,
    /// Needed for `$search` and `$count` of users and groups.
    Eventual,
}

/// One GET, or one [`Question`].
#[derive(Clone)]
pub struct GraphRequest {
    workload: Workload,
    opened_by: &'static [&'static str],
    shared_mailbox: Option<GateSubject>,
    target: Target,
    preference: Option<Preference>,
    consistency: Consistency,
    form: ContentForm,
}

/// Without the target, for it holds names and search words.
impl fmt::Debug for GraphRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("GraphRequest").field("workload", &self.workload).finish_non_exhaustive()
    }
}

impl GraphRequest {
    /// `root` is the first part of the path (`/me`). `opened_by` are the delegated permissions of which one is
    /// enough: with none of them granted, Graph's refusal means a missing permission.
    pub fn get(workload: Workload, opened_by: &'static [&'static str], root: &'static str) -> Self {
        let mut path = String::with_capacity(256);
        path.push_str(root);
        Self::to(workload, opened_by, Target::Below(path))
    }

    /// One of the closed list of POSTs that only read. `opened_by` as in [`get`](Self::get).
    pub fn ask(question: Question, opened_by: &'static [&'static str]) -> Self {
        Self::to(question.workload(), opened_by, Target::Asked(question))
    }

    fn to(workload: Workload, opened_by: &'static [&'static str], target: Target) -> Self {
        let (shared_mailbox, preference, consistency) = (None, None, Consistency::Default);
        Self { workload, opened_by, shared_mailbox, target, preference, consistency, form: ContentForm::Any }
    }

    /// The next page of this request, as Graph itself named it. Refused unless it stays under `base`, for the bearer
    /// goes with it. The headers are this request's, for a link carries none.
    pub(super) fn next_link(&self, base: &GraphBase, link: &str) -> Result<Self, GraphError> {
        let url = Url::parse(link).map_err(|_| GraphError::ForeignLink)?;
        if !base.covers(&url) || url.fragment().is_some() {
            return Err(GraphError::ForeignLink);
        }
        Ok(Self { target: Target::Link(url), ..self.clone() })
    }

    /// Whether `link` leads where this request leads.
    pub(super) fn is_named_by(&self, base: &GraphBase, link: &str) -> bool {
        matches!(&self.target, Target::Below(path) if base.names(link, path))
    }

    /// Goes on with a part of the path that the code knows (`/messages`).
    #[must_use]
    pub fn part(mut self, part: &'static str) -> Self {
        if let Target::Below(path) = &mut self.target {
            path.push_str(part);
        }
        self
    }

    /// Goes on with one segment that holds an id or a name. The one after `/users` names, in Outlook, the mailbox
    /// that the request counts for.
    #[must_use]
    pub fn segment(mut self, segment: PathSegment<'_>) -> Self {
        if let Target::Below(path) = &mut self.target {
            if self.workload == Workload::Outlook && path == "/users" {
                self.shared_mailbox = Some(GateSubject::SharedMailbox(OwnerHash::of(segment.as_str())));
            }
            path.extend(["/", &segment.encoded()]);
        }
        self
    }

    #[must_use]
    pub fn query(mut self, option: QueryOption, value: &str) -> Self {
        let encoded = if value.contains("://") { ENCODED_IN_ADDRESS } else { ENCODED_IN_QUERY };
        self.push_query(option, utf8_percent_encode(value, encoded));
        self
    }

    /// `$top`: how many entries a page should have.
    #[must_use]
    pub fn top(mut self, entries: u32) -> Self {
        self.push_query(QueryOption::Top, [&*entries.to_string()]);
        self
    }

    /// `ConsistencyLevel: eventual`, without which the directory searches and counts nothing.
    #[must_use]
    pub fn eventually_consistent(mut self) -> Self {
        self.consistency = Consistency::Eventual;
        self
    }

    #[must_use]
    pub fn prefer(mut self, preference: Preference) -> Self {
        self.preference = Some(preference);
        self
    }

    /// For content, which is fetched.
    #[must_use]
    pub fn form(mut self, form: ContentForm) -> Self {
        self.form = form;
        self
    }

    fn push_query<'v>(&mut self, option: QueryOption, value: impl IntoIterator<Item = &'v str>) {
        if let Target::Below(path) = &mut self.target {
            // A question mark out of an id is encoded, so one that stands here begins the query.
            let separator = if path.contains('?') { "&" } else { "?" };
            path.extend([separator, option.name(), "="].into_iter().chain(value));
        }
    }

    pub(super) fn workload(&self) -> Workload {
        self.workload
    }

    /// Whose limit the request draws on, when it is not the caller's own.
    pub(super) fn shared_mailbox(&self) -> Option<GateSubject> {
        self.shared_mailbox
    }

    pub(super) fn opened_by(&self) -> &'static [&'static str] {
        self.opened_by
    }

    pub(super) fn preference(&self) -> Option<Preference> {
        self.preference
    }

    pub(super) fn content_form(&self) -> ContentForm {
        self.form
    }

    pub(super) fn consistency(&self) -> Consistency {
        self.consistency
    }

    /// The body of a POST; without one it is a GET.
    pub(super) fn question(&self) -> Option<&Question> {
        match &self.target {
            Target::Asked(question) => Some(question),
            Target::Below(_) | Target::Link(_) => None,
        }
    }

    /// Whether it asks for what stands at a place, with no condition that could be refused.
    pub(super) fn names_one_place(&self) -> bool {
        const CONDITIONS: [QueryOption; 4] =
            [QueryOption::Filter, QueryOption::OrderBy, QueryOption::Search, QueryOption::PlainSearch];
        let Target::Below(path) = &self.target else { return false };
        let Some((_, query)) = path.split_once('?') else { return true };
        query
            .split('&')
            .filter_map(|option| option.split_once('='))
            .all(|(name, _)| CONDITIONS.iter().all(|condition| condition.name() != name))
    }

    /// What the limits of its service make of it.
    pub(super) fn route(&self, base: &GraphBase) -> Route {
        let below = match &self.target {
            Target::Below(path) => path.as_str(),
            Target::Link(url) => base.relative(url).unwrap_or_default(),
            Target::Asked(question) => question.path(),
        };
        Route::of(self.workload, below)
    }

    /// The whole address.
    pub(super) fn url(&self, base: &GraphBase) -> Result<Url, GraphError> {
        match &self.target {
            Target::Link(url) => Ok(url.clone()),
            Target::Below(path) => base.below(path).ok_or(GraphError::ForeignLink),
            Target::Asked(question) => base.below(question.path()).ok_or(GraphError::ForeignLink),
        }
    }
}

#[cfg(test)]
mod tests;
