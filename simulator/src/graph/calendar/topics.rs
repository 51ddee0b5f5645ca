//! What people meet about, and where. `{project}` is filled in by the generator.

/// Subject and the agenda that stands in the invitation.
pub(super) type Topic = (&'static str, &'static str);

pub(super) const PROJECTS: &[&str] = &["Aurora", "Birchwood", "Copperline"];

pub(super) const ROOMS: &[&str] = &[
    "Room Larch (2nd floor)",
    "Room Rowan (ground floor)",
    "Mill House, board room",
    "Canteen, round table",
];

pub(super) const TEAM: &[Topic] = &[
    (
        "{project}: decision on the next phase",
        "We decide whether {project} goes on to the third site. Read the paper before.",
    ),
    ("Walk through the {project} risks", "Five risks, ten minutes each. Owners speak first."),
    ("Budget check for {project}", "Transport is over plan. Bring your numbers."),
    ("Hand-over of {project} documents", "Who keeps which document, and where it lies from now on."),
    ("Incident review", "What happened, what we knew when, and what changes because of it."),
];

pub(super) const PARTNER: &[Topic] = &[
    (
        "Offer for {project}: questions and answers",
        "We go through the offer line by line. Our counsel joins for the last part.",
    ),
    ("Delivery dates for {project}", "Two dates moved. We show what we can do about it."),
    ("Quarterly review with your account team", "Service levels, open tickets, prices for next year."),
];

pub(super) const PRIVATE: &[Topic] = &[
    ("Dentist", "Bring the insurance card."),
    ("Parents' evening", "School, second floor."),
    ("Physiotherapy", "Third of six."),
];

pub(super) const BIRTHDAYS: &[&str] = &["Birthday of Amadou Diallo", "Birthday of Pilar Echeverría"];

/// Month, day and name.
pub(super) const HOLIDAYS: &[(i8, i8, &str)] = &[
    (1, 1, "New Year's Day"),
    (5, 1, "Labour Day"),
    (12, 25, "Christmas Day"),
    (12, 26, "Second Day of Christmas"),
];

/// Who organises from outside. Name and address.
pub(super) const PARTNERS: &[(&str, &str)] = &[
    ("Henrike Vollmer", "h.vollmer@steinbach-press.example"),
    ("Rowan Ashgrove", "rowan.ashgrove@ashgrovefittings.example"),
    ("Mitsuki Arakawa", "arakawa@hoshizora-tools.example"),
    ("Noor Haddad", "noor.haddad@cedarinsure.example"),
];

/// Language and the Windows name of the zone where its speakers here live.
const ZONES: &[(&str, &str)] = &[
    ("pt-PT", "GMT Standard Time"),
    ("en-IE", "GMT Standard Time"),
    ("en-GB", "GMT Standard Time"),
    ("ga-IE", "GMT Standard Time"),
    ("pl-PL", "Central European Standard Time"),
    ("vi-VN", "SE Asia Standard Time"),
    ("da-DK", "Romance Standard Time"),
    ("fr-FR", "Romance Standard Time"),
    ("es-ES", "Romance Standard Time"),
    ("en-IN", "India Standard Time"),
    ("ja-JP", "Tokyo Standard Time"),
    ("is-IS", "Greenwich Standard Time"),
    ("cs-CZ", "Central Europe Standard Time"),
    ("hu-HU", "Central Europe Standard Time"),
    ("ar-AE", "Arabian Standard Time"),
    ("zh-TW", "Taipei Standard Time"),
    ("es-PE", "SA Pacific Standard Time"),
    ("el-GR", "GTB Standard Time"),
    ("ro-RO", "GTB Standard Time"),
    ("en-KE", "E. Africa Standard Time"),
    ("tr-TR", "Turkey Standard Time"),
    ("uk-UA", "FLE Standard Time"),
    ("et-EE", "FLE Standard Time"),
    ("ko-KR", "Korea Standard Time"),
    ("en-ZA", "South Africa Standard Time"),
    ("he-IL", "Israel Standard Time"),
    ("ar-EG", "Egypt Standard Time"),
    ("pt-BR", "E. South America Standard Time"),
    ("en-US", "Hawaiian Standard Time"),
];

/// The Windows name of the zone of a mailbox in that language; Central Europe's where nothing is known.
pub(super) fn zone_of(language: &str) -> &'static str {
    ZONES.iter().find(|(known, _)| *known == language).map_or("W. Europe Standard Time", |(_, zone)| zone)
}
