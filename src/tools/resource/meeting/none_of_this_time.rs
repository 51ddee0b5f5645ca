//! Where a meeting has no transcript of the time that is meant.

use super::transcript_list::{self, Made};
use crate::tools::error::{About, ErrorCode, ToolError};
use crate::tools::meeting::Occurrence;
use crate::tools::pages::Ending;
use crate::tools::zone::Zone;

/// Times that are named where none fits.
const NAMED_TIMES: usize = 10;

/// The meeting is there, and none of its transcripts that were looked at is of the time that is meant.
pub(super) struct NoneOfThisTime {
    pub(super) planned: Occurrence,
    /// Those that were looked at.
    pub(super) all: Vec<Made>,
    /// How looking at them ended.
    pub(super) ending: Ending,
    /// The meeting's id.
    pub(super) meeting: String,
}

impl NoneOfThisTime {
    pub(super) fn told(&self, zone: &Zone) -> ToolError {
        let time = zone.tell_both(self.planned.start);
        let why = match (latest_of(&self.all, zone), &self.ending) {
            (None, _) => "the meeting has no transcripts at all: nobody switched transcription on, or they were deleted."
                .to_owned(),
            (Some(latest), Ending::Complete) => format!(
                "nobody switched transcription on at {time}, or it was deleted. The meeting's latest transcripts are of {latest}."
            ),
            (Some(latest), _) => format!(
                "Microsoft 365 lists more transcripts than one answer may look through, and none of the first {} is of \
                 {time}. The latest of these are of {latest}.",
                self.all.len()
            ),
        };
        ToolError::new(
            ErrorCode::NotFound,
            About::argument("uri"),
            "There is no transcript of this time of the meeting.",
            why,
            "the meeting's organizer",
            format!("Ask the organizer, or take another one of {}.", transcript_list::uri(&self.meeting)),
        )
    }
}

/// When the latest of them began, the last one first; Graph's order is its own.
fn latest_of(all: &[Made], zone: &Zone) -> Option<String> {
    let mut starts: Vec<_> = all.iter().map(|made| made.start).collect();
    starts.sort_unstable_by(|left, right| right.cmp(left));
    let told: Vec<String> = starts.iter().take(NAMED_TIMES).map(|start| zone.tell_both(*start)).collect();
    Some(told.join(", ")).filter(|told| !told.is_empty())
}
