//! Just enough of CSS to know whether text can be seen.

/// Declarations of one element, lower case, without comments, with escapes resolved; the last of a name counts.
#[derive(Debug, Default, Clone)]
pub(super) struct Declarations(Vec<(String, String)>);

impl Declarations {
    pub(super) fn parse(text: &str) -> Self {
        Self::of_plain(&plain(text))
    }

    fn of_plain(text: &str) -> Self {
        let declarations = text.split(';').filter_map(|declaration| {
            let (name, value) = declaration.split_once(':')?;
            let value = value.split('!').next().unwrap_or_default();
            Some((name.trim().to_owned(), value.trim().to_owned()))
        });
        Self(declarations.collect())
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The number that a value begins with, without its unit.
    pub(super) fn number(&self, name: &str) -> Option<f32> {
        let value = self.value(name)?;
        let end = value
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
            .unwrap_or(value.len());
        value[..end].parse().ok()
    }

    /// `more` counts where both say something.
    pub(super) fn extend(&mut self, more: &Self) {
        self.0.extend(more.0.iter().cloned());
    }
}

/// Lower case, comments gone, escapes resolved.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '/']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
        } else if let Some(escaped) = rest.strip_prefix('\\') {
            let digits = escaped.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
            let (code, after) = escaped.split_at(digits);
            if let Some(character) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
                out.push(character);
                rest = after.strip_prefix(' ').unwrap_or(after);
            } else {
                rest = escaped;
            }
        } else {
            out.push('/');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.to_lowercase()
}

/// What rules of a document's style sheets say of single classes, ids and tags.
#[derive(Debug, Default)]
pub(super) struct Sheet(Vec<(Selector, Declarations)>);

#[derive(Debug, PartialEq, Eq)]
enum Selector {
    Class(String),
    Id(String),
    Tag(String),
}

impl Sheet {
    /// More rules than any mail needs.
    const MOST_RULES: usize = 500;

    pub(super) fn add(&mut self, css: &str) {
        let css = plain(css);
        // Rules inside of a rule (`@media`) count as if they stood alone: they may hold for this reader.
        for rule in css.split('}') {
            let Some((selectors, declarations)) = rule.rsplit_once('{') else { continue };
            let selectors = selectors.rsplit(['{', ';']).next().unwrap_or_default();
            let declarations = Declarations::of_plain(declarations);
            for selector in selectors.split(',').filter_map(Selector::parse) {
                if self.0.len() < Self::MOST_RULES {
                    self.0.push((selector, declarations.clone()));
                }
            }
        }
    }

    pub(super) fn declarations(&self, tag: &str, class: Option<&str>, id: Option<&str>) -> Declarations {
        let mut found = Declarations::default();
        for (selector, declarations) in &self.0 {
            let is_meant = match selector {
                Selector::Class(name) => class
                    .is_some_and(|class| class.split_whitespace().any(|one| one.eq_ignore_ascii_case(name))),
                Selector::Id(name) => id.is_some_and(|id| id.eq_ignore_ascii_case(name)),
                Selector::Tag(name) => tag == name,
            };
            if is_meant {
                found.extend(declarations);
            }
        }
        found
    }
}

impl Selector {
    /// The last part of a selector, where it is a simple one.
    fn parse(text: &str) -> Option<Self> {
        let last = text.split_whitespace().next_back()?;
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        };
        match last.split_once(['.', '#']) {
            None => is_name(last).then(|| Self::Tag(last.to_owned())),
            Some((_, name)) if is_name(name) && last.contains('.') => Some(Self::Class(name.to_owned())),
            Some((_, name)) if is_name(name) => Some(Self::Id(name.to_owned())),
            Some(_) => None,
        }
    }
}
