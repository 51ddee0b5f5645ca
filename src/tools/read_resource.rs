//! `read_resource`: one address for everything that can be read.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{self, required_text, text};
use super::cursor::{self, Binding};
use super::error::ToolError;
use super::own_zone;
use super::resource::{self, Reading};
use super::schema;
use super::text_form::TextForm;
use super::tool::{ScopeRule, Tool, ToolAnswer, ToolCall};

pub(super) const READ_RESOURCE: Tool = Tool {
    name: "read_resource",
    title: "Read an item",
    description: "Reads what a uri stands for: mail:///messages/{id} (text, thread, attachments), \
                  mail:///messages/{id}/attachments/{aid}, mail:///folders/ (all folders), \
                  mail:///folders/{idOrName} (its messages), mailbox:/// (archive), calendar:///events/{id}, \
                  user:///{idOrEmail}, meeting:///{id}, meeting-transcript:///events/{eventId} (what was \
                  said), meeting-insights:///, meeting-recordings:/// and meeting-attendance:///{meetingId}, \
                  file:///{drive}/{item} (a file's text, a folder's entries), share:///{link}, site:///, \
                  list:///, page:///, teams:/// (a chat, a channel, or a message with images). \
                  Example: {\"uri\": \"mail:///folders/Inbox\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(resource::any_resource),
    // Every list of every scheme: who can read something is shown the tool.
    scopes: ScopeRule(&[
        &["Mail.Read"],
        &["Mail.ReadBasic"],
        &["Mail.Read.Shared"],
        &["Calendars.Read"],
        &["Calendars.Read.Shared"],
        &["User.ReadBasic.All"],
        &["Files.Read"],
        &["Files.Read.All"],
        &["Sites.Read.All"],
        &["Sites.Selected"],
        &["Chat.Read"],
        &["ChatMessage.Read"],
        &["ChatMember.Read", "ChatMessage.Read"],
        &["ChannelMessage.Read.All"],
        &["MailboxFolder.Read"],
        &["MailboxItem.Read"],
        &["OnlineMeetings.Read"],
        &["OnlineMeetingTranscript.Read.All"],
        &["OnlineMeetingAiInsight.Read.All"],
        &["OnlineMeetingRecording.Read.All"],
        &["OnlineMeetingArtifact.Read.All"],
    ]),
    client_capabilities: &[],
    warm_requests: 1,
    most_requests: resource::MOST_REQUESTS,
    run: read_resource,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// As a search result gives it.
    #[serde(deserialize_with = "required_text::<_, 4000>")]
    #[schemars(example = &"mail:///folders/Inbox")]
    uri: String,
    /// Of a file or attachment: rows, 10-50; of a transcript: times, 00:10:00-00:25:00.
    #[serde(default, deserialize_with = "text::<_, 100>")]
    #[schemars(example = &"00:10:00-00:25:00")]
    range: Option<String>,
    /// Of marked-up text: markdown (default), or text without marks.
    format: Option<TextForm>,
    /// nextCursor of the same call's answer.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone; default: the user's own.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

fn read_resource<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        call.may_read(&arguments.uri)?;
        let scheme = resource::scheme_of(&arguments.uri)?;
        let part = scheme.part_of(&arguments.uri, arguments.range.as_deref())?;
        resource::require(scheme, call).await?;
        let binding = Binding::new(call.principal, READ_RESOURCE.name, &arguments);
        let cursor = arguments.cursor.as_deref();
        if let Some(cursor) = cursor {
            call.cursors.check(cursor, &binding, call.clock.now())?;
        }
        let reading = Reading {
            call,
            uri: &arguments.uri,
            zone: own_zone::known(call, arguments.time_zone.as_deref()).await?,
            cursor,
            part,
            form: arguments.format.unwrap_or_default(),
            binding,
        };
        resource::read(scheme, &reading).await
    })
}
