//! Addresses, as the tables of `data` write them.

use percent_encoding::percent_decode_str;

/// Whether an address is the one that a table means: names in braces stand for any segment, and no name has a case.
pub(super) fn fits(wanted: &[&str], segments: &[&str]) -> bool {
    let fits = |(wanted, segment): (&&str, &&str)| {
        wanted.starts_with('{')
            || wanted.eq_ignore_ascii_case(segment)
            || (segment.contains('%')
                && percent_decode_str(segment)
                    .decode_utf8()
                    .is_ok_and(|text| wanted.eq_ignore_ascii_case(&text)))
    };
    wanted.len() == segments.len() && wanted.iter().zip(segments).all(fits)
}

/// The segments of a path, as the tables write them.
pub(super) fn canonical(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    let mut rest = path.split('/').filter(|segment| !segment.is_empty());
    while let Some(segment) = rest.next() {
        let begins =
            |name: &str| segment.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        if begins("search(") || begins("search%28") {
            segments.push("search");
            break;
        }
        if let Some(before) = segment.strip_suffix(':') {
            segments.push(before);
            // What follows is a path, up to the next colon.
            rest.by_ref().find(|segment| segment.ends_with(':'));
        } else {
            segments.push(segment.trim_end_matches("()"));
        }
    }
    let named = |place: usize, name: &str, segments: &[&str]| {
        segments.get(place).is_some_and(|segment| segment.eq_ignore_ascii_case(name))
    };
    while let Some(place) = (3..segments.len()).find(|place| named(*place - 1, "childFolders", &segments)) {
        segments.drain(place - 2..place);
    }
    let groups = segments.iter().position(|segment| segment.eq_ignore_ascii_case("calendarGroups"));
    if let Some(place) = groups.filter(|place| named(place + 2, "calendars", &segments)) {
        segments.drain(place..place + 2);
    }
    let begins_drive =
        |place: usize| named(place - 1, "drive", &segments) || (place == 2 && named(0, "drives", &segments));
    if named(0, "shares", &segments) && named(2, "root", &segments) {
        segments[2] = "driveItem";
    } else if let Some(place) =
        (2..segments.len()).find(|place| named(*place, "root", &segments) && begins_drive(*place))
    {
        segments.insert(place, "items");
    }
    segments
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// An address that is looked up under another name is closed to everybody, and takes what it does not know.
    #[rstest]
    #[case("/me/mailFolders/a/childFolders/b/childFolders/c/messages", "me/mailFolders/c/messages")]
    #[case("/me/mailFolders/a/childFolders", "me/mailFolders/a/childFolders")]
    #[case("/users/u/calendarGroups/g/calendars/c/events", "users/u/calendars/c/events")]
    #[case("/me/drive/root", "me/drive/items/root")]
    #[case("/drives/d/root:/a/b.txt:/children", "drives/d/items/root/children")]
    #[case("/drives/d/items/i:/b.txt:/content", "drives/d/items/i/content")]
    #[case("/me/drive/root/search(q='a/b')", "me/drive/items/root/search")]
    #[case("/me/drive/recent()", "me/drive/recent")]
    #[case("/sites/h:/sites/a:/drive/root:/b", "sites/h/drive/items/root")]
    #[case("/sites/root/lists", "sites/root/lists")]
    #[case("/sites/root/drive/root/children", "sites/root/drive/items/root/children")]
    #[case("/shares/u!x/root/content", "shares/u!x/driveItem/content")]
    #[case(
        "/admin/exchange/mailboxes/m/folders/f/childFolders",
        "admin/exchange/mailboxes/m/folders/f/childFolders"
    )]
    #[case(
        "/teams/t/channels/19:c@thread.tacv2/messages/delta()",
        "teams/t/channels/19:c@thread.tacv2/messages/delta"
    )]
    fn an_address_has_one_form(#[case] path: &str, #[case] expected: &str) {
        assert_eq!(canonical(path).join("/"), expected);
    }
}
