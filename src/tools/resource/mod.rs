//! What can be read by its uri: one table, one file a scheme.
//!
//! `read_resource` and MCP's `resources/*` are the same reading. A scheme says how its uris look, which permissions
//! open it, which templates clients are shown, and how one of its uris is read.

mod body;
mod calendar;
mod calendar_uri;
mod file;
mod file_content;
mod found_content;
mod lines;
mod list;
mod mail;
mod mail_attachment;
mod mail_message;
mod mail_thread;
mod mailbox;
mod meeting;
mod page;
mod shape;
mod share;
mod site;
mod teams;
mod teams_message;
mod user;

use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::Value;

use self::lines::Lines;
use self::shape::Kind;
use super::cursor::Binding;
use super::error::ToolError;
use super::list::List;
use super::meeting::SpokenRange;
use super::own_zone;
use super::pages::Start;
use super::read_alone::ReadAlone;
use super::resource_listing::ResourceTemplate;
use super::review::{Answerable, Review};
use super::sought::{Sought, Thing};
use super::text_form::TextForm;
use super::tool::{ScopeRule, ToolAnswer, ToolCall};
use super::zone::Zone;
use crate::graph::{GraphBody, GraphError, GraphRequest};

/// One kind of uri.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scheme {
    /// What stands before `:///`.
    pub(super) name: &'static str,
    /// Its uris, for errors and for people.
    pub(super) forms: &'static str,
    /// Which permissions open it, as for a tool.
    pub(super) scopes: ScopeRule,
    /// The most that one reading asks Graph for, as for a tool.
    pub(super) most_requests: u32,
    /// What `range` asks for, where one of its uris is a text of which a part can be asked for.
    pub(super) part: fn(&str) -> Option<ReadPart>,
    /// What one of its uris names.
    pub(super) names: fn(&str) -> Thing,
    /// What its uris can turn out to be.
    pub(super) kinds: &'static [Kind],
    /// For `resources/templates/list`.
    pub(super) templates: &'static [ResourceTemplate],
    pub(super) read: ReadUri,
}

/// Reads one uri of a scheme.
pub(super) type ReadUri = for<'a> fn(&'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>>;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Rows(Lines),
    Times(SpokenRange),
}

/// Reads a `range`.
pub(super) type ReadPart = fn(&str) -> Result<Part, ToolError>;

/// What is to be read, and how.
pub(super) struct Reading<'a> {
    pub(super) call: &'a ToolCall<'a>,
    /// As it was given; its scheme is the one that reads it.
    pub(super) uri: &'a str,
    /// The asked one, or the user's own where the session knows it.
    pub(super) zone: Option<Zone>,
    pub(super) cursor: Option<&'a str>,
    /// Which part of a text is wanted, if not all of it.
    pub(super) part: Option<Part>,
    /// What is made of marked-up texts.
    pub(super) form: TextForm,
    pub(super) binding: Binding<'a>,
}

impl Reading<'_> {
    /// The review of its answer.
    pub(super) fn review(&self) -> Review<'_> {
        Review::of(self.call).writing(self.form)
    }

    /// The zone for times, and what `work` finds. Where the session does not know it yet, Graph is asked for it beside the work:
    /// not before the uri has been read, so that one that is wrong costs nothing, and not where no times are told.
    fn beside<T>(
        &self,
        work: impl Future<Output = Result<T, ToolError>>,
    ) -> impl Future<Output = Result<(Cow<'_, Zone>, T), ToolError>> {
        own_zone::beside(self.call, self.zone.as_ref(), work)
    }

    /// The same of a list or a text that goes on from `start`, in the zone that it has begun in.
    fn on_from<'z, P, T>(
        &'z self,
        start: &'z Start<P>,
        work: impl Future<Output = Result<T, ToolError>>,
    ) -> impl Future<Output = Result<(Cow<'z, Zone>, T), ToolError>> {
        own_zone::beside(self.call, start.zone().or(self.zone.as_ref()), work)
    }

    /// The same of one request. `refused` says what the service's refusals mean.
    async fn get(
        &self,
        request: &GraphRequest,
        refused: fn(GraphError) -> ToolError,
    ) -> Result<(Cow<'_, Zone>, GraphBody), ToolError> {
        self.beside(async { self.call.graph.get(request).await.map_err(refused) }).await
    }
}

/// Every scheme. A new one is one file and one line here.
pub(super) static SCHEMES: &[&Scheme] = &[
    &mail::MAIL_SCHEME,
    &mailbox::MAILBOX_SCHEME,
    &calendar::CALENDAR_SCHEME,
    &user::USER_SCHEME,
    &meeting::MEETING_SCHEME,
    &meeting::TRANSCRIPT_SCHEME,
    &meeting::INSIGHTS_SCHEME,
    &meeting::RECORDINGS_SCHEME,
    &meeting::ATTENDANCE_SCHEME,
    &file::FILE_SCHEME,
    &share::SHARE_SCHEME,
    &site::SITE_SCHEME,
    &list::LIST_SCHEME,
    &page::PAGE_SCHEME,
    &teams::TEAMS_SCHEME,
];

/// Of `read_resource`'s answer, whatever its scheme: JSON Schema 2020-12.
pub(super) fn any_resource() -> Value {
    shape::any_of(SCHEMES.iter().flat_map(|scheme| scheme.kinds))
}

/// The most that one reading asks Graph for, whatever its scheme.
pub(super) const MOST_REQUESTS: u32 = most_requests(SCHEMES);

const fn most_requests(schemes: &[&Scheme]) -> u32 {
    let [first, others @ ..] = schemes else { return 0 };
    let others = most_requests(others);
    if first.most_requests > others { first.most_requests } else { others }
}

/// Templates for clients, by scheme in the same order.
pub(super) static TEMPLATES: &[&[ResourceTemplate]] = &[
    mail::MAIL_SCHEME.templates,
    mailbox::MAILBOX_SCHEME.templates,
    calendar::CALENDAR_SCHEME.templates,
    user::USER_SCHEME.templates,
    meeting::MEETING_SCHEME.templates,
    meeting::TRANSCRIPT_SCHEME.templates,
    meeting::INSIGHTS_SCHEME.templates,
    meeting::RECORDINGS_SCHEME.templates,
    meeting::ATTENDANCE_SCHEME.templates,
    file::FILE_SCHEME.templates,
    share::SHARE_SCHEME.templates,
    site::SITE_SCHEME.templates,
    list::LIST_SCHEME.templates,
    page::PAGE_SCHEME.templates,
    teams::TEAMS_SCHEME.templates,
];

/// The scheme of `uri`. One that is none of ours is an error that names all forms.
pub(super) fn scheme_of(uri: &str) -> Result<&'static Scheme, ToolError> {
    let name = uri.split_once(":///").map(|(name, _)| name);
    SCHEMES.iter().find(|scheme| Some(scheme.name) == name).copied().ok_or_else(|| {
        let forms: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.forms).collect();
        ToolError::unreadable_uri("uri", "none of this connector's uris", &forms.join(", "))
    })
}

impl Scheme {
    /// What `range` asks for. Refused where it is none, and where what `uri` names has no parts.
    pub(super) fn part_of(&self, uri: &str, range: Option<&str>) -> Result<Option<Part>, ToolError> {
        range.map(|range| (self.part)(uri).ok_or_else(no_parts)?(range)).transpose()
    }
}

/// Refuses where the user's permissions do not open the scheme.
pub(super) async fn require(scheme: &Scheme, call: &ToolCall<'_>) -> Result<(), ToolError> {
    let lease = call.graph.lease().await?;
    if !scheme.scopes.is_met_by(lease.scopes()) {
        let needed: Vec<&str> = scheme.scopes.0.iter().flat_map(|list| list.iter().copied()).collect();
        return Err(ToolError::missing_scope("Items of this kind can't be read.", &needed));
    }
    Ok(())
}

/// Reads `reading.uri`. Where it is not there, the error says what it would have been.
pub(super) async fn read(scheme: &Scheme, reading: &Reading<'_>) -> Result<ToolAnswer, ToolError> {
    let sought = Sought::new("uri", (scheme.names)(reading.uri));
    (scheme.read)(reading).await.map_err(|error| sought.explain(error))
}

/// For `range` where there is no text to take a part of.
fn no_parts() -> ToolError {
    ToolError::invalid_argument(
        "range",
        "only texts in files and attachments have rows, as 10-50, and only transcripts times, as 00:10:00-00:25:00.",
        "Read the uri without range.",
    )
}

/// What was read, with the kind that it is of.
#[derive(Debug, Serialize)]
pub(super) struct Read<T> {
    kind: &'static str,
    #[serde(flatten)]
    content: T,
}

impl<T, U> Read<List<T, U>> {
    /// Its own fence stands round its items.
    pub(super) fn list(kind: &'static str, list: List<T, U>) -> Self {
        Self { kind, content: list }
    }
}

impl<T: Answerable + ReadAlone> Read<T> {
    /// What is no list, its texts in the fence of `review`'s answer.
    pub(super) fn item(kind: &'static str, mut content: T, review: &Review<'_>) -> Result<Self, ToolError> {
        content.enclose(review.fence()?);
        Ok(Self { kind, content })
    }
}

impl<T: Answerable> Answerable for Read<T> {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    /// If this failed, clients would not learn of a kind, or take one for another.
    #[test]
    fn every_kind_is_told_apart() {
        let schema = any_resource();
        let shapes = schema["oneOf"].as_array().unwrap();
        let named: Vec<&str> = shapes
            .iter()
            .flat_map(|shape| match &shape["properties"]["kind"] {
                kind if kind["const"].is_string() => vec![kind["const"].as_str().unwrap()],
                kind => kind["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect(),
            })
            .collect();
        let told: BTreeSet<&str> = named.iter().copied().collect();
        let kinds: BTreeSet<&str> =
            SCHEMES.iter().flat_map(|scheme| scheme.kinds).map(|kind| kind.name).collect();
        assert_eq!((&told, named.len()), (&kinds, kinds.len()));
        assert!(kinds.contains("message") && kinds.contains("transcript"), "{kinds:?}");
        assert_eq!(schema["properties"]["nextCursor"], json!({ "type": "string" }));
    }

    /// If this failed, the list of tools would grow beyond what a model can be asked to read.
    #[test]
    fn all_kinds_together_stay_short() {
        let size = any_resource().to_string().len();
        assert!(size < 3_900, "{size} bytes");
    }

    /// If this failed, a wrong uri would be guessed at instead of explained.
    #[test]
    fn a_uri_of_nobody_names_the_forms_that_are_read() {
        for uri in
            ["https://outlook.office.com/mail/id/AAMk", "mail://evil.example/messages/A", "gopher:///a", ""]
        {
            let Err(ToolError::Actionable(error)) = scheme_of(uri) else { panic!("{uri} has a scheme") };
            assert_eq!(error.code.as_str(), "invalid_arguments");
            assert!(error.how.contains("mail:///folders/{idOrName}"), "{}", error.how);
        }
    }
}
