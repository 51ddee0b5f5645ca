//! Whether an answer is harmless: whoever shows it, renders it or follows what stands in it does nothing that its reader
//! did not want.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::Value;
use url::Url;

/// This connector's own uris, which nothing but the connector follows.
const OWN_SCHEMES: &[&str] = &[
    "mail",
    "mailbox",
    "calendar",
    "meeting",
    "meeting-transcript",
    "meeting-insights",
    "meeting-recordings",
    "meeting-attendance",
    "teams",
    "user",
    "file",
    "site",
    "list",
    "page",
    "share",
];

/// Where Microsoft's own links for people lead: to files, Teams and Outlook.
const MICROSOFT: &[&str] = &["sharepoint.example", "teams.microsoft.com", "outlook.office365.com"];

/// Unicode's `Default_Ignorable_Code_Point`, and what turns the direction of writing.
const UNSEEN: &[(u32, u32)] = &[
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x61c, 0x61c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x202a, 0x202e),
    (0x2060, 0x206f),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfff8),
    (0x1bca0, 0x1bca3),
    (0x1d173, 0x1d17a),
    (0xe0000, 0xe0fff),
];

/// What others write freely, by the names of the members that hold it. What something is called stands in no fence.
const WRITTEN: &[&str] =
    &["text", "location", "description", "topic", "preview", "event", "jobTitle", "officeLocation"];

/// The one oracle: an answer that is none of an error, in which all that others wrote stands in fences and nothing is alive
/// or unseen. Says how many texts were looked at.
pub(crate) fn assert_harmless(answer: &Value) -> usize {
    assert_ne!(answer["isError"], true, "{answer}");
    let mirrored = answer["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {answer}"));
    let mirror: Value = serde_json::from_str(mirrored).unwrap();
    assert_fenced(mirrored, fences_of(&answer["structuredContent"]));
    assert_dead(&answer["structuredContent"]) + assert_dead(&mirror)
}

/// The same of anything else that a client is given: how many texts were looked at.
pub(crate) fn assert_dead(value: &Value) -> usize {
    let mut found = Vec::new();
    texts(value, &mut found);
    for text in &found {
        assert_eq!(danger(text), None, "{}: {value}", text.escape_debug());
    }
    found.len()
}

/// So many fences one behind the other, all with the number of this answer, and no other mark of one.
fn assert_fenced(mirrored: &str, fences: usize) {
    let marks: Vec<&str> =
        mirrored.split('⟦').skip(1).map(|behind| behind.split_once('⟧').unwrap_or_default().0).collect();
    let number = marks.first().and_then(|mark| mark.strip_prefix("untrusted content "));
    let number = number.unwrap_or_default();
    let (opening, closing) =
        (format!("untrusted content {number}"), format!("end of untrusted content {number}"));
    let expected: Vec<&str> = (0..fences).flat_map(|_| [&*opening, &*closing]).collect();
    assert_eq!(marks, expected, "{mirrored}");
    assert_eq!(mirrored.matches('⟧').count(), marks.len(), "{mirrored}");
}

/// How many fences `value` holds: round the items of each list, round the columns of an item of a list that is read alone,
/// and round each other text that others write freely.
pub(crate) fn fences_of(value: &Value) -> usize {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(values) => return values.iter().map(fences_of).sum(),
        _ => return 0,
    };
    let mut fences = 0;
    for (name, member) in members {
        fences += match member {
            Value::Array(items) if name == "items" && !items.is_empty() => {
                assert_between(value, ["fence", "items", "itemsEnd"])
            }
            Value::Object(columns) if name == "columns" && !columns.is_empty() => {
                assert_between(value, ["columnFence", "columns", "columnsEnd"])
            }
            Value::String(text) if WRITTEN.contains(&name.as_str()) => fences_of_text(text, value),
            below => fences_of(below),
        };
    }
    fences
}

/// The one that `text` stands in. Of what has no text of its own OpenAI's clients get the facts as one.
fn fences_of_text(text: &str, within: &Value) -> usize {
    if within.get("metadata").is_some()
        && let Ok(facts @ Value::Object(_)) = serde_json::from_str(text)
    {
        return fences_of(&facts);
    }
    let is_fenced = text.starts_with("⟦untrusted content ") && text.ends_with('⟧');
    assert!(is_fenced, "{text} stands outside: {within}");
    1
}

/// The times of columns, under the columns' names: these stand in the fence as well.
const TIMES: &str = "columnTimes";

/// One fence, whose marks stand round a member in the order in which they are written and in that of their names.
fn assert_between(value: &Value, names: [&str; 3]) -> usize {
    let [opening, _, closing] = names;
    assert!(value[opening].as_str().is_some_and(|mark| mark.starts_with("⟦untrusted")), "{value}");
    assert!(value[closing].as_str().is_some_and(|mark| mark.starts_with("⟦end of")), "{value}");
    let members: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let around: Vec<&str> = members.range(opening..=closing).copied().filter(|name| *name != TIMES).collect();
    assert_eq!(around, names, "{value}");
    1
}

/// Every text in `value`, but Graph's own links for people.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => {
            let written = members.iter().filter(|(name, member)| !is_graphs_own_link(name, member));
            written.for_each(|(_, member)| texts(member, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `webUrl`, which OpenAI's clients know as `url`, where it leads to Microsoft.
fn is_graphs_own_link(name: &str, member: &Value) -> bool {
    let url =
        member.as_str().filter(|_| ["webUrl", "url"].contains(&name)).and_then(|url| Url::parse(url).ok());
    let Some(url) = url else { return false };
    let host = url.host_str().unwrap_or_default();
    let is_below =
        |domain: &&str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    url.scheme() == "https" && url.username().is_empty() && MICROSOFT.iter().any(is_below)
}

/// What of a text is alive, or can't be seen; as it stands, and as a reader of markup reads it.
fn danger(text: &str) -> Option<String> {
    let unseen = |letter: &char| {
        let number = u32::from(*letter);
        UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&number))
            || letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
    };
    if let Some(letter) = text.chars().find(unseen) {
        return Some(letter.escape_unicode().to_string());
    }
    alive(text).or_else(|| alive(&as_markup(text)))
}

/// The first sign that something would be followed, fetched or run. Slashes that lean the other way are slashes to browsers.
fn alive(text: &str) -> Option<String> {
    let mut text = text.to_lowercase().replace('\\', "/");
    for scheme in OWN_SCHEMES {
        text = text.replace(&format!("{scheme}:////"), "!:////").replace(&format!("{scheme}:///"), "own/");
    }
    for defanged in ["hxxp://", "hxxps://", "fxp://"] {
        text = text.replace(defanged, "");
    }
    let signs = ["://", "javascript:", "vbscript:", "data:text", "<script"];
    let sign = signs.into_iter().find(|sign| text.contains(sign)).map(str::to_owned);
    sign.or_else(|| address_without_slashes(&text)).or_else(|| host_without_scheme(&text))
}

/// `http:host`, `https:/host` and `www.host`.
fn address_without_slashes(text: &str) -> Option<String> {
    let begins = |sign: &'static str, follows: fn(char) -> bool| {
        text.match_indices(sign).find_map(|(at, _)| {
            let goes_on = text[at + sign.len()..].starts_with(follows);
            let is_word =
                text[..at].ends_with(|before: char| before.is_alphanumeric() || "/.@".contains(before));
            (goes_on && !is_word).then(|| text[at..].chars().take(40).collect())
        })
    };
    let starts_a_host = |letter: char| letter.is_alphanumeric() || letter == '/';
    begins("http:", starts_a_host)
        .or_else(|| begins("https:", starts_a_host))
        .or_else(|| begins("www.", char::is_alphanumeric))
}

/// `//host.example` where markup takes it for an address: behind what opens one, with blanks between them or none.
fn host_without_scheme(text: &str) -> Option<String> {
    text.match_indices("//").find_map(|(at, _)| {
        let opens = text[..at].trim_end().ends_with(['(', '<', '"', '\'', '=', ':']);
        let host = text[at..].trim_start_matches('/');
        let end = host.find(|letter: char| !(letter.is_alphanumeric() || ".-".contains(letter)));
        let host = &host[..end.unwrap_or(host.len())];
        (opens && host.trim_end_matches('.').contains('.')).then(|| host.to_owned())
    })
}

/// What a reader of Markdown and HTML makes of a text: a sign that is escaped, or written by name or number, is the sign.
fn as_markup(text: &str) -> String {
    const NAMES: &[(&str, char)] = &[
        ("amp;", '&'),
        ("colon;", ':'),
        ("sol;", '/'),
        ("bsol;", '\\'),
        ("period;", '.'),
        ("lpar;", '('),
        ("lt;", '<'),
        ("Tab;", '\t'),
        ("NewLine;", '\n'),
    ];
    let mut read = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let (sign, length) = match first {
            '\\' => behind.chars().next().filter(char::is_ascii_punctuation).map(|sign| (sign, 1)),
            '&' => match behind.strip_prefix('#') {
                Some(number) => numbered(number).map(|(sign, length)| (sign, length + 1)),
                None => NAMES
                    .iter()
                    .find(|(name, _)| behind.starts_with(name))
                    .map(|(name, sign)| (*sign, name.len())),
            },
            _ => None,
        }
        .unwrap_or((first, 0));
        // Browsers pass over these in addresses.
        if length == 0 || !matches!(sign, '\t' | '\n' | '\r') {
            read.push(sign);
        }
        rest = &behind[length..];
    }
    read
}

/// The sign whose number this begins with, and how long that is.
fn numbered(text: &str) -> Option<(char, usize)> {
    let (digits, radix) = text.strip_prefix(['x', 'X']).map_or((text, 10), |digits| (digits, 16));
    let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
    let sign = char::from_u32(u32::from_str_radix(&digits[..end], radix).ok()?)?;
    let length = text.len() - digits.len() + end;
    Some((sign, length + usize::from(text[length..].starts_with(';'))))
}

/// If this failed, an attack could survive and nobody would see it.
#[rstest]
#[case::plain("see https://evil.example", true)]
#[case::escaped("![x](https\\://evil.example)", true)]
#[case::by_name("[x](https&colon;//evil.example)", true)]
#[case::by_number("[x](https&#x3a;&#47;/evil.example)", true)]
#[case::blank("![x]( //evil.example)", true)]
#[case::leaning("![x](/\\evil.example)", true)]
#[case::escaped_slashes("![x](\\/\\/evil.example)", true)]
#[case::no_slash("![x](http:evil.example)", true)]
#[case::machine("file:////evil.example/share", true)]
#[case::backslashes("<\\\\evil.example\\x>", true)]
#[case::mixed_case("wWw.evil.example", true)]
#[case::script("javascript&#58;alert(1)", true)]
#[case::unseen("a\u{1bca0}b", true)]
#[case::unseen_special("a\u{fff0}b", true)]
#[case::defanged("hxxps://evil[.]example, www[.]evil[.]example, //evil[.]example", false)]
#[case::name_of_a_name("https&amp;colon;//evil.example", false)]
#[case::own("file:///b%21x/01A and mail:///folders/Inbox", false)]
#[case::words("at 10:30, C:\\x // well", false)]
fn what_is_alive_is_seen(#[case] text: &str, #[case] is_alive: bool) {
    assert_eq!(danger(text).is_some(), is_alive, "{:?}", danger(text));
}

/// If this failed, a link of an attacker's would pass for one of Graph's.
#[rstest]
#[case::file("webUrl", "https://larkmoor-my.sharepoint.example/personal/a", true)]
#[case::known_to_openai("url", "https://teams.microsoft.com/l/chat/1", true)]
#[case::other_member("name", "https://larkmoor.sharepoint.example/a", false)]
#[case::elsewhere("webUrl", "https://evil.example/a", false)]
#[case::lookalike("webUrl", "https://evilsharepoint.example/a", false)]
#[case::suffix_inside("webUrl", "https://larkmoor.sharepoint.example.evil.example/a", false)]
#[case::user("webUrl", "https://larkmoor.sharepoint.example@evil.example/a", false)]
#[case::script("webUrl", "javascript:alert(1)", false)]
fn a_link_of_graphs_leads_to_microsoft(#[case] member: &str, #[case] link: &str, #[case] is_graphs: bool) {
    let mut found = Vec::new();
    let value = serde_json::json!({ member: link });
    texts(&value, &mut found);
    assert_eq!(found.is_empty(), is_graphs, "{found:?}");
}
