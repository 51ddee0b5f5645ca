//! Days as SharePoint keeps them: it knows moments alone, and keeps a day as the midnight with which that begins in the site's
//! own zone, which version 1.0 of Graph does not tell.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// So much later it is that day in UTC too, for every zone from ten hours behind it (Honolulu) to thirteen hours and three
/// quarters before it (the Chatham Islands in summer). Farther off lie American Samoa and Niue, and Kiritimati, whose midnights
/// are those of Auckland and Honolulu: no instant is a day of all of them.
const TO_THE_DAY: SignedDuration = SignedDuration::from_mins(13 * 60 + 45);

/// Beside days that are other ones on sites of the zones that are farther off.
pub(in crate::tools) const DOUBTFUL: &str = "Some days here are right for a site in any zone from Honolulu to the Chatham \
     Islands, and a day off in what the site itself shows if it lies in American Samoa, Niue or Kiritimati, or is set to UTC-12: \
     Microsoft 365 does not tell the site's zone. If it may be there, say so, or look at the site.";

/// A day, by the instant that it is kept as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeptDay(pub(super) Timestamp);

impl KeptDay {
    pub(super) fn told(self) -> String {
        day_of(self.0).to_string()
    }

    /// Whether it is also a midnight of a zone in which another day begins with it: eleven and twelve hours behind UTC, and
    /// fourteen before it.
    pub(super) fn is_doubtful(self) -> bool {
        let time = TimeZone::UTC.to_datetime(self.0).time();
        [10, 11, 12].into_iter().any(|hour| time == jiff::civil::time(hour, 0, 0, 0))
    }
}

/// The day that is kept as this instant.
pub(super) fn day_of(kept: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(kept.saturating_add(TO_THE_DAY).unwrap_or(Timestamp::MAX)).date()
}

/// The first instant that means this day, whatever the zone: the last one comes before the first of the next day.
pub(super) fn first_instant_of(day: Date) -> Timestamp {
    let midnight = TimeZone::UTC.to_timestamp(day.into()).unwrap_or(Timestamp::MIN);
    midnight.checked_sub(TO_THE_DAY).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use rstest::rstest;

    use super::*;

    /// If this failed, a day would be told as the one before it or behind it to the users of some site, or be looked for where
    /// another is.
    #[rstest]
    #[case::honolulu("Pacific/Honolulu")]
    #[case::los_angeles("America/Los_Angeles")]
    #[case::st_johns("America/St_Johns")]
    #[case::utc("UTC")]
    #[case::berlin("Europe/Berlin")]
    #[case::kathmandu("Asia/Kathmandu")]
    #[case::auckland("Pacific/Auckland")]
    #[case::apia("Pacific/Apia")]
    #[case::chatham("Pacific/Chatham")]
    fn every_midnight_of_a_zone_is_the_day_that_it_begins(#[case] zone: &str) {
        let zone = TimeZone::get(zone).unwrap();
        let mut day = date(2026, 1, 1);
        while day < date(2027, 1, 1) {
            let kept = zone.to_timestamp(day.into()).unwrap();
            assert_eq!(day_of(kept), day, "{kept}");
            let next = day.checked_add(1.day()).unwrap();
            assert!(first_instant_of(day) <= kept && kept < first_instant_of(next), "{kept}");
            day = next;
        }
    }

    /// If this failed, a day that is another one on a site so far off would be told as certain, or every day as doubtful.
    #[rstest]
    #[case::pago_pago("Pacific/Pago_Pago", true)]
    #[case::twelve_behind("Etc/GMT+12", true)]
    #[case::kiritimati("Pacific/Kiritimati", true)]
    #[case::honolulu_shares_a_midnight_with_kiritimati("Pacific/Honolulu", true)]
    #[case::los_angeles("America/Los_Angeles", false)]
    #[case::utc("UTC", false)]
    #[case::berlin("Europe/Berlin", false)]
    #[case::sydney("Australia/Sydney", false)]
    #[case::chatham("Pacific/Chatham", false)]
    fn a_midnight_that_zones_share_is_doubtful(#[case] zone: &str, #[case] expected: bool) {
        let zone = TimeZone::get(zone).unwrap();
        for day in [date(2026, 1, 15), date(2026, 7, 15)] {
            assert_eq!(KeptDay(zone.to_timestamp(day.into()).unwrap()).is_doubtful(), expected, "{day}");
        }
    }

    /// If this failed, a day at the end of what can be told would end the call.
    #[rstest]
    #[case(Date::MIN)]
    #[case(Date::MAX)]
    fn the_ends_of_time_are_no_trouble(#[case] day: Date) {
        assert!(first_instant_of(day) <= Timestamp::MAX);
        assert!(day_of(Timestamp::MAX) <= Date::MAX && day_of(Timestamp::MIN) >= Date::MIN);
    }
}
