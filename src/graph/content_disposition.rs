//! The name that an answer gives to the file in it.
//!
//! Source: RFC 6266 (`Content-Disposition`), RFC 8187 (`filename*`).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The name that the header's `value` states; the extended form goes before the plain one. `None` where it states none, or
/// in an encoding other than UTF-8.
pub(super) fn file_name(value: &str) -> Option<Box<str>> {
    // What stands first is the type, such as `attachment`.
    let (_, parameters) = value.split_once(';')?;
    let (mut plain, mut extended) = (None, None);
    for (name, value) in Parameters(parameters) {
        if name.eq_ignore_ascii_case("filename*") {
            extended = extended.or_else(|| decoded(&value));
        } else if name.eq_ignore_ascii_case("filename") {
            plain = plain.or(Some(value));
        }
    }
    let name = extended.map_or(plain, |name| Some(Cow::Owned(name)));
    name.filter(|name| !name.is_empty()).map(|name| name.into_owned().into_boxed_str())
}

/// `UTF-8''a%20b.docx`; between the quotes may stand a language.
fn decoded(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let bytes = percent_decode_str(encoded);
    charset.eq_ignore_ascii_case("utf-8").then(|| bytes.decode_utf8().ok().map(Cow::into_owned)).flatten()
}

/// Names and values, of which each may be quoted: what is left of the header.
struct Parameters<'a>(&'a str);

impl<'a> Iterator for Parameters<'a> {
    type Item = (&'a str, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_once('=')?;
        let name = name.trim_matches(|sign: char| sign == ';' || sign.is_ascii_whitespace());
        let rest = rest.trim_start();
        let Some(quoted) = rest.strip_prefix('"') else {
            let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
            self.0 = rest;
            return Some((name, Cow::Borrowed(value.trim())));
        };
        let (value, rest) = unquoted(quoted);
        self.0 = rest;
        Some((name, Cow::Owned(value)))
    }
}

/// What stands before the closing quote, without its backslashes, and what stands behind it.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut value = String::new();
    let mut signs = quoted.char_indices();
    while let Some((place, sign)) = signs.next() {
        match sign {
            '"' => return (value, &quoted[place + 1..]),
            '\\' => value.extend(signs.next().map(|(_, escaped)| escaped)),
            sign => value.push(sign),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a file behind a link would have no name, or that of something else.
    #[rstest]
    #[case::as_sharepoint_has_it("attachment;filename*=UTF-8''Board%20paper.docx", Some("Board paper.docx"))]
    #[case::quoted("attachment; filename=\"Board; paper.docx\"", Some("Board; paper.docx"))]
    #[case::escaped(r#"attachment; filename="a \"b\".txt"; size=3"#, Some("a \"b\".txt"))]
    #[case::plain("attachment; FileName=a.txt ; size=3", Some("a.txt"))]
    #[case::both("attachment; filename=\"?.txt\"; filename*=utf-8'en'%C3%BC.txt", Some("ü.txt"))]
    #[case::both_turned("attachment; filename*=utf-8''%C3%BC.txt; filename=\"?.txt\"", Some("ü.txt"))]
    #[case::other_encoding("attachment; filename*=ISO-8859-1''%FC.txt; filename=u.txt", Some("u.txt"))]
    #[case::no_utf8("attachment; filename*=UTF-8''%FC.txt", None)]
    #[case::unclosed("attachment; filename=\"a.txt", Some("a.txt"))]
    #[case::empty("attachment; filename=\"\"", None)]
    #[case::type_alone("inline", None)]
    #[case::nothing("", None)]
    fn a_file_is_called_as_its_answer_says(#[case] value: &str, #[case] expected: Option<&str>) {
        assert_eq!(file_name(value).as_deref(), expected);
    }
}
