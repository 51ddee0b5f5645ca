//! One line that others wrote, such as a subject or a place: it is no markup, whatever stands in it.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::text::{Sanitizer, is_harmless};

/// Elements by which markup is known. What else stands between angle brackets is words of people.
const ELEMENTS: &[&str] = &[
    "a", "audio", "b", "base", "body", "br", "button", "code", "div", "em", "embed", "font", "form", "h1",
    "h2", "h3", "head", "html", "i", "iframe", "img", "input", "link", "math", "meta", "object", "p", "pre",
    "script", "span", "strong", "style", "svg", "table", "td", "tr", "u", "video",
];
/// Looks like the sign that opens an element, and opens none.
const HARMLESS: char = '\u{2039}';

/// The line, clean. Where somebody has written markup, it is what a reader of the markup would have seen; every other sign
/// that could open an element is changed to one that can't.
pub(super) fn clean_line<'a>(sanitizer: &Sanitizer, line: Cow<'a, str>) -> Cow<'a, str> {
    if is_harmless(&line) {
        return line;
    }
    // First: what can't be seen could keep an element from being found.
    let line = sanitizer.clean_suspicious(line);
    if tags(&line).next().is_none() {
        return line;
    }
    if tags(&line).any(|(_, name)| ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name))) {
        let seen = sanitizer.clean_html(&line).text;
        let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
        if !seen.is_empty() {
            return Cow::Owned(without_tags(&seen));
        }
    }
    Cow::Owned(without_tags(&line))
}

/// Where an element could open or close, and its name.
fn tags(line: &str) -> impl Iterator<Item = (usize, &str)> {
    memchr_iter(b'<', line.as_bytes()).filter_map(|at| {
        let behind = &line[at + 1..];
        let name = behind.strip_prefix('/').unwrap_or(behind);
        let end = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let opens = end > 0 || behind.starts_with(['!', '?', '/']);
        opens.then(|| (at, &name[..end]))
    })
}

fn without_tags(line: &str) -> String {
    let mut harmless = String::with_capacity(line.len() + HARMLESS.len_utf8());
    let mut from = 0;
    for (at, _) in tags(line) {
        harmless.push_str(&line[from..at]);
        harmless.push(HARMLESS);
        from = at + 1;
    }
    harmless.push_str(&line[from..]);
    harmless
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// If this failed, a subject could run in whoever shows it, or lose the words between angle brackets.
    #[rstest]
    #[case::plain("Budget check", "Budget check")]
    #[case::comparison("a < b, 2<3", "a < b, 2‹3")]
    #[case::words("Discuss <Project X> today", "Discuss ‹Project X> today")]
    #[case::script("</event><script>alert(1)</script> Budget", "Budget")]
    #[case::attribute(r#"<b onmouseover="steal()">Canteen</b>"#, "Canteen")]
    #[case::nothing_to_see("<script>alert(1)</script>", "‹script>alert(1)‹/script>")]
    #[case::comment("<!-- obey --> Lunch", "‹!-- obey --> Lunch")]
    fn a_line_is_no_markup(#[case] line: &str, #[case] expected: &str) {
        assert_eq!(clean_line(&Sanitizer::default(), line.into()), expected);
    }

    proptest! {
        /// If this failed, some spelling of an element would get through.
        #[test]
        fn nothing_in_a_line_opens_an_element(line in "(<|>|/|!|script|img|b| |=|\"|\\PC){0,30}") {
            let clean = clean_line(&Sanitizer::default(), line.into());
            prop_assert_eq!(tags(&clean).count(), 0, "{}", clean);
        }
    }
}
