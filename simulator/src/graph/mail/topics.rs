//! What people write about. `{…}` is filled in by the generator.

/// A subject, how a thread about it begins, and categories that people give it.
pub(super) struct Topic {
    pub(super) subject: &'static str,
    pub(super) opening: &'static [&'static str],
    pub(super) points: &'static [&'static str],
    pub(super) category: Option<&'static str>,
}

const fn topic(
    subject: &'static str,
    opening: &'static [&'static str],
    points: &'static [&'static str],
    category: Option<&'static str>,
) -> Topic {
    Topic { subject, opening, points, category }
}

pub(super) const TOPICS: &[Topic] = &[
    topic(
        "Budget review for {month}",
        &[
            "Attached is the budget for {month}. We are {amount} over plan, nearly all of it in transport.",
            "Please look at lines 14 to 22 before we meet; I would like to close this by Friday.",
        ],
        &["Transport: +{amount}", "Licences: unchanged", "Temporary staff: ends with {month}"],
        Some("Finance"),
    ),
    topic(
        "{project}: status and next steps",
        &[
            "A short update on {project}: the pilot runs at two sites and the open points are below.",
            "The steering group decides next week whether we go on to the third site.",
        ],
        &["Data migration: 80 % done", "Training: dates are set", "Risk: delivery from {supplier}"],
        Some("Projects"),
    ),
    topic(
        "Contract renewal with {supplier}",
        &[
            "The agreement with {supplier} ends in {month}. They offer two more years at {amount} a year.",
            "Legal wants the liability clause changed first. Can you say what we need for the service levels?",
        ],
        &[],
        Some("Legal"),
    ),
    topic(
        "Invoice {number} from {supplier}",
        &[
            "Invoice {number} over {amount} is due at the end of {month}, but the order number on it is wrong.",
            "I have asked them for a corrected one. Please do not release the payment before it is here.",
        ],
        &[],
        Some("Finance"),
    ),
    topic(
        "Agenda for the {project} workshop",
        &["Here is a draft agenda for the {project} workshop. Tell me what is missing."],
        &["Where we stand", "What the customers said", "Decisions: scope, dates, owners", "Lunch"],
        Some("Projects"),
    ),
    topic(
        "Travel plans for {month}",
        &[
            "I plan to visit {supplier} in {month} and would combine it with the quarterly meeting.",
            "The trip costs about {amount}. Is that all right with you?",
        ],
        &[],
        Some("Travel"),
    ),
    topic(
        "Delivery delay at {supplier}",
        &[
            "{supplier} has told us that order {number} arrives nine days late.",
            "We can cover five days from stock. For the rest we need a decision today.",
        ],
        &["Option A: partial delivery by air, {amount}", "Option B: move the installation"],
        None,
    ),
    topic(
        "Interview feedback for the {project} team",
        &["Thank you for taking part yesterday. Could you send me your notes by tomorrow noon?"],
        &[],
        None,
    ),
    topic(
        "Quarterly forecast, second draft",
        &[
            "The second draft of the forecast is ready. Revenue is {amount} above the first one.",
            "The change comes from {project}; everything else is as discussed.",
        ],
        &[],
        Some("Finance"),
    ),
    topic(
        "Audit findings on {project}",
        &["The auditors have three findings on {project}. None of them is critical, all need an owner."],
        &["Access reviews are not documented", "Two backups were not tested", "Retention period is unclear"],
        Some("Compliance"),
    ),
    topic(
        "Lunch on Thursday?",
        &["The new place at the harbour has opened. Shall we try it on Thursday at half past twelve?"],
        &[],
        None,
    ),
    topic(
        "Access to the {project} site",
        &["Two colleagues of {supplier} need access to the {project} site until the end of {month}."],
        &[],
        None,
    ),
];

pub(super) const REPLIES: &[&str] = &[
    "Thank you, that helps. I agree with the second point, but I would like to see the numbers again.",
    "Fine with me. Please go ahead.",
    "I can't make it this week. Could we take it up on Monday morning?",
    "We discussed this with the team: the date holds if we get an answer by Wednesday.",
    "Sorry for the late reply. I have added my comments to the document.",
    "Who would own this? I can take the first part, not the rest.",
    "Good news: it has been approved. I will send the paperwork today.",
    "One question: does this include the costs of the second site?",
    "I have put it on the agenda for Tuesday.",
    "Let us keep it short and decide by phone. I am free after three.",
];

pub(super) const PARTNER_TOPICS: &[Topic] = &[
    topic(
        "Our offer {number}",
        &[
            "Thank you for your enquiry. We can offer the quantity you need for {amount}, delivery in {month}.",
            "The offer is valid for thirty days. Samples can be sent at any time.",
        ],
        &[],
        None,
    ),
    topic(
        "Order confirmation {number}",
        &[
            "We confirm your order {number} over {amount}. It leaves our warehouse at the beginning of {month}.",
        ],
        &["Terms: 30 days net", "Delivered at place", "Contact: the undersigned"],
        None,
    ),
    topic(
        "Question about the {project} specification",
        &["Page 7 of the {project} specification names two tolerances. Which one is right?"],
        &[],
        None,
    ),
    topic(
        "Reminder: invoice {number}",
        &["According to our books invoice {number} over {amount} is still open. Perhaps it was overlooked?"],
        &[],
        None,
    ),
];

pub(super) const HEADLINES: &[&str] = &[
    "Five ways to shorten a tender",
    "What the new packaging rules mean for {month}",
    "Rates are falling: read before you sign",
    "Case study: how {supplier} halved its paperwork",
    "Webinar in {month}: planning with uncertain demand",
];

pub(super) const JUNK_SUBJECTS: &[&str] =
    &["You have won {amount}", "Your mailbox is almost full", "Toner at half the price, today only"];

pub(super) const PROJECTS: &[&str] = &["Aurora", "Birchwood", "Copperline"];

pub(super) const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) const GREETINGS: &[&str] = &["Hello", "Hi", "Dear", "Good morning"];

pub(super) const CLOSINGS: &[&str] = &["Best regards", "Kind regards", "Many thanks", "Cheers"];
