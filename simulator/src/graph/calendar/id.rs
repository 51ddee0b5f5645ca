//! Ids of events, calendars and occurrences, shaped as Exchange's own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::graph::mail::id as item;

/// Stands between the id of a master and the day of an occurrence.
const MARK: [u8; 5] = [0x01, 0x51, 0x00, 0x08, 0x08];
/// The mark, and eight bytes of a day.
const SUFFIX: usize = MARK.len() + 8;
const EPOCH: Date = date(1601, 1, 1);

/// The id of the occurrence of a series on a day.
pub(super) fn occurrence(master: &str, day: Date) -> String {
    let mut bytes = URL_SAFE.decode(master).unwrap_or_default();
    bytes.extend_from_slice(&MARK);
    bytes.extend_from_slice(&super::recurrence::days_between(EPOCH, day).to_be_bytes());
    URL_SAFE.encode(bytes)
}

/// The id of the master, and the day where the id is that of an occurrence.
pub(super) fn taken_apart(id: &str) -> (String, Option<Date>) {
    occurrence_parts(id).map_or_else(|| (id.to_owned(), None), |(master, day)| (master, Some(day)))
}

fn occurrence_parts(id: &str) -> Option<(String, Date)> {
    let bytes = URL_SAFE.decode(id).ok()?;
    let (master, suffix) = bytes.split_at_checked(bytes.len().checked_sub(SUFFIX)?)?;
    let number = i64::from_be_bytes(suffix.strip_prefix(&MARK)?.try_into().ok()?);
    // No day of ours is further from the epoch than this.
    let day = (0..4_000_000).contains(&number).then(|| EPOCH.checked_add(number.days()).ok())??;
    let master = URL_SAFE.encode(master);
    item::is_well_formed(&master).then_some((master, day))
}

/// Whether a text could be an id at all.
pub(in crate::graph) fn is_well_formed(id: &str) -> bool {
    item::is_well_formed(id) || occurrence_parts(id).is_some()
}

/// A global object id (MS-OXOCAL, section 2.2.1.27) as upper-case hexadecimal: the same in everybody's calendar, and
/// for an occurrence with its day.
pub(super) fn global(number: u128, day: Option<Date>) -> String {
    let (year, month, day) = day.map_or((0, 0, 0), |day| (day.year(), day.month(), day.day()));
    format!(
        "040000008200E00074C5B7101A82E008{year:04X}{month:02X}{day:02X}000000000000000010000000{number:032X}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when an occurrence can't be found again by the id that it was listed under.
    #[test]
    fn an_occurrence_is_named_by_master_and_day() {
        let mut random = crate::directory::random::SplitMix64::derived(1, b"mailbox");
        let master = item::IdMaker::new(&mut random).message(3, 7);
        let day = date(2026, 11, 23);
        let id = occurrence(&master, day);
        assert_eq!(taken_apart(&id), (master.clone(), Some(day)));
        assert_eq!(taken_apart(&master), (master.clone(), None));
        assert!(is_well_formed(&id) && id.starts_with("AAMkAG") && id.len() > master.len());
        assert!(!is_well_formed("abc"));
    }
}
