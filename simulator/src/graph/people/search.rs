//! `$search` on people: quoted clauses `"property:value"`, joined by `AND` and `OR`.
//!
//! The display name is cut into words, and a clause finds it when each of its words begins one of them, in any order.
//! Every other property is found by its beginning alone.

use super::Person;
use crate::graph::refusal::directory::DirectoryRefusal;

/// Clauses joined by `OR`, each of them clauses joined by `AND`, which binds closer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Search(Vec<Vec<Clause>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    property: Property,
    /// In lower case.
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Property {
    DisplayName,
    GivenName,
    Surname,
    Mail,
    PrincipalName,
}

impl Search {
    pub(super) fn parse(search: &str) -> Result<Self, DirectoryRefusal> {
        let mut either = vec![Vec::new()];
        let mut rest = search.trim();
        loop {
            let (clause, after) = quoted(rest)?;
            if let Some(every) = either.last_mut() {
                every.push(Clause::parse(&clause)?);
            }
            rest = after.trim_start();
            if rest.is_empty() {
                return Ok(Self(either));
            }
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            match word {
                "AND" => {}
                "OR" => either.push(Vec::new()),
                _ => return Err(DirectoryRefusal::SearchSyntax("AND or OR was expected after a clause")),
            }
            rest = after.trim_start();
        }
    }

    pub(super) fn finds(&self, person: Person<'_>) -> bool {
        self.0.iter().any(|every| every.iter().all(|clause| clause.finds(person)))
    }
}

/// Reads a clause in quotation marks, within which a backslash keeps the next letter as it is.
fn quoted(text: &str) -> Result<(String, &str), DirectoryRefusal> {
    let Some(inside) = text.strip_prefix('"') else {
        return Err(DirectoryRefusal::SearchSyntax("a clause must stand in quotation marks"));
    };
    let mut clause = String::new();
    let mut letters = inside.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return Ok((clause, &inside[place + 1..])),
            '\\' => clause.extend(letters.next().map(|(_, kept)| kept)),
            other => clause.push(other),
        }
    }
    Err(DirectoryRefusal::SearchSyntax("a quotation mark is missing"))
}

impl Clause {
    fn parse(clause: &str) -> Result<Self, DirectoryRefusal> {
        let (name, value) = clause
            .split_once(':')
            .ok_or(DirectoryRefusal::SearchSyntax("a clause must name a property and a value"))?;
        let property = match name.trim().to_ascii_lowercase().as_str() {
            "displayname" => Property::DisplayName,
            "givenname" => Property::GivenName,
            "surname" => Property::Surname,
            "mail" => Property::Mail,
            "userprincipalname" => Property::PrincipalName,
            _ => return Err(DirectoryRefusal::UnsearchableProperty(name.to_owned())),
        };
        let value = value.trim().to_lowercase();
        if value.is_empty() {
            return Err(DirectoryRefusal::SearchSyntax("the value of a clause is empty"));
        }
        Ok(Self { property, value })
    }

    fn finds(&self, person: Person<'_>) -> bool {
        let begins = |text: &str| text.to_lowercase().starts_with(&self.value);
        match (self.property, person) {
            (Property::DisplayName, _) => {
                let found = words(person.name());
                words(&self.value).iter().all(|word| found.iter().any(|known| known.starts_with(word)))
            }
            (Property::Mail, _) => begins(person.address()),
            (Property::PrincipalName, _) => begins(person.principal_name()),
            (Property::GivenName, Person::User(user)) => begins(&user.given_name),
            (Property::Surname, Person::User(user)) => begins(&user.surname),
            (Property::GivenName | Property::Surname, Person::Shared(_)) => false,
        }
    }
}

/// The words of a name in lower case: cut at spaces and signs, between a small and a capital letter, and between letters
/// and digits.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let turns = (before.is_lowercase() && letter.is_uppercase())
            || (before.is_alphabetic() && letter.is_numeric())
            || (before.is_numeric() && letter.is_alphabetic());
        if !letter.is_alphanumeric() || turns {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails when a name is cut otherwise than the directory's index does it.
    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words("Kofi Mensah-Adjei"), ["kofi", "mensah", "adjei"]);
        assert_eq!(words("HelloWorld42x"), ["hello", "world", "42", "x"]);
        assert_eq!(words("山口 遥"), ["山口", "遥"]);
    }

    /// Fails when `AND` stops binding closer than `OR`, or an escaped quotation mark ends a clause.
    #[test]
    fn clauses_are_joined() {
        let search = Search::parse(r#""displayName:a\"b" AND "mail:c" OR "surname:d""#);
        let shape: Vec<Vec<String>> = search
            .map(|search| search.0)
            .unwrap_or_default()
            .into_iter()
            .map(|every| every.into_iter().map(|clause| clause.value).collect())
            .collect();
        assert_eq!(shape, [vec!["a\"b", "c"], vec!["d"]]);
    }
}
