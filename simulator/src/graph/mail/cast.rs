//! Who writes from outside. Invented, under domains that can't exist.

/// Name and address.
pub(super) type Sender = (&'static str, &'static str);

pub(super) const PARTNERS: &[Sender] = &[
    ("Henrike Vollmer", "h.vollmer@steinbach-press.example"),
    ("Amadou Diallo", "amadou@sahelspedition.example"),
    ("Beatrix Fontaine", "b.fontaine@fontaine-avocats.example"),
    ("Rowan Ashgrove", "rowan.ashgrove@ashgrovefittings.example"),
    ("Mitsuki Arakawa", "arakawa@hoshizora-tools.example"),
    ("Pilar Echeverría", "pilar@echeverria-papel.example"),
    ("Gunnar Stenmark", "gunnar.stenmark@fjellbank.example"),
    ("Noor Haddad", "noor.haddad@cedarinsure.example"),
    ("Declan Murtagh", "declan@murtaghmachines.example"),
    ("Zuzanna Krol", "zuzanna.krol@bursztyn-logistyka.example"),
];

/// The firms that [`PARTNERS`] write for, as they are spoken of.
pub(super) const SUPPLIERS: &[&str] = &[
    "Steinbach Press",
    "Sahel Spedition",
    "Fontaine Avocats",
    "Ashgrove Fittings",
    "Hoshizora Tools",
    "Echeverría Papel",
    "Fjellbank",
    "Cedar Insure",
];

pub(super) const NEWSLETTERS: &[Sender] = &[
    ("The Procurement Letter", "news@procurementletter.example"),
    ("Cargo & Rail Weekly", "weekly@cargorail.example"),
    ("Cloud Operations Digest", "digest@cloudopsdigest.example"),
    ("Green Office", "hello@greenoffice.example"),
];

/// Machines, each with what it reports. `{…}` is filled in by the generator.
pub(super) const ROBOTS: &[(Sender, &str)] = &[
    (("Task Planner", "noreply@taskplanner.example"), "You have late tasks"),
    (("Task Planner", "noreply@taskplanner.example"), "Your week in {project}"),
    (("Expense Desk", "no-reply@expensedesk.example"), "Expense report {number} was approved"),
    (("Build Service", "builds@buildservice.example"), "Build {number} failed on main"),
];

pub(super) const JUNK: &[Sender] = &[
    ("Prize Department", "winner@lucky-lottery.example"),
    ("Account Security", "security@verify-y0ur-account.example"),
    ("Cheap Toner", "offers@cheaptoner.example"),
];
