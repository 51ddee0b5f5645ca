//! `Retry-After` in every form that services have been seen to send.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

/// How the time to wait is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `7`
    Seconds,
    /// `7.128`
    Decimal,
    /// `Mon, 23 Nov 2026 18:00:07 GMT`
    Date,
    /// A word that is no time.
    Nonsense,
    /// The header is left out.
    Missing,
}

impl Form {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "seconds" => Some(Self::Seconds),
            "decimal" => Some(Self::Decimal),
            "date" => Some(Self::Date),
            "nonsense" => Some(Self::Nonsense),
            "missing" => Some(Self::Missing),
            _ => None,
        }
    }

    pub(crate) const fn tells_a_time(self) -> bool {
        matches!(self, Self::Seconds | Self::Decimal | Self::Date)
    }
}

/// A form, and the seconds that it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RetryAfter {
    pub(crate) form: Form,
    pub(crate) seconds: i64,
}

impl RetryAfter {
    /// The header's value; nothing where it is left out. `now` is the service's own time.
    pub(crate) fn value(self, now: Timestamp) -> Option<String> {
        match self.form {
            Form::Seconds => Some(self.seconds.to_string()),
            Form::Decimal => Some(format!("{}.128", self.seconds)),
            Form::Date => {
                let then = now.checked_add(SignedDuration::from_secs(self.seconds)).unwrap_or(now);
                http_date(then)
            }
            Form::Nonsense => Some("soon".to_owned()),
            Form::Missing => None,
        }
    }
}

/// A time as HTTP writes it (RFC 9110, section 5.6.7).
pub(crate) fn http_date(time: Timestamp) -> Option<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Fails when a form is not what its name says: clients are tested with another one then.
    #[rstest]
    #[case("seconds", Some("7"))]
    #[case("decimal", Some("7.128"))]
    #[case("date", Some("Mon, 23 Nov 2026 18:00:07 GMT"))]
    #[case("nonsense", Some("soon"))]
    #[case("missing", None)]
    fn every_form_is_written_as_it_is_named(#[case] form: &str, #[case] value: Option<&str>) {
        let now = "2026-11-23T18:00:00Z".parse().unwrap();
        let retry_after = RetryAfter { form: Form::parse(form).unwrap(), seconds: 7 };
        assert_eq!(retry_after.value(now).as_deref(), value);
    }
}
