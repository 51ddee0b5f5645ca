//! The two tools of the profile `openai`: what ChatGPT's connectors and deep research ask of a server, over the same
//! engines as all other tools.
//!
//! The contract names what stands in an answer, `results` of `id`, `title` and `url`, and rules nothing out beside it.
//! Source: <https://platform.openai.com/docs/mcp>.

mod fetch;
mod found;
mod search;
mod source;

pub(super) use fetch::FETCH;
pub(super) use search::SEARCH;
