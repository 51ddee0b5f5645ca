//! From when until when.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::dates::{Bound, fixed, in_order, understand};
use super::error::ToolError;
use super::own_zone;
use super::pages::Start;
use super::user_context::UserContext;
use super::zone::Zone;

/// Half open: what lies at `after` belongs to it, what lies at `before` does not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) after: Option<Timestamp>,
    pub(super) before: Option<Timestamp>,
}

/// How the arguments were understood.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Understood {
    time_zone: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

/// The arguments that a window is made of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WindowArguments<'a> {
    pub(super) after: Option<&'a str>,
    pub(super) before: Option<&'a str>,
    pub(super) time_zone: Option<&'a str>,
}

impl WindowArguments<'_> {
    /// The zone that the dates are understood in, where they mean another time in each: that is learnt before anything else.
    /// `None` where none does, and the session does not know it yet. A date that means nothing in any zone costs no request.
    /// A list that has begun goes on in its own.
    pub(super) async fn zone<P>(
        &self,
        user: &UserContext<'_>,
        start: &Start<P>,
    ) -> Result<Option<Zone>, ToolError> {
        if let Some(zone) = start.zone() {
            return Ok(Some(zone.clone()));
        }
        if self.depend_on_the_zone(start.as_of())? {
            return own_zone::of(user, self.time_zone).await.map(Some);
        }
        own_zone::known(user, self.time_zone).await
    }

    /// The same where an end that is not given lies some days of the user's from the other one.
    pub(super) async fn zone_of_both<P>(
        &self,
        user: &UserContext<'_>,
        start: &Start<P>,
    ) -> Result<Option<Zone>, ToolError> {
        let zone = self.zone(user, start).await?;
        if zone.is_some() || (self.after.is_some() && self.before.is_some()) {
            return Ok(zone);
        }
        own_zone::of(user, None).await.map(Some)
    }

    fn depend_on_the_zone(&self, as_of: Timestamp) -> Result<bool, ToolError> {
        let mut depend = false;
        for (bound, text) in [(Bound::After, self.after), (Bound::Before, self.before)] {
            let Some(text) = text else { continue };
            depend |= fixed(bound, text, as_of)?.is_none();
        }
        Ok(depend)
    }

    /// What they mean in `zone`.
    pub(super) fn within(&self, as_of: Timestamp, zone: &Zone) -> Result<Window, ToolError> {
        let time =
            |bound, text: Option<&str>| text.map(|text| understand(bound, text, as_of, zone)).transpose();
        let window =
            Window { after: time(Bound::After, self.after)?, before: time(Bound::Before, self.before)? };
        if let (Some(after), Some(before)) = (window.after, window.before) {
            in_order(after, before, zone)?;
        }
        Ok(window)
    }
}

impl Window {
    /// With the zone that it was understood in, as [`WindowArguments::zone`] has it. Seen from `start`.
    pub(super) async fn understood<P>(
        user: &UserContext<'_>,
        arguments: WindowArguments<'_>,
        start: &Start<P>,
    ) -> Result<(Self, Option<Zone>), ToolError> {
        let zone = arguments.zone(user, start).await?;
        let window = arguments.within(start.as_of(), zone.as_ref().unwrap_or(&Zone::utc()))?;
        Ok((window, zone))
    }

    /// Whether a time as Graph writes it lies within.
    pub(super) fn holds(&self, time: Option<&str>) -> bool {
        let time = time.and_then(|time| time.parse::<Timestamp>().ok());
        time.map_or(*self == Self::default(), |time| {
            self.after.is_none_or(|after| time >= after) && self.before.is_none_or(|before| time < before)
        })
    }

    /// Whether a time as Graph writes it lies before all of it.
    pub(super) fn is_behind(&self, time: Option<&str>) -> bool {
        let time = time.and_then(|time| time.parse::<Timestamp>().ok());
        self.after.zip(time).is_some_and(|(after, time)| time < after)
    }
}

impl Understood {
    pub(super) fn of(window: &Window, zone: &Zone) -> Self {
        Self {
            time_zone: zone.name(),
            after: window.after.map(|after| zone.tell(after)),
            before: window.before.map(|before| zone.tell(before)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, messages at the edge of a range would be missed, or given that were not asked for.
    #[rstest]
    #[case::at_its_start(Some("2026-11-23T10:00:00Z"), true, false)]
    #[case::at_its_end(Some("2026-11-23T12:00:00Z"), false, false)]
    #[case::before_it(Some("2026-11-23T09:59:59.999Z"), false, true)]
    #[case::no_time(None, false, false)]
    fn a_window_is_half_open(#[case] time: Option<&str>, #[case] holds: bool, #[case] is_behind: bool) {
        let at = |text: &str| text.parse().ok();
        let window = Window { after: at("2026-11-23T10:00:00Z"), before: at("2026-11-23T12:00:00Z") };
        assert_eq!((window.holds(time), window.is_behind(time)), (holds, is_behind));
        assert!(Window::default().holds(time) && !Window::default().is_behind(time));
    }
}
