//! Content as the protocol carries it: blocks of tool answers and prompts, and what a resource holds.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// One block of an answer (MCP 2026-07-28, "Tool Result").
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Content {
    Text {
        text: Cow<'static, str>,
    },
    /// `data` is base64.
    Image {
        data: Cow<'static, str>,
        mime_type: Cow<'static, str>,
    },
    /// `data` is base64.
    Audio {
        data: Cow<'static, str>,
        mime_type: Cow<'static, str>,
    },
    Resource {
        resource: ResourceContents,
    },
}

/// What stands behind a URI.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceContents {
    pub uri: Cow<'static, str>,
    pub mime_type: Cow<'static, str>,
    #[serde(flatten)]
    pub body: ResourceBody,
}

/// Text, or bytes in base64.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceBody {
    Text(Cow<'static, str>),
    Blob(Cow<'static, str>),
}

/// Without what it holds.
impl fmt::Debug for Content {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text { .. } => "Text",
            Self::Image { .. } => "Image",
            Self::Audio { .. } => "Audio",
            Self::Resource { .. } => "Resource",
        })
    }
}

/// Without what it holds.
impl fmt::Debug for ResourceBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text(_) => "Text",
            Self::Blob(_) => "Blob",
        })
    }
}

/// Without what it holds, or where that stands.
impl fmt::Debug for ResourceContents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ResourceContents").field("mime_type", &self.mime_type).finish_non_exhaustive()
    }
}
