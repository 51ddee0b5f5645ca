//! The parts of a transcript: a transcription may be stopped and started again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::super::body::changed;
use super::transcript_list::{Made, OPENED_BY};
use crate::graph::{ContentForm, GraphError, GraphRequest, PathSegment, Wanted};
use crate::tools::error::ToolError;
use crate::tools::meeting::{SpokenRange, forbids_speakers, meeting_request, transcripts, written};
use crate::tools::pages::in_time;
use crate::tools::sought::{Sought, Thing};
use crate::tools::text_form::TextForm;
use crate::tools::tool::ToolCall;
use crate::tools::uri::transcript_uri_of;
use crate::tools::zone::Zone;

/// In bytes: of one transcript. An hour of speech is about 100 KiB.
const MOST_TEXT: usize = 8 * 1024 * 1024;
/// By one part, with a second try.
const USUALLY_TAKEN: Duration = Duration::from_secs(2);

/// Those of one occurrence, in the order in which they were made.
pub(super) struct Parts {
    /// Those that came.
    came: Vec<Came>,
    missing: Vec<Missing>,
    /// Whether all that came say who speaks.
    pub(super) has_speakers: bool,
}

struct Came {
    place: usize,
    made: Made,
    text: String,
}

/// A part that did not come.
#[derive(Debug)]
struct Missing {
    id: String,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Why {
    Gone,
    TooLarge,
    Refused,
    NotNow,
}

impl Why {
    fn of(error: &GraphError) -> Self {
        match error {
            GraphError::NotFound { .. } => Self::Gone,
            GraphError::TooLarge { .. } => Self::TooLarge,
            error if error.is_passing() => Self::NotNow,
            _ => Self::Refused,
        }
    }

    /// With what helps. `uri` is the part's own.
    fn told(self, uri: &str) -> String {
        match self {
            Self::Gone => "Microsoft 365 lists it and does not find it.".to_owned(),
            Self::TooLarge => "it is larger than the 8 MiB that are read of one.".to_owned(),
            Self::Refused => {
                format!("Microsoft 365 did not give it. Read by its own uri, {uri}, it says why.")
            }
            Self::NotNow => format!(
                "Microsoft 365 did not give it just now. Read it by its own uri, {uri}, or read this one again later."
            ),
        }
    }
}

/// A part of a text that has begun: it goes on with those that had come, and without those that had not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Begun {
    id: String,
    missing: Option<Why>,
}

/// Those of `all` that a text was begun with. Refuses where one is not among them any more.
pub(super) fn begun_with(all: &[Made], begun: &[Begun]) -> Result<Vec<Made>, ToolError> {
    let made = begun.iter().map(|part| all.iter().find(|made| made.id == part.id).cloned());
    made.collect::<Option<_>>().ok_or_else(other_parts_now)
}

fn other_parts_now() -> ToolError {
    changed("a part of the transcript is not there any more.")
}

/// Reads what was said in each of `made`. `begun` are those of a text that has begun: what had come of them has to come now,
/// since the text would be another one without it.
pub(super) async fn read(
    call: &ToolCall<'_>,
    meeting: &str,
    made: &[Made],
    range: Option<SpokenRange>,
    begun: Option<&[Begun]>,
) -> Result<Parts, ToolError> {
    let mut parts = Parts { came: Vec::new(), missing: Vec::new(), has_speakers: true };
    let count = made.len();
    let (mut refused, may_miss) = (None, begun.is_none() && count > 1);
    for (place, made) in made.iter().enumerate() {
        let missed =
            begun.into_iter().flatten().find(|part| part.id == made.id).and_then(|part| part.missing);
        if let Some(why) = missed {
            parts.missing.push(Missing { id: made.id.clone(), why });
            continue;
        }
        let content = content(call, meeting, &made.id);
        let answer = if may_miss { within_share(call, count - place, content).await } else { content.await };
        match answer {
            Ok((vtt, has_speakers)) => {
                parts.has_speakers &= has_speakers;
                parts.came.push(Came { place, made: made.clone(), text: written(&vtt, range) });
            }
            // What has come is worth giving.
            Err(error) if may_miss && !error.ends_the_call() => {
                parts.missing.push(Missing { id: made.id.clone(), why: Why::of(&error) });
                // Of several what passes, which is worth another try.
                if error.is_passing() || refused.is_none() {
                    refused = Some(error);
                }
            }
            Err(GraphError::NotFound { .. }) if begun.is_some() => return Err(other_parts_now()),
            Err(error) => return Err(explained(error)),
        }
    }
    match refused {
        Some(error) if parts.came.is_empty() => Err(explained(error)),
        _ => Ok(parts),
    }
}

/// Of the transcript: the event and the meeting are there.
fn explained(error: GraphError) -> ToolError {
    Sought::new("uri", Thing::Transcript).explain(transcripts(error))
}

/// What `asked` gives in its share of the time that is left for so many parts: a slow one leaves to each of the others what one
/// usually takes, or as much as it has had itself.
async fn within_share<T>(
    call: &ToolCall<'_>,
    parts: usize,
    asked: impl Future<Output = Result<T, GraphError>>,
) -> Result<T, GraphError> {
    let (left, parts) = (call.graph.remaining(), u32::try_from(parts).unwrap_or(u32::MAX));
    let for_others = USUALLY_TAKEN.saturating_mul(parts.saturating_sub(1));
    let share = left.saturating_sub(for_others).max(left / parts.max(1));
    let answer = in_time(call, timeout(share, asked)).await.and_then(Result::ok);
    answer.unwrap_or(Err(GraphError::DeadlineExceeded))
}

impl Parts {
    /// What the text goes on with: those of `made`, in their order.
    pub(super) fn begun(&self, made: &[Made]) -> Vec<Begun> {
        let why = |id: &str| self.missing.iter().find(|missing| missing.id == id).map(|missing| missing.why);
        made.iter().map(|made| Begun { id: made.id.clone(), missing: why(&made.id) }).collect()
    }

    /// The first that came, and the last.
    pub(super) fn ends(&self) -> Option<(&Made, &Made)> {
        self.came.first().zip(self.came.last()).map(|(first, last)| (&first.made, &last.made))
    }

    /// In bytes.
    pub(super) fn size(&self) -> usize {
        self.came.iter().map(|part| part.text.len()).sum()
    }

    pub(super) fn withhold(&mut self) {
        for part in &mut self.came {
            part.text.clear();
        }
    }

    /// All texts, where there are several parts each under a heading.
    pub(super) fn written(&self, form: TextForm, zone: &Zone) -> String {
        let mark = if form == TextForm::Markdown { "## " } else { "" };
        let is_one = self.came.len() + self.missing.len() == 1;
        let mut text = String::with_capacity(self.came.iter().map(|part| part.text.len() + 64).sum());
        for Came { place, made, text: part } in &self.came {
            if !is_one {
                let heading = format!("{mark}Part {}, from {}\n", place + 1, zone.tell_both(made.start));
                text.push_str(&heading);
            }
            text.extend([part, "\n"]);
        }
        text
    }

    /// What is to be said of those of `made` that are missing.
    pub(super) fn lacking(&self, meeting: &str, made: &[Made], zone: &Zone) -> Vec<String> {
        let missing = self.missing.iter().filter_map(|missing| {
            let place = made.iter().position(|made| made.id == missing.id)?;
            let why = missing.why.told(&transcript_uri_of(meeting, &missing.id));
            Some(format!("Part {}, from {}, is missing: {why}", place + 1, zone.tell_both(made[place].start)))
        });
        missing.collect()
    }
}

/// The content, and whether it says who speaks: where the tenant forbids that, it is asked for without.
async fn content(call: &ToolCall<'_>, meeting: &str, id: &str) -> Result<(String, bool), GraphError> {
    let request = request(meeting, id).map_err(|_| GraphError::Unintelligible)?.part("/content");
    let wanted = Wanted { limit: MOST_TEXT, range: None };
    call.progress.step("Reading what was said.");
    let (answer, has_speakers) = match call.graph.fetch(&request, wanted).await {
        Err(error) if forbids_speakers(&error) => {
            (call.graph.fetch(&request.form(ContentForm::UnattributedTranscript), wanted).await, false)
        }
        answer => (answer, true),
    };
    Ok((String::from_utf8_lossy(&answer?.bytes).into_owned(), has_speakers))
}

/// `/me/onlineMeetings/{meeting}/transcripts/{id}`.
pub(super) fn request(meeting: &str, id: &str) -> Result<GraphRequest, ToolError> {
    let id = PathSegment::new(id).map_err(|_| {
        ToolError::invalid_argument(
            "uri",
            "not the id of a transcript.",
            "Take the uri from an answer as it is.",
        )
    })?;
    Ok(meeting_request(OPENED_BY, meeting)?.part("/transcripts").segment(id))
}
