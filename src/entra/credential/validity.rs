//! Until when a certificate is good: as much of X.509 as that takes (RFC 5280 section 4.1).

use connector_actors::clock::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::der::{SEQUENCE, contents, element};

const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// `notAfter` of a certificate in DER; `None` when it has none that can be read.
pub(super) fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = contents(SEQUENCE, certificate)?;
    let (signed, _) = contents(SEQUENCE, certificate)?;
    let after_version = match element(signed)? {
        (VERSION, _, rest) => rest,
        _ => signed,
    };
    let (_serial, _, rest) = element(after_version)?;
    let (_algorithm, _, rest) = element(rest)?;
    let (_issuer, _, rest) = element(rest)?;
    let (validity, _) = contents(SEQUENCE, rest)?;
    let (_not_before, _, rest) = element(validity)?;
    let (tag, time, _) = element(rest)?;
    timestamp(tag, std::str::from_utf8(time).ok()?)
}

/// RFC 5280 section 4.1.2.5: two digits of a year below 50 lie in this century.
fn timestamp(tag: u8, text: &str) -> Option<Timestamp> {
    let text = match tag {
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let time = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    let seconds = TimeZone::UTC.to_timestamp(time).ok()?.as_second();
    Some(Timestamp::from_unix_seconds(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::pem;
    use super::*;

    /// If this failed, a certificate would run out without a warning, or the warning come for nothing. The time is what
    /// `openssl x509 -enddate` says of it.
    #[test]
    fn the_end_of_a_certificate_is_read() {
        let certificate = include_str!("../testdata/client.cert.pem");
        let (_, der) = pem::first_section(certificate, &["CERTIFICATE"]).unwrap();
        let expected: jiff::Timestamp = "2126-10-30T20:58:34Z".parse().unwrap();
        let expected = Timestamp::from_unix_seconds(expected.as_second().try_into().unwrap());
        assert_eq!(not_after(&der), Some(expected));
        for cut in 0..der.len().min(200) {
            assert_eq!(not_after(&der[..cut]), None);
        }
    }

    /// If this failed, a certificate of this century would be taken for one of the last.
    #[rstest]
    #[case::this_century(UTC_TIME, "491231235959Z", Some(2_524_607_999))]
    #[case::last_century(UTC_TIME, "991231235959Z", Some(946_684_799))]
    #[case::long(GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000))]
    #[case::no_time(UTC_TIME, "soon", None)]
    #[case::other_tag(0x02, "20500101000000Z", None)]
    fn both_forms_of_a_time_are_read(#[case] tag: u8, #[case] text: &str, #[case] expected: Option<u64>) {
        assert_eq!(timestamp(tag, text), expected.map(Timestamp::from_unix_seconds));
    }
}
