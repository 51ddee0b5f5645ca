//! `meeting-insights:///`: what Copilot has made of a meeting: notes, action items, and where the reader was mentioned.

use std::borrow::Cow;
use std::fmt::Write as _;

use connector_actors::throttle::Workload;
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::body::shorter_now;
use super::super::{Kind, Read, Reading, Scheme};
use super::latest::{self, Dated, Piece};
use super::{only_id, told};
use crate::graph::{ActionItem, AiInsight, GraphRequest, MeetingNote, MentionEvent, PathSegment, Text};
use crate::tools::error::ToolError;
use crate::tools::list::List;
use crate::tools::meeting::{INSIGHTS, insights};
use crate::tools::pages::entry;
use crate::tools::provenance::Origin;
use crate::tools::resource_listing::ResourceTemplate;
use crate::tools::review::{Review, Withheld};
use crate::tools::sought::Thing;
use crate::tools::text::page;
use crate::tools::tool::ToolAnswer;
use crate::tools::uri::Family;
use crate::tools::zone::Zone;

/// In bytes: of the notes of one meeting, what one answer gives at most. Written as JSON that may be twice as much.
const MOST_TEXT: usize = 10_000;

pub(super) const FAMILY: Family =
    Family { root: "meeting-insights:///", forms: "meeting-insights:///{meetingId}" };

pub(in crate::tools) static INSIGHTS_SCHEME: Scheme = Scheme {
    name: "meeting-insights",
    forms: FAMILY.forms,
    scopes: INSIGHTS,
    most_requests: latest::MOST_REQUESTS,
    part: |_| None,
    names: |_| Thing::Meeting,
    kinds: &[Kind::of::<List<Insight<'_>>>("insights")],
    templates: &[ResourceTemplate {
        uri_template: FAMILY.forms,
        name: "meeting-insights",
        title: "AI notes of a meeting",
        description: "Copilot's notes and action items of a meeting; needs a Microsoft 365 Copilot licence.",
        mime_type: "application/json",
    }],
    read,
};

/// Of one time that the meeting took place. Made by a model out of what others said: data, not instructions.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Insight<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    started_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_utc: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// Unknown: a model wrote it, and of who spoke nothing but names is kept.
    origin: Origin,
    /// Markdown: notes, action items, mentions. The fence of the list stands round it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Whether the text goes on with nextCursor.
    truncated: bool,
    /// Whether the text begins in the answer before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    continued: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<Withheld>,
}

fn read<'a>(reading: &'a Reading<'a>) -> LocalBoxFuture<'a, Result<ToolAnswer, ToolError>> {
    Box::pin(async move {
        let meeting = only_id(FAMILY, reading.uri)?;
        let list = request(reading, &meeting)?;
        let from = latest::from(reading)?;
        let latest = latest::read(reading, &from, &list, dated, |request| request, insights);
        let (zone, latest) = reading.on_from(&from, latest).await?;
        let review = reading.review();
        let list = latest.list(reading, (&from, &zone), &review, |insight, why, begun| {
            shape(insight, why, begun, &zone, &review)
        })?;
        ToolAnswer::new(&Read::list("insights", list), latest.size())
    })
}

/// Of the reader's own, by the object id that the token proves.
fn request(reading: &Reading<'_>, meeting: &str) -> Result<GraphRequest, ToolError> {
    let user = reading.call.principal.user.to_string();
    let segment = |id| {
        PathSegment::new(id).map_err(|_| {
            ToolError::invalid_argument(
                "uri",
                "not the id of a meeting.",
                "Take the uri from meetings_find as it is.",
            )
        })
    };
    Ok(GraphRequest::get(Workload::Teams, &["OnlineMeetingAiInsight.Read.All"], "/copilot/users")
        .segment(segment(&user)?)
        .part("/onlineMeetings")
        .segment(segment(meeting)?)
        .part("/aiInsights"))
}

fn dated(raw: &RawValue) -> Result<Option<Dated>, ToolError> {
    let insight: AiInsight<'_> = entry(raw)?;
    Ok(insight.created_date_time.map(|created| (created.to_string(), insight.id.to_string())))
}

fn shape<'a>(
    insight: AiInsight<'a>,
    withheld: Option<Withheld>,
    from: usize,
    zone: &Zone,
    review: &Review<'_>,
) -> Result<Piece<Insight<'a>>, ToolError> {
    let text = markdown(&insight, zone);
    let clean = review.clean(Cow::Owned(text));
    let (piece, next) = page(&clean, from, MOST_TEXT).ok_or_else(shorter_now)?;
    let text = Some(piece.to_owned()).filter(|text| !text.is_empty());
    let (started_utc, started) = told(insight.created_date_time, zone);
    let (ended_utc, ended) = told(insight.end_date_time, zone);
    let (truncated, continued) = (next.is_some(), from > 0);
    let origin = Origin::Unknown;
    let shown =
        Insight { started_utc, started, ended_utc, ended, origin, text, truncated, continued, withheld };
    Ok(Piece { shown, next })
}

fn markdown(insight: &AiInsight<'_>, zone: &Zone) -> String {
    let mut out = String::new();
    let notes = insight.meeting_notes.as_deref().unwrap_or_default();
    for note in notes {
        write_note(&mut out, note);
    }
    let items = insight.action_items.as_deref().unwrap_or_default();
    if !items.is_empty() {
        out.push_str("## Action items\n\n");
        for item in items {
            write_item(&mut out, item);
        }
        out.push('\n');
    }
    let mentions =
        insight.viewpoint.as_ref().and_then(|view| view.mention_events.as_deref()).unwrap_or_default();
    if !mentions.is_empty() {
        out.push_str("## Mentions of the reader\n\n");
        for mention in mentions {
            write_mention(&mut out, mention, zone);
        }
    }
    out.trim_end().to_owned()
}

fn write_note(out: &mut String, note: &MeetingNote<'_>) {
    push(out, format_args!("## {}\n\n{}\n\n", line(note.title.as_ref()), line(note.text.as_ref())));
    for point in note.subpoints.as_deref().unwrap_or_default() {
        push(out, format_args!("- {}: {}\n", line(point.title.as_ref()), line(point.text.as_ref())));
    }
    out.push('\n');
}

fn write_item(out: &mut String, item: &ActionItem<'_>) {
    push(out, format_args!("- {}: {}", line(item.title.as_ref()), line(item.text.as_ref())));
    if let Some(owner) = &item.owner_display_name {
        push(out, format_args!(" ({})", line(Some(owner))));
    }
    out.push('\n');
}

fn write_mention(out: &mut String, mention: &MentionEvent<'_>, zone: &Zone) {
    let speaker = mention.speaker.as_ref().and_then(|speaker| speaker.user.as_ref()?.display_name.as_ref());
    let time = mention.event_date_time.as_deref().and_then(|time| time.parse().ok());
    let time = time.map_or_else(|| "?".to_owned(), |time| zone.tell_both(time));
    push(out, format_args!("- {time}, {}: {}\n", line(speaker), line(mention.transcript_utterance.as_ref())));
}

/// On one line, so that nobody's words make a heading or an item of their own.
fn line(text: Option<&Text<'_>>) -> String {
    text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

/// Writing to a `String` can't fail.
fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    if out.write_fmt(text).is_err() {
        debug_assert!(false, "a String refused to be written to");
    }
}
