//! Lists and single objects below a meeting, and the filter that finds one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::meeting::{LookUp, Meeting};
use super::{Answer, Asking};
use crate::graph::odata::select::Selection;
use crate::graph::refusal::Refusal;
use crate::graph::refusal::meetings::MeetingRefusal;
use crate::graph::respond::{Entity, Object, Page, bytes};
use crate::graph::who::Who;

/// Page size where `$top` is not given.
const DEFAULT_TOP: usize = 20;
const MAX_TOP: usize = 100;

/// Reads the only filters that the service understands: one property, `eq`, one text.
pub(super) fn look_up(filter: &str) -> Option<(LookUp, String)> {
    let mut words = filter.trim().splitn(3, char::is_whitespace);
    let by = match words.next()?.to_ascii_lowercase().as_str() {
        "joinweburl" => LookUp::JoinWebUrl,
        "videoteleconferenceid" => LookUp::VideoTeleconferenceId,
        "joinmeetingidsettings/joinmeetingid" => LookUp::JoinMeetingId,
        _ => return None,
    };
    words.next().filter(|operator| operator.eq_ignore_ascii_case("eq"))?;
    let text = words.next()?.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    let is_one = !text.replace("''", "").contains('\'');
    is_one.then(|| (by, text.replace("''", "'")))
}

impl Asking<'_> {
    /// One page of what lies `within` a meeting.
    pub(super) fn collection<T>(
        &self,
        meeting: Meeting<'_>,
        within: &str,
        entries: &[T],
        names: &[&'static str],
        write: impl Fn(&T, &Selection) -> Object,
    ) -> Result<Answer, Refusal> {
        let query = &self.query;
        let selection = self.selection(names, "microsoft.graph.entity")?;
        let start = query.skip_token.as_deref().map_or(Ok(0), opened)?;
        let end = start + query.top().unwrap_or(DEFAULT_TOP).min(MAX_TOP);
        let next_link = (end < entries.len()).then(|| {
            let (base, path) = (self.request.base_url, self.request.path);
            format!("{base}{path}?{}", query.continued("skiptoken", &sealed(end)))
        });
        let page = Page {
            context: self.artifact_context(meeting, &format!("{within}{}", selection.context(names))),
            count: (start == 0).then_some(entries.len()),
            value: entries
                .iter()
                .skip(start)
                .take(end - start)
                .map(|entry| write(entry, &selection))
                .collect(),
            next_link,
        };
        Ok(Answer::here(bytes(&page)))
    }

    /// One of what lies `within` a meeting.
    pub(super) fn single(
        &self,
        meeting: Meeting<'_>,
        within: &str,
        names: &[&'static str],
        write: impl Fn(&Selection) -> Result<Object, Refusal>,
    ) -> Result<Answer, Refusal> {
        let selection = self.selection(names, "microsoft.graph.entity")?;
        let context =
            self.artifact_context(meeting, &format!("{within}{}/$entity", selection.context(names)));
        Ok(Answer::here(bytes(&Entity { context, object: write(&selection)? })))
    }

    pub(super) fn selection(
        &self,
        names: &[&'static str],
        resource: &'static str,
    ) -> Result<Selection, Refusal> {
        Selection::parse(self.query.select.as_deref(), names, resource)
    }

    /// Whether attendance records are to come along with their report.
    pub(super) fn expands_records(&self) -> Result<bool, MeetingRefusal> {
        match self.query.expand.as_deref().map(str::trim) {
            None => Ok(false),
            Some(name) if name.eq_ignore_ascii_case("attendanceRecords") => Ok(true),
            Some(_) => Err(MeetingRefusal::OptionNotSupported("$expand")),
        }
    }

    pub(super) fn context(&self, who: &Who, rest: &str) -> String {
        let user = match who {
            Who::Me => self.caller.to_string(),
            Who::Named(key) => key.clone(),
        };
        format!("{}/$metadata#users('{user}')/{rest}", self.request.base_url)
    }

    fn artifact_context(&self, meeting: Meeting<'_>, rest: &str) -> String {
        let (base, user) = (self.request.base_url, self.caller);
        format!("{base}/$metadata#users('{user}')/onlineMeetings('{}')/{rest}", meeting.id())
    }
}

fn sealed(place: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("m:{place}"))
}

fn opened(token: &str) -> Result<usize, MeetingRefusal> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix("m:")?.parse::<u32>().ok())
        .and_then(|place| usize::try_from(place).ok())
        .ok_or(MeetingRefusal::PageToken)
}
