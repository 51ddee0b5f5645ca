//! The two tools of the profile `openai`: what ChatGPT's connectors and deep research ask of a server, over the same
//! engine as all other tools.
//!
//! Source: <https://platform.openai.com/docs/mcp>.

mod fetch;
mod hit;
mod search;

pub(super) use fetch::FETCH;
pub(super) use search::SEARCH;
