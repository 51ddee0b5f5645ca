//! The error for a folder that is not there, with the names that are.

use super::level::{LOOKED_AT, Level};
use crate::tools::completeness::State;
use crate::tools::error::{About, ErrorCode, MODEL, ToolError};
use crate::tools::line::quoted;

/// Names that an error lists.
const CANDIDATES: usize = 30;

const NO_SUCH_NAME: &str =
    "no folder at the top level, below the inbox, or at that place of the path has this name.";

/// The names that were there instead.
pub(super) struct Candidates {
    /// One more than are told, at most.
    names: Vec<String>,
    completeness: State,
}

impl Default for Candidates {
    fn default() -> Self {
        Self { names: Vec::new(), completeness: State::Complete }
    }
}

impl Candidates {
    /// `above` is the path of the level, empty for the top one.
    pub(super) fn add(&mut self, level: &Level, above: &str) {
        let room = (CANDIDATES + 1).saturating_sub(self.names.len());
        let folders = level.folders.iter().take(room);
        self.names.extend(folders.map(|folder| quoted(&folder.below(above))));
        if level.completeness == State::Partial {
            self.completeness = State::Partial;
        }
    }
}

pub(super) fn not_found(argument: &'static str, name: &str, candidates: &Candidates) -> ToolError {
    let how = if candidates.names.is_empty() {
        "List the folders with outlook_list_folders and use a name or uri from there.".to_owned()
    } else {
        let more = if candidates.names.len() > CANDIDATES { ", …" } else { "" };
        let known =
            candidates.names.iter().take(CANDIDATES).map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("Folders there: {known}{more}. outlook_list_folders with recursive true shows all.")
    };
    ToolError::new(
        ErrorCode::NotFound,
        About::argument(argument),
        format!("There is no mail folder {}.", quoted(name)),
        match candidates.completeness {
            State::Complete => NO_SUCH_NAME.to_owned(),
            State::Partial => {
                format!(
                    "{NO_SUCH_NAME} Of a level, no more than its first {LOOKED_AT} folders were looked at."
                )
            }
        },
        MODEL,
        how,
    )
}
