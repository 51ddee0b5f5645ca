//! Calendar files (RFC 5545) as people can read them: one line a property, folded lines joined, escapes undone.

/// Properties that say nothing to a reader.
const NOISE: &[&str] = &[
    "VERSION",
    "PRODID",
    "CALSCALE",
    "METHOD",
    "DTSTAMP",
    "UID",
    "SEQUENCE",
    "CREATED",
    "LAST-MODIFIED",
    "TRANSP",
    "CLASS",
    "PRIORITY",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZNAME",
];

/// One line for each property; blocks (`VEVENT`, `VTODO`) begin with their name.
pub(super) fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in unfolded(text).lines() {
        let Some((head, value)) = split(line) else { continue };
        let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
        match name.as_str() {
            "BEGIN" if !value.eq_ignore_ascii_case("VCALENDAR") => out.extend(["\n## ", value.trim(), "\n"]),
            "BEGIN" | "END" => {}
            known if NOISE.contains(&known) || known.starts_with("X-") => {}
            known => {
                out.extend([known, &parameters(head), ": ", &unescaped(value)]);
                out.push('\n');
            }
        }
    }
    out.trim().to_owned()
}

/// Lines that begin with a blank go on the line before.
fn unfolded(text: &str) -> String {
    text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
}

/// Name with its parameters, and value: a colon between quotes separates nothing.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut is_quoted = false;
    let colon = line.find(|letter: char| {
        is_quoted ^= letter == '"';
        letter == ':' && !is_quoted
    })?;
    Some((&line[..colon], &line[colon + 1..]))
}

/// The parameters that change what a value means: whose name it is, and which zone its time is in.
fn parameters(head: &str) -> String {
    let told = head.split(';').skip(1).filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        ["CN", "TZID"].iter().any(|known| name.eq_ignore_ascii_case(known)).then(|| value.trim_matches('"'))
    });
    let told: Vec<&str> = told.collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}

fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(escaped) => out.push(escaped),
                None => {}
            },
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// If this failed, an invitation in a file could not be understood.
    #[test]
    fn an_event_is_read_line_by_line() {
        let file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Berlin:20261123T\r\n 100000\r\n\
                    SUMMARY:Budget\\, again\r\nATTENDEE;CN=\"Vance: Adele\";ROLE=CHAIR:mailto:adele@contoso.example\r\n\
                    DESCRIPTION:One\\nTwo\r\nX-MS-NOISE:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let expected = "## VEVENT\nDTSTART (Europe/Berlin): 20261123T100000\nSUMMARY: Budget, again\n\
                        ATTENDEE (Vance: Adele): mailto:adele@contoso.example\nDESCRIPTION: One\nTwo";
        assert_eq!(readable(file), expected);
    }

    proptest! {
        /// If this failed, a broken calendar could take the worker down.
        #[test]
        fn no_text_takes_it_down(text in "(\\PC|[\r\n:;\"\\\\ ]){0,200}") {
            readable(&text);
        }
    }
}
