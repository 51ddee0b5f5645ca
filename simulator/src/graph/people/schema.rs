//! People as OData sees them, and what of it the directory can evaluate.

use super::Person;
use crate::graph::odata::filter::{Construct, Filter};
use crate::graph::odata::value::{Element, Kind, Value};
use crate::graph::odata::{Row, Schema};
use crate::graph::refusal::directory::DirectoryRefusal;

/// A property that may stand in `$filter` or `$orderby`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    DisplayName,
    GivenName,
    Surname,
    Mail,
    PrincipalName,
    JobTitle,
    Department,
    UserType,
    OfficeLocation,
}

impl Field {
    /// Whether `User.ReadBasic.All` shows it of others.
    pub(super) const fn is_basic(self) -> bool {
        !matches!(self, Self::JobTitle | Self::Department | Self::UserType | Self::OfficeLocation)
    }

    /// Whether a list may be sorted by it.
    pub(super) const fn is_sortable(self) -> bool {
        matches!(self, Self::DisplayName | Self::PrincipalName)
    }

    const fn has_suffix_index(self) -> bool {
        matches!(self, Self::Mail | Self::PrincipalName)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::DisplayName => "displayName",
            Self::GivenName => "givenName",
            Self::Surname => "surname",
            Self::Mail => "mail",
            Self::PrincipalName => "userPrincipalName",
            Self::JobTitle => "jobTitle",
            Self::Department => "department",
            Self::UserType => "userType",
            Self::OfficeLocation => "officeLocation",
        }
    }
}

/// Names the resource type.
pub(super) struct UserSchema;

impl Schema for UserSchema {
    type Field = Field;

    const TYPE_NAME: &'static str = "microsoft.graph.user";

    fn field(path: &str) -> Option<(Field, Kind)> {
        let field = match path.to_ascii_lowercase().as_str() {
            "id" => Field::Id,
            "displayname" => Field::DisplayName,
            "givenname" => Field::GivenName,
            "surname" => Field::Surname,
            "mail" => Field::Mail,
            "userprincipalname" => Field::PrincipalName,
            "jobtitle" => Field::JobTitle,
            "department" => Field::Department,
            "usertype" => Field::UserType,
            "officelocation" => Field::OfficeLocation,
            _ => return None,
        };
        Some((field, Kind::Text))
    }
}

/// Whether the directory can evaluate a filter. `is_advanced` says that the request has `$count=true` and wants eventual
/// consistency.
pub(super) fn is_open(filter: &Filter<Field>, is_advanced: bool) -> Result<(), DirectoryRefusal> {
    for (construct, field) in filter.constructs() {
        match construct {
            Construct::Contains | Construct::Ordering => {
                return Err(DirectoryRefusal::UnsupportedFilter(field.map_or("id", Field::name)));
            }
            Construct::EndsWith if field.is_some_and(|field| !field.has_suffix_index()) => {
                return Err(DirectoryRefusal::UnsupportedFilter(field.map_or("id", Field::name)));
            }
            Construct::EndsWith if !is_advanced => {
                return Err(DirectoryRefusal::AdvancedQuery("Operator 'endsWith'"));
            }
            Construct::NotEqual if !is_advanced => {
                return Err(DirectoryRefusal::AdvancedQuery("Operator 'ne'"));
            }
            Construct::Negation if !is_advanced => {
                return Err(DirectoryRefusal::AdvancedQuery("Operator 'not'"));
            }
            Construct::EndsWith | Construct::NotEqual | Construct::Negation => {}
        }
    }
    Ok(())
}

/// Somebody as one row of a list.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub(super) person: Person<'a>,
    id: String,
}

impl<'a> Entry<'a> {
    pub(super) fn new(person: Person<'a>) -> Self {
        Self { person, id: person.id().to_string() }
    }
}

impl Row<Field> for Entry<'_> {
    fn value(&self, field: Field) -> Value<'_> {
        match (field, self.person) {
            (Field::Id, _) => Value::Text(&self.id),
            (Field::DisplayName, person) => Value::Text(person.name()),
            (Field::Mail, person) => Value::Text(person.address()),
            (Field::PrincipalName, person) => Value::Text(person.principal_name()),
            (Field::GivenName, Person::User(user)) => Value::Text(&user.given_name),
            (Field::Surname, Person::User(user)) => Value::Text(&user.surname),
            (Field::JobTitle, Person::User(user)) => Value::Text(&user.job_title),
            (Field::Department, Person::User(user)) => Value::Text(&user.department),
            (Field::OfficeLocation, Person::User(user)) => Value::Text(&user.office),
            (Field::UserType, Person::User(user)) if user.guest.is_some() => Value::Text("Guest"),
            (Field::UserType, _) => Value::Text("Member"),
            (_, Person::Shared(_)) => Value::Null,
        }
    }

    fn elements(&self, _field: Field) -> Vec<Element<'_>> {
        Vec::new()
    }
}
