//! Resources as MCP's clients read them: the same reading as `read_resource`, with the uri alone.

use futures_util::future::LocalBoxFuture;
use serde_json::value::to_raw_value;

use super::content::{Content, ResourceBody, ResourceContents};
use super::error::{InternalError, ToolError};
use super::read_resource::READ_RESOURCE;
use super::resource::{TEMPLATES, scheme_of};
use super::resource_listing::{ListedResource, Resources};
use super::tool::{ToolAnswer, ToolCall};
use super::user_context::UserContext;
use crate::policy::{Decision, Question};

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
    templates: TEMPLATES,
    read: read_for_client,
    most_requests: |uri| scheme_of(uri).ok().map(|scheme| scheme.most_requests),
};

/// For `resources/read`: the same as `read_resource` with the uri alone.
fn read_for_client<'a>(
    uri: &'a str,
    user: &'a UserContext<'a>,
) -> LocalBoxFuture<'a, Result<Vec<ResourceContents>, ToolError>> {
    Box::pin(async move {
        if user.decide(&Question::UseTool { name: READ_RESOURCE.name }) != Decision::Allow {
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
            let text = String::from_utf8(json.into_vec()).map_err(|_| InternalError::Serialisation)?;
            let structured = resource("application/json".into(), ResourceBody::Text(text.into()));
            std::iter::once(structured).chain(beside.into_iter().map(block)).collect()
        }
        ToolAnswer::Blocks(blocks) => blocks.into_iter().map(block).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::resource::SCHEMES;
    use crate::tools::resource_listing::ResourceTemplate;
    use crate::tools::uri;

    /// If this failed, a scheme could be read by nobody whom the tool is shown to, or would be missing for clients.
    #[test]
    fn every_scheme_is_opened_by_the_tool_and_has_its_templates() {
        assert_eq!(SCHEMES.len(), TEMPLATES.len());
        let names: Vec<&str> = SCHEMES.iter().map(|scheme| scheme.name).collect();
        assert_eq!(names, uri::SCHEMES);
        for (scheme, templates) in SCHEMES.iter().zip(TEMPLATES) {
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
}
