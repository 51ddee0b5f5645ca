//! To whom people report, and what of it comes along with a profile: `$expand=manager`.

use serde_json::json;

use super::profile::{TYPE_NAME, names};
use super::{Asking, Person};
use crate::directory::User;
use crate::graph::odata::expand;
use crate::graph::odata::select::Selection;
use crate::graph::refusal::Refusal;
use crate::graph::refusal::directory::DirectoryRefusal;
use crate::graph::respond::Object;

/// The longest chain that `$levels` may ask for.
const MOST_LEVELS: usize = 1_000;

/// How much of the chain of managers is asked for. None comes along unless it is.
#[derive(Debug)]
pub(super) struct Chain {
    /// Managers above each other, at most.
    levels: usize,
    /// What is told of each.
    selection: Selection,
}

impl<'a> Asking<'a> {
    /// To whom somebody reports: the last member of a tenant leads all others.
    pub(super) fn manager_of(&self, person: Person<'_>) -> Option<Person<'a>> {
        let manager = self.tenant.users.iter().rfind(|user| user.guest.is_none());
        let is_led = |manager: &&User| {
            manager.id != person.id() && matches!(person, Person::User(user) if user.guest.is_none())
        };
        manager.filter(is_led).map(Person::User)
    }

    /// What is asked for of the managers of one person.
    pub(super) fn chain(&self) -> Result<Option<Chain>, Refusal> {
        let Some(expand) = self.query.expand.as_deref() else { return Ok(None) };
        let unknown = || Refusal::UnknownSelected { property: expand.to_owned(), resource: TYPE_NAME };
        let expansions = expand::parse(Some(expand), &["manager"]).map_err(|_| unknown())?;
        if !self.scopes.whole_profiles() {
            return Err(Refusal::DirectoryAccessDenied);
        }
        let expansion = expansions.first().ok_or_else(unknown)?;
        let selection = Selection::parse(expansion.option("select"), &names(), TYPE_NAME)?;
        Ok(Some(match expansion.option("levels") {
            // Without a number of levels the directory passes over what is selected of a manager.
            None => Chain { levels: 1, selection: Selection::Default },
            Some(levels) => Chain { levels: parse_levels(levels)?, selection },
        }))
    }

    /// What is asked for of the managers of everybody on a list, who have one each.
    pub(super) fn chain_of_many(&self) -> Result<Option<Chain>, Refusal> {
        match self.chain()? {
            Some(chain) if chain.levels > 1 => Err(DirectoryRefusal::ChainOfMany.into()),
            chain => Ok(chain),
        }
    }

    /// Writes the managers that are asked for into a profile; nobody where there is none.
    pub(super) fn append_managers(&self, object: &mut Object, person: Person<'_>, chain: Option<&Chain>) {
        let Some(chain) = chain else { return };
        let above = std::iter::successors(self.manager_of(person), |manager| self.manager_of(*manager));
        let managers: Vec<Person<'_>> = above.take(chain.levels).collect();
        let written = managers.into_iter().rev().fold(None, |above: Option<Object>, manager| {
            let mut reported = Object::new();
            reported.set("@odata.type", "#microsoft.graph.user");
            reported.append(self.shown(manager, &chain.selection));
            if let Some(above) = above {
                reported.set("manager", json!(above));
            }
            Some(reported)
        });
        if let Some(manager) = written {
            object.set("manager", json!(manager));
        }
    }
}

fn parse_levels(levels: &str) -> Result<usize, Refusal> {
    if levels.eq_ignore_ascii_case("max") {
        return Ok(MOST_LEVELS);
    }
    let number = levels.parse().ok().filter(|number| (1..=MOST_LEVELS).contains(number));
    number.ok_or_else(|| Refusal::InvalidOption {
        option: "$levels",
        value: levels.to_owned(),
        expected: "'max' or an integer between 1 and 1000",
    })
}
