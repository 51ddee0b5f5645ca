//! What can be read by its uri: one table, one file a scheme.
//!
//! `read_resource` and MCP's `resources/*` are the same reading. A scheme says how its uris look, which permissions
//! open it, which templates clients are shown, and how one of its uris is read.

mod body;
mod calendar;
mod calendar_uri;
mod file;
mod file_content;
mod lines;
mod list;
mod mail;
mod mail_attachment;
mod mail_message;
mod mail_thread;
mod mailbox;
mod meeting;
mod page;
mod share;
mod site;
mod teams;
mod teams_message;
mod user;

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::content::{Content, ResourceBody, ResourceContents};
use super::cursor::Binding;
use super::error::{ErrorCode, InternalError, MODEL, ToolError};
use super::read_resource::READ_RESOURCE;
use super::resource_listing::{ListedResource, ResourceTemplate, Resources};
use super::review::{Answerable, Review};
use super::text::TextForm;
use super::tool::{ScopeRule, ToolAnswer, ToolCall, UserContext};
use super::zone::Zone;
use crate::policy::{Decision, Question, decide};

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
    /// For `resources/templates/list`.
    pub(super) templates: &'static [ResourceTemplate],
    pub(super) read: ReadUri,
}

/// Reads one uri of a scheme.
pub(super) type ReadUri = for<'a> fn(&'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>>;

/// What is to be read, and how.
pub(super) struct Reading<'a> {
    pub(super) call: &'a ToolCall<'a>,
    /// As it was given; its scheme is the one that reads it.
    pub(super) uri: &'a str,
    /// For times: the asked one, or the user's own as far as the session knows it.
    pub(super) zone: Zone,
    pub(super) cursor: Option<&'a str>,
    /// Which part of a text is wanted.
    pub(super) range: Option<&'a str>,
    /// What is made of marked-up texts.
    pub(super) form: TextForm,
    pub(super) binding: Binding<'a>,
}

impl Reading<'_> {
    /// The review of its answer.
    pub(super) fn review(&self) -> Review<'_> {
        Review::of(self.call).writing(self.form)
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

/// The most that one reading asks Graph for, whatever its scheme.
pub(super) const MOST_REQUESTS: u32 = most_requests(SCHEMES);

const fn most_requests(schemes: &[&Scheme]) -> u32 {
    let [first, others @ ..] = schemes else { return 0 };
    let others = most_requests(others);
    if first.most_requests > others { first.most_requests } else { others }
}

/// The schemes whose texts can be read in part.
const WITH_RANGE: &[&str] = &["file", "share", "meeting-transcript"];

/// Templates for clients, by scheme in the same order.
pub(super) static RESOURCES: Resources = Resources {
    listed: &[
        ListedResource {
            uri: "mail:///folders/",
            name: "mail-folders",
            title: "Mail folders",
            description: "The folders of the user's mailbox.",
            mime_type: "application/json",
        },
        ListedResource {
            uri: "mail:///folders/Inbox",
            name: "inbox",
            title: "Inbox",
            description: "The newest messages of the Inbox.",
            mime_type: "application/json",
        },
    ],
    templates: &[
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
    ],
    read: read_for_client,
};

/// The scheme of `uri`. One that is none of ours is an error that names all forms.
pub(super) fn scheme_of(uri: &str) -> Result<&'static Scheme, ToolError> {
    let name = uri.split_once(":///").map(|(name, _)| name);
    SCHEMES.iter().find(|scheme| Some(scheme.name) == name).copied().ok_or_else(|| {
        let forms: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.forms).collect();
        ToolError::new(
            ErrorCode::InvalidArguments,
            "The uri can't be read.",
            "uri: none of this connector's uris.",
            MODEL,
            format!(
                "Uris that can be read: {}. Take them from search results as they are.",
                forms.join(", ")
            ),
        )
    })
}

/// Reads `reading.uri`, where the user's permissions open its scheme.
pub(super) async fn read(scheme: &Scheme, reading: &Reading<'_>) -> Result<ToolAnswer, ToolError> {
    let lease = reading.call.graph.lease().await?;
    if !scheme.scopes.is_met_by(lease.scopes()) {
        let needed: Vec<&str> = scheme.scopes.0.iter().flat_map(|list| list.iter().copied()).collect();
        return Err(ToolError::missing_scope("Items of this kind can't be read.", &needed));
    }
    if reading.range.is_some() && !WITH_RANGE.contains(&scheme.name) {
        return Err(no_parts());
    }
    (scheme.read)(reading).await
}

/// For `range` where there is no text to take a part of.
fn no_parts() -> ToolError {
    ToolError::invalid_arguments(
        "range: only files of text have parts that can be asked for.",
        "Read the uri without range.",
    )
}

/// For `resources/read`: the same as `read_resource` with the uri alone.
fn read_for_client<'a>(
    uri: &'a str,
    user: &'a UserContext<'a>,
) -> LocalBoxFuture<'a, Result<Vec<ResourceContents>, ToolError>> {
    Box::pin(async move {
        if decide(user.policy, &Question::UseTool { name: READ_RESOURCE.name }) != Decision::Allow {
            return Err(ToolError::switched_off());
        }
        let arguments =
            to_raw_value(&serde_json::json!({ "uri": uri })).map_err(|_| InternalError::Serialisation)?;
        let answer = (READ_RESOURCE.run)(&ToolCall { arguments: &arguments, user: *user }).await?;
        contents(uri, answer)
    })
}

/// An answer in the form of a resource.
fn contents(uri: &str, answer: ToolAnswer) -> Result<Vec<ResourceContents>, ToolError> {
    let resource = |mime_type: std::borrow::Cow<'static, str>, body| ResourceContents {
        uri: uri.to_owned().into(),
        mime_type,
        body,
    };
    let block = |block| match block {
        Content::Text { text } => resource("text/plain".into(), ResourceBody::Text(text)),
        Content::Image { data, mime_type } | Content::Audio { data, mime_type } => {
            resource(mime_type, ResourceBody::Blob(data))
        }
        Content::Resource { resource } => resource,
    };
    Ok(match answer {
        ToolAnswer::Structured { json, beside, .. } => {
            let text = String::from_utf8(json).map_err(|_| InternalError::Serialisation)?;
            let structured = resource("application/json".into(), ResourceBody::Text(text.into()));
            std::iter::once(structured).chain(beside.into_iter().map(block)).collect()
        }
        ToolAnswer::Blocks(blocks) => blocks.into_iter().map(block).collect(),
    })
}

/// What the output schema says: a kind, and then what belongs to it. The full union would weigh more in `tools/list`
/// than all other tools together.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ResourceShape {
    kind: String,
}

/// What was read, with the kind that it is of.
#[derive(Debug, Serialize)]
pub(super) struct Read<T> {
    kind: &'static str,
    #[serde(flatten)]
    content: T,
}

impl<T: Answerable> Read<T> {
    pub(super) fn new(kind: &'static str, content: T) -> Self {
        Self { kind, content }
    }
}

impl<T: Answerable> Answerable for Read<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, a scheme could be read by nobody whom the tool is shown to, or would be missing for clients.
    #[test]
    fn every_scheme_is_opened_by_the_tool_and_has_its_templates() {
        assert_eq!(SCHEMES.len(), RESOURCES.templates.len());
        let names: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.name).collect();
        assert_eq!(names, crate::tools::uri::SCHEMES);
        for (scheme, templates) in SCHEMES.iter().zip(RESOURCES.templates) {
            for list in scheme.scopes.0 {
                assert!(READ_RESOURCE.scopes.0.contains(list), "{}: {list:?}", scheme.name);
            }
            let root = format!("{}:///", scheme.name);
            let patterns = |templates: &[ResourceTemplate]| -> Vec<&str> {
                templates.iter().map(|template| template.uri_template).collect()
            };
            assert_eq!(patterns(scheme.templates), patterns(templates));
            assert!(
                !templates.is_empty()
                    && templates.iter().all(|template| template.uri_template.starts_with(&root))
            );
            assert!(scheme.forms.contains(&root), "{}", scheme.name);
        }
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
