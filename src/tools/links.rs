//! Addresses in text that others wrote: what a program would follow becomes what a person can still read.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr3_iter};

use crate::many_bytes::every_two;
use crate::policy::LinkTreatment;

/// What stands where an address was.
const REMOVED: &str = "[link removed]";
/// How often a text is gone over again.
const ROUNDS: usize = 8;
/// In bytes: no scheme is longer.
const LONGEST_SCHEME: usize = 24;

/// An address in a text, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link {
    begin: usize,
    /// Behind the scheme with its colon and slashes.
    host: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `https://host`, and every other scheme with an authority.
    Address,
    /// `www.host` or `//host`, which gets its scheme from where it stands.
    Bare,
    /// A scheme that is a program or a document itself (`javascript:`, `data:`).
    Active,
    /// `&colon;` and its like, which a reader of markup takes for the sign itself.
    Reference,
}

/// `text` with its addresses treated, and how many there were; `None` where there are none to treat. What runs by
/// itself (`javascript:`, `data:`) is never kept.
pub(super) fn treat(text: &str, treatment: LinkTreatment) -> Option<(String, u32)> {
    let (mut treated, mut count) = treat_once(text, treatment)?;
    // What is left of one address can look like another: rarely, and less with each round.
    for _ in 0..ROUNDS {
        let Some((again, more)) = treat_once(&treated, treatment) else { break };
        treated = again;
        count += more;
    }
    Some((treated, count))
}

fn treat_once(text: &str, treatment: LinkTreatment) -> Option<(String, u32)> {
    let mut links = find(text);
    if treatment == LinkTreatment::Keep {
        links.retain(|link| matches!(link.kind, Kind::Active | Kind::Reference));
    }
    if links.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len() + links.len() * 8);
    let (mut at, mut count) = (0, 0_u32);
    for link in links {
        // One that begins in the host of another has gone with it.
        if link.begin < at {
            continue;
        }
        out.push_str(&text[at..link.begin]);
        at = match (treatment, link.kind) {
            (_, Kind::Active) => active(text, link, &mut out),
            (_, Kind::Reference) => {
                out.push_str("&amp;");
                link.host
            }
            (LinkTreatment::Strip, _) => {
                out.push_str(REMOVED);
                link.host + end_of_address(&text[link.host..])
            }
            (LinkTreatment::Defang | LinkTreatment::Keep, _) => defang(text, link, &mut out),
        };
        count += 1;
    }
    out.push_str(&text[at..]);
    Some((out, count))
}

fn active(text: &str, link: Link, out: &mut String) -> usize {
    out.push_str(text[link.begin..link.host].trim_end_matches([':', '\\']));
    out.push_str("[:]");
    link.host
}

/// Writes the address so that nothing follows it, and gives where the text goes on.
fn defang(text: &str, link: Link, out: &mut String) -> usize {
    let scheme = text[link.begin..link.host].trim_end_matches([':', '/', '\\']);
    match (link.kind, scheme.to_ascii_lowercase().as_str()) {
        (Kind::Bare, _) => out.push_str(&text[link.begin..link.host]),
        (_, "http") => out.push_str("hxxp://"),
        (_, "https") => out.push_str("hxxps://"),
        (_, "ftp") => out.push_str("fxp://"),
        (_, _) => {
            out.push_str(scheme);
            out.push_str("[:]//");
        }
    }
    let end = link.host + end_of_host(&text[link.host..]);
    for character in text[link.host..end].chars() {
        // Browsers take these for full stops in a host, too.
        if matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}') {
            out.push_str("[.]");
        } else {
            out.push(character);
        }
    }
    end
}

/// The address that [`treat`] has made `text` of where addresses are defanged, letter for letter but for the case of its scheme.
/// `None` where it is no such address, or not it alone.
pub(super) fn restored(text: &str) -> Option<String> {
    let schemes = [("hxxps://", "https://"), ("hxxp://", "http://")];
    let (scheme, rest) =
        schemes.iter().find_map(|(defanged, scheme)| Some((scheme, text.strip_prefix(defanged)?)))?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    let address = format!("{scheme}{}{path}", host.replace("[.]", "."));
    let (again, _) = treat(&address, LinkTreatment::Defang)?;
    (again == text && !text.contains(char::is_whitespace)).then_some(address)
}

fn end_of_host(text: &str) -> usize {
    text.find(|character: char| {
        character.is_whitespace()
            || matches!(
                character,
                '/' | '?' | '#' | '\\' | '<' | '>' | '"' | '\'' | '(' | ')' | '[' | ']' | '|' | '`'
            )
    })
    .unwrap_or(text.len())
}

fn end_of_address(text: &str) -> usize {
    text.find(|character: char| {
        character.is_whitespace()
            || matches!(character, '<' | '>' | '"' | '\'' | '(' | ')' | '[' | ']' | '|' | '`')
    })
    .unwrap_or(text.len())
}

/// How an address may begin: where no two bytes side by side are such, there is none. A colon with a blank behind it begins
/// none but a script's, which ends with a `t`.
#[expect(clippy::needless_bitwise_bool, reason = "a way out in the middle would keep bytes apart")]
pub(super) const fn may_begin(first: u8, second: u8) -> bool {
    let scheme = (first == b':') & (second > b' ') | (first | 0x20 == b't') & (second == b':');
    let slashes = (first == b'/') & (second == b'/') | (first == b'\\') | (second == b'\\');
    let reference = (first == b'&') & (second > b' ');
    let www = (first | 0x20 == b'w') & (second | 0x20 == b'w');
    scheme | slashes | reference | www
}

/// In the order in which they stand. Most texts have none, and cost one look at their bytes.
fn find(text: &str) -> Vec<Link> {
    if every_two(text.as_bytes(), |first, second| !may_begin(first, second)) {
        return Vec::new();
    }
    find_one_by_one(text)
}

fn find_one_by_one(text: &str) -> Vec<Link> {
    let bytes = text.as_bytes();
    let signs = memchr3_iter(b':', b'\\', b'&', bytes).chain(memchr_iter(b'/', bytes));
    let signs = signs.filter_map(|at| match bytes[at] {
        b':' => with_scheme(text, at),
        b'&' => reference(text, at),
        _ => without_scheme(text, at),
    });
    let stops = memchr_iter(b'.', bytes).filter_map(|at| bare(text, at));
    let mut links: Vec<Link> = signs.chain(stops).collect();
    links.sort_unstable_by_key(|link| link.begin);
    links
}

/// The address whose scheme ends with the colon at `colon`.
fn with_scheme(text: &str, colon: usize) -> Option<Link> {
    let bytes = text.as_bytes();
    // Markup takes `\:` for a colon.
    let end = text[..colon].trim_end_matches('\\').len();
    let from = end.saturating_sub(LONGEST_SCHEME);
    let length = bytes[from..end]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        .count();
    let begin = end - length;
    let scheme = text.get(begin..end)?;
    let is_one_of = |names: &[&str]| names.iter().any(|name| scheme.eq_ignore_ascii_case(name));
    let after = &bytes[colon + 1..];
    if is_one_of(&["javascript", "vbscript"]) || (is_one_of(&["data"]) && is_media_type(after)) {
        return Some(Link { begin, host: colon + 1, kind: Kind::Active });
    }
    let slashes = slashes(after);
    let is_address = match slashes {
        // Browsers forgive missing slashes behind their own schemes, and such that lean the other way.
        0 => is_one_of(&["http", "https"]) && text[colon + 1..].starts_with(char::is_alphanumeric),
        1 => is_one_of(&["http", "https"]),
        _ => scheme.len() > 1,
    };
    if !is_address || is_one_of(&["hxxp", "hxxps", "fxp"]) || is_own(scheme, after) {
        return None;
    }
    Some(Link { begin, host: colon + 1 + slashes, kind: Kind::Address })
}

fn slashes(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count()
}

/// An address of this connector's own, such as `mail:///`: nothing but the connector follows it. One slash more, and it
/// is a machine's.
fn is_own(scheme: &str, after: &[u8]) -> bool {
    after.starts_with(b"///") && slashes(after) == 3 && super::uri::is_scheme(&scheme.to_ascii_lowercase())
}

/// `data:text/html,` and `data:,`, but not `data: the figures`.
fn is_media_type(after: &[u8]) -> bool {
    let word = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    after.get(word).is_some_and(|byte| match byte {
        b'/' => word > 0,
        b',' | b';' => true,
        _ => false,
    })
}

/// The host that is known by how it begins: `www` before the full stop at `stop`.
fn bare(text: &str, stop: usize) -> Option<Link> {
    let begin = stop.checked_sub(3)?;
    if !text.as_bytes()[begin..stop].eq_ignore_ascii_case(b"www") {
        return None;
    }
    let before = text[..begin].chars().next_back();
    let is_word =
        before.is_some_and(|character| character.is_alphanumeric() || matches!(character, '/' | '.' | '@'));
    let follows = text[stop + 1..].chars().next().is_some_and(char::is_alphanumeric);
    (follows && !is_word).then_some(Link { begin, host: begin, kind: Kind::Bare })
}

/// `//host.example` at `slash`, where markup would take it for an address; whichever way the slashes lean.
fn without_scheme(text: &str, slash: usize) -> Option<Link> {
    let (before, from_here) = text.split_at(slash);
    let slashes = slashes(from_here.as_bytes());
    if slashes < 2 || before.ends_with(['/', '\\']) {
        return None;
    }
    let opens = before.trim_end().ends_with(['(', '<', '"', '\'', '=', ':']);
    let host = &from_here[slashes..];
    let host = &host[..end_of_host(host)];
    let is_host = host.contains('.') && host.starts_with(char::is_alphanumeric);
    (opens && is_host).then_some(Link { begin: slash, host: slash + slashes, kind: Kind::Bare })
}

/// The character reference at `ampersand`, where it stands for a sign of addresses, or for one that is passed over in them.
fn reference(text: &str, ampersand: usize) -> Option<Link> {
    let name = &text[ampersand + 1..];
    let is_sign = match name.strip_prefix('#') {
        Some(number) => {
            let (digits, radix) = match number.strip_prefix(['x', 'X']) {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
            u32::from_str_radix(&digits[..end], radix)
                .is_ok_and(|sign| matches!(sign, 9 | 10 | 13 | 47 | 58 | 92))
        }
        None => ["colon;", "sol;", "bsol;", "Tab;", "NewLine;"].iter().any(|known| name.starts_with(known)),
    };
    is_sign.then_some(Link { begin: ampersand, host: ampersand + 1, kind: Kind::Reference })
}

/// The same for a text that may be borrowed.
pub(super) fn treat_cow(text: Cow<'_, str>, treatment: LinkTreatment) -> (Cow<'_, str>, u32) {
    match treat(&text, treatment) {
        Some((treated, count)) => (Cow::Owned(treated), count),
        None => (text, 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn treated(text: &str, treatment: LinkTreatment) -> String {
        treat(text, treatment).map_or_else(|| text.to_owned(), |(treated, _)| treated)
    }

    /// If this failed, content could make a client fetch something, or a person could not read where a link leads.
    #[rstest]
    #[case::plain("see https://evil.example/a?b=c.", "see hxxps://evil[.]example/a?b=c.")]
    #[case::capitals("HTTPS://EVIL.example", "hxxps://EVIL[.]example")]
    #[case::markdown("[a](https://evil.example/x)", "[a](hxxps://evil[.]example/x)")]
    #[case::image("![a](http://evil.example/x.png?d=1)", "![a](hxxp://evil[.]example/x.png?d=1)")]
    #[case::reference("[1]: https://evil.example", "[1]: hxxps://evil[.]example")]
    #[case::no_scheme("![a](//evil.example/x)", "![a](//evil[.]example/x)")]
    #[case::one_slash("https:/evil.example", "hxxps://evil[.]example")]
    #[case::backslashes("https:\\\\evil.example", "hxxps://evil[.]example")]
    #[case::bare("www.evil.example/x", "www[.]evil[.]example/x")]
    #[case::other_scheme("ms-word://evil.example", "ms-word[:]//evil[.]example")]
    #[case::script("javascript:alert(1)", "javascript[:]alert(1)")]
    #[case::script_behind_a_blank("javascript: alert(1)", "javascript[:] alert(1)")]
    #[case::script_on_the_next_line("javascript:\nalert(1)", "javascript[:]\nalert(1)")]
    #[case::script_to_come("see vbscript:", "see vbscript[:]")]
    #[case::data("data:text/html,<b>", "data[:]text/html,<b>")]
    #[case::wide_stop("https://evil\u{3002}example", "hxxps://evil[.]example")]
    #[case::nested("https://a.example/?u=https://b.example", "hxxps://a[.]example/?u=hxxps://b[.]example")]
    #[case::user("https://contoso.com@evil.example", "hxxps://contoso[.]com@evil[.]example")]
    #[case::escaped_colon("![x](https\\://evil.example/p)", "![x](hxxps://evil[.]example/p)")]
    #[case::escaped_script("javascript\\:alert(1)", "javascript[:]alert(1)")]
    #[case::colon_by_name("[x](https&colon;//evil.example)", "[x](https&amp;colon;//evil.example)")]
    #[case::colon_by_number("javascript&#x03A;a&#58;b", "javascript&amp;#x03A;a&amp;#58;b")]
    #[case::blank_before("![x]( //evil.example/p)", "![x]( //evil[.]example/p)")]
    #[case::definition("[1]: //evil.example/p", "[1]: //evil[.]example/p")]
    #[case::slashes_that_lean("![x](/\\evil.example/p)", "![x](/\\evil[.]example/p)")]
    #[case::escaped_slashes("![x](\\/\\/evil.example)", "![x](\\/\\/evil[.]example)")]
    #[case::backslashes_alone("<\\\\evil.example\\x>", "<\\\\evil[.]example\\x>")]
    #[case::no_slash_at_all("![x](http:evil.example/p.png)", "![x](hxxp://evil[.]example/p.png)")]
    #[case::machine_by_file("file:////evil.example/share", "file[:]//evil[.]example/share")]
    #[case::mixed_case("wWw.evil.example", "wWw[.]evil[.]example")]
    #[case::no_links(
        "at 10:30, data: none // well, C:\\x, mail:///messages/A",
        "at 10:30, data: none // well, C:\\x, mail:///messages/A"
    )]
    fn addresses_are_made_harmless(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(treated(text, LinkTreatment::Defang), expected);
    }

    /// If this failed, an address that was handed back as it was given would lead to nothing, or to another place.
    #[rstest]
    #[case::of_a_meeting(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_A%40thread.v2/0?context=%7b%22Tid%22%3a%22a.b%22%7d",
        true
    )]
    #[case::host_alone("http://a.b.example", true)]
    #[case::port("https://a.example:8443/x[.]y", true)]
    #[case::machine_by_number("https://[::1]/a", true)]
    #[case::two_of_them("https://a.example https://b.example", false)]
    #[case::within_a_text("at https://a.example", false)]
    #[case::of_no_browser("ftp://a.example", false)]
    fn a_defanged_address_is_restored(#[case] address: &str, #[case] is_restored: bool) {
        let expected = is_restored.then(|| address.to_owned());
        assert_eq!(restored(&treated(address, LinkTreatment::Defang)), expected);
        assert_eq!(restored(address), None, "it is as it was");
    }

    /// If this failed, a tenant's own choice would not hold, or would let scripts through.
    #[rstest]
    #[case(LinkTreatment::Keep, "a https://b.example/c javascript[:]d")]
    #[case(LinkTreatment::Strip, "a [link removed] javascript[:]d")]
    fn a_tenant_chooses_what_becomes_of_addresses(#[case] treatment: LinkTreatment, #[case] expected: &str) {
        assert_eq!(treated("a https://b.example/c javascript:d", treatment), expected);
    }

    /// What a reader of markup makes of it.
    fn unescaped(text: &str) -> String {
        let mut read = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
            if let Some(sign) = escaped.filter(char::is_ascii_punctuation) {
                read.push(sign);
                rest = &rest[2..];
                continue;
            }
            let known = [("&colon;", ':'), ("&#58;", ':'), ("&#x3a;", ':'), ("&sol;", '/'), ("&#47;", '/')];
            let reference = known.into_iter().find(|(name, _)| rest.starts_with(name));
            let (length, sign) =
                reference.map_or((first.len_utf8(), first), |(name, sign)| (name.len(), sign));
            read.push(sign);
            rest = &rest[length..];
        }
        read.to_lowercase()
    }

    proptest! {
        /// If this failed, an address would be overlooked at the first look, and live.
        #[test]
        fn the_first_look_overlooks_no_address(
            text in r"(https?|javascript|vbscript|data|text/html|www|W|\.|x|\(| |\n|:|&|#58;|colon;|/|\\|;|,|ß|語|evil){0,9}",
        ) {
            prop_assert_eq!(find(&text), find_one_by_one(&text));
        }

        /// If this failed, an address could be written so that this reader misses it and another one follows it.
        #[test]
        fn no_way_of_writing_hides_an_address(
            text in r"(https?|javascript|ftp|file|x|\(|\]\(| |:|\\:|&colon;|&#58;|&#x3a;|/|\\/|\\|&sol;|&#47;|evil\.example|a){0,14}",
        ) {
            let read = unescaped(&treated(&text, LinkTreatment::Defang));
            let read = read.replace("hxxps://", "").replace("hxxp://", "").replace("fxp://", "");
            for live in ["http://e", "https://e", "ftp://e", "javascript:", "https:/e", "http:e", "(//evil.", "( //evil."] {
                // Within a word it is another scheme.
                let is_live = |at: usize| !read[..at].ends_with(|before: char| before.is_alphanumeric());
                let found = read.match_indices(live).any(|(at, _)| is_live(at));
                prop_assert!(!found, "{live} in {read}, made of {text}");
            }
        }

        /// If this failed, some address would survive, or each reading would change the text again.
        #[test]
        fn nothing_is_left_to_treat(text in "(https?:|www\\.|//|[a-z.:/\\\\()<> \u{3002}]|javascript:|\\PC){0,30}") {
            for treatment in [LinkTreatment::Defang, LinkTreatment::Strip] {
                let once = treated(&text, treatment);
                prop_assert_eq!(find(&once), Vec::new(), "{}", once);
            }
        }
    }
}
