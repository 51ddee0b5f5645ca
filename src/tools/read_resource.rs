//! `read_resource`: one address for everything that can be read.

use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{self, required_text, text};
use super::cursor::{self, Binding};
use super::error::ToolError;
use super::mailbox::{MAIL, OwnerArgument};
use super::resource::{ResourceShape, ResourceUri, folders, messages_of, read_message};
use super::schema;
use super::tool::{Tool, ToolAnswer, ToolCall};
use super::zone::Zone;

pub(super) const READ_RESOURCE: Tool = Tool {
    name: "read_resource",
    title: "Read an item",
    description: "Reads what a uri of this connector stands for: mail:///messages/{id} (a message with its text), \
                  mail:///folders/{idOrName} (a folder's messages), mail:///folders/ (the folders). uris come from \
                  search results. Example: {\"uri\": \"mail:///folders/Inbox\"}",
    input_schema: schema::input::<Arguments>,
    output_schema: Some(schema::output::<ResourceShape>),
    scopes: MAIL,
    client_capabilities: &[],
    run: read_resource,
};

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    /// As a search result gives it.
    #[serde(deserialize_with = "required_text::<_, 4000>")]
    #[schemars(example = &"mail:///folders/Inbox")]
    uri: String,
    /// nextCursor of the previous answer, with the same other arguments.
    #[serde(default, deserialize_with = "text::<_, { cursor::LONGEST }>", skip_serializing)]
    cursor: Option<String>,
    /// IANA zone for times, such as Europe/Berlin. Default UTC.
    #[serde(default, deserialize_with = "text::<_, 64>")]
    #[schemars(example = &"Europe/Berlin")]
    time_zone: Option<String>,
}

fn read_resource<'a>(call: &'a ToolCall<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let arguments: Arguments = arguments::parse(call.arguments)?;
        let uri = ResourceUri::parse("uri", &arguments.uri)?;
        call.may_read(&arguments.uri)?;
        let zone = Zone::of_argument(arguments.time_zone.as_deref())?;
        let binding = Binding::new(call.principal, READ_RESOURCE.name, &arguments);
        let cursor = arguments.cursor.as_deref();
        let owner = uri.owner().map(OwnerArgument::in_uri);
        match &uri {
            ResourceUri::Message { id, .. } => read_message(call, id, owner, zone, cursor, &binding).await,
            ResourceUri::Folder { name, .. } => messages_of(call, name, owner, zone, cursor, &binding).await,
            ResourceUri::Folders { .. } => folders(call, owner, cursor, &binding).await,
        }
    })
}
