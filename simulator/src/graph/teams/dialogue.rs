//! What people write to each other. `{…}` is filled in by the generator.

/// A short conversation.
pub(super) struct Dialogue {
    /// BCP 47, in the lower case that Teams writes.
    pub(super) locale: &'static str,
    /// Who speaks, counted from the first speaker on, and what.
    pub(super) lines: &'static [(usize, Line)],
}

/// One message, by what is special about it.
pub(super) enum Line {
    /// Without markup.
    Plain(&'static str),
    /// Markup around text; `{name}` becomes a mention of another member.
    Rich(&'static str),
    /// With a picture below the text.
    Pictured(&'static str),
    /// With a file.
    Filed(&'static str),
    /// Quotes the message before.
    Quoting(&'static str),
    Urgent(&'static str),
    /// Deleted later.
    Withdrawn(&'static str),
    /// Edited later.
    Edited(&'static str),
}

use Line::{Edited, Filed, Pictured, Plain, Quoting, Rich, Urgent, Withdrawn};

pub(super) const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

/// The first ones come in every longer conversation.
pub(super) const DIALOGUES: &[Dialogue] = &[
    Dialogue {
        locale: "en-us",
        lines: &[
            (0, Plain("Morning all. Is the {project} pilot still on for {day}?")),
            (1, Plain("Yes, 10:00 at the second site. I booked the van.")),
            (0, Rich("<p>Perfect. {name} can you bring the <strong>spare scanners</strong>?</p>")),
            (2, Plain("Will do \u{1f44d}")),
            (1, Filed("<p>Here are the notes from last time, section 3 is the checklist.</p>")),
            (0, Quoting("<p>Thanks! I read them on the train.</p>")),
        ],
    },
    Dialogue {
        locale: "de-de",
        lines: &[
            (1, Plain("Guten Morgen zusammen, die Lieferung von {supplier} kommt erst am {day}.")),
            (0, Plain("Schon wieder? Das w\u{e4}re die dritte Verz\u{f6}gerung in diesem Quartal \u{1f629}")),
            (
                1,
                Rich(
                    "<p>Ja. {name}, k\u{f6}nntest du bitte <em>freundlich, aber bestimmt</em> nachfragen?</p>",
                ),
            ),
            (2, Plain("Mach ich. Gr\u{fc}\u{df}e aus der Spedition, hier regnet\u{2019}s in Str\u{f6}men.")),
            (2, Pictured("<p>So sieht der Hof gerade aus:</p>")),
            (0, Edited("<p>Oje. Dann verschieben wir die Inventur auf n\u{e4}chste Woche.</p>")),
        ],
    },
    Dialogue {
        locale: "en-gb",
        lines: &[
            (
                2,
                Rich(
                    "<p>Numbers for {project} are up: <a href=\"https://reports.example/{project}?view=week\" title=\"https://reports.example\">weekly report</a></p>",
                ),
            ),
            (0, Plain("{amount} over plan, nearly all of it transport. Who signs that off?")),
            (1, Plain("Finance, by {day}. I'd rather not wait that long though.")),
            (2, Withdrawn("<p>Between us: the figures on page 2 are wrong.</p>")),
            (
                2,
                Rich(
                    "<p>Corrected version is in the folder. Please use that one only.</p><ul><li>line 14: air freight</li><li>line 22: storage</li></ul>",
                ),
            ),
            (1, Quoting("<p>Looks much better, thanks.</p>")),
        ],
    },
    Dialogue {
        locale: "en-us",
        lines: &[
            (0, Urgent("<p>The label printer at gate 4 is down and the truck leaves in 20 minutes.</p>")),
            (1, Plain("On my way with the spare.")),
            (0, Pictured("<p>Error on the display:</p>")),
            (1, Plain("That's the ribbon. Fixed in two.")),
            (0, Plain("You are a hero \u{1f64f}\u{1f3fd}\u{200d}\u{2764}\u{fe0f}")),
        ],
    },
    Dialogue {
        locale: "fr-fr",
        lines: &[
            (1, Plain("Bonjour, la r\u{e9}union de {day} est-elle maintenue ?")),
            (0, Plain("Oui, \u{e0} 14 h. L\u{2019}ordre du jour suit ce soir.")),
            (1, Rich("<p>Tr\u{e8}s bien. {name}, peux-tu pr\u{e9}parer le point sur {project}\u{a0}?</p>")),
            (2, Plain("D\u{2019}accord, c\u{2019}est not\u{e9}.")),
        ],
    },
    Dialogue {
        locale: "ja-jp",
        lines: &[
            (
                0,
                Plain(
                    "\u{304a}\u{75b2}\u{308c}\u{69d8}\u{3067}\u{3059}\u{3002}{project}\u{306e}\u{8cc7}\u{6599}\u{3092}\u{78ba}\u{8a8d}\u{3057}\u{307e}\u{3057}\u{305f}\u{3002}",
                ),
            ),
            (
                1,
                Plain(
                    "\u{3042}\u{308a}\u{304c}\u{3068}\u{3046}\u{3054}\u{3056}\u{3044}\u{307e}\u{3059}\u{1f647}",
                ),
            ),
            (
                0,
                Plain(
                    "\u{4fee}\u{6b63}\u{306f}\u{4e8c}\u{30f6}\u{6240}\u{3060}\u{3051}\u{3067}\u{3059}\u{3002}",
                ),
            ),
        ],
    },
    Dialogue {
        locale: "es-es",
        lines: &[
            (2, Plain("\u{bf}Alguien tiene el contrato con {supplier}?")),
            (0, Filed("<p>Lo tengo aqu\u{ed}; ojo con la cl\u{e1}usula 7.</p>")),
            (2, Plain("\u{a1}Gracias! Lo reviso ma\u{f1}ana por la ma\u{f1}ana.")),
        ],
    },
    Dialogue {
        locale: "en-us",
        lines: &[
            (
                1,
                Rich(
                    "<p>Short table for the steering group:</p><table><tbody><tr><td>Site</td><td>Days late</td></tr><tr><td>North</td><td>2</td></tr><tr><td>South</td><td>0</td></tr></tbody></table>",
                ),
            ),
            (0, Plain("Can we say \"on track\" with that?")),
            (1, Plain("With a footnote, yes.")),
            (
                2,
                Rich(
                    "<p>This is how I read the clause:</p><codeblock class=\"Json\"><code>{ \"notice_days\": 90, \"cap\": \"{amount}\" }</code></codeblock>",
                ),
            ),
            (0, Plain("ok :)")),
        ],
    },
    Dialogue {
        locale: "ar-ae",
        lines: &[
            (
                1,
                Plain(
                    "\u{635}\u{628}\u{627}\u{62d} \u{627}\u{644}\u{62e}\u{64a}\u{631}\u{60c} \u{647}\u{644} \u{648}\u{635}\u{644}\u{62a} \u{627}\u{644}\u{634}\u{62d}\u{646}\u{629}\u{61f}",
                ),
            ),
            (
                0,
                Plain(
                    "\u{646}\u{639}\u{645}\u{60c} \u{627}\u{644}\u{64a}\u{648}\u{645} \u{627}\u{644}\u{633}\u{627}\u{639}\u{629} 9:30 \u{2705}",
                ),
            ),
        ],
    },
    Dialogue {
        locale: "pl-pl",
        lines: &[
            (0, Plain("Cze\u{15b}\u{107}, faktura z {supplier} ju\u{17c} wp\u{142}yn\u{119}\u{142}a?")),
            (2, Plain("Jeszcze nie, przypomn\u{119} im w {day}.")),
            (0, Plain("Dzi\u{119}ki!")),
        ],
    },
];

/// What is written during a meeting.
pub(super) const MEETING: &[Dialogue] = &[Dialogue {
    locale: "en-us",
    lines: &[
        (1, Plain("Can you hear me?")),
        (0, Plain("Loud and clear.")),
        (
            2,
            Rich(
                "<p>Slides: <a href=\"https://reports.example/slides\">https://reports.example/slides</a></p>",
            ),
        ),
        (0, Rich("<p>Actions: {name} asks {supplier}, everybody reads the paper until {day}.</p>")),
        (1, Plain("\u{1f44f}")),
    ],
}];

/// A post of a channel: subject, text, and what is answered.
pub(super) const POSTS: &[(Option<&str>, &str, &[&str])] = &[
    (
        Some("{project}: go-live moved to {day}"),
        "<p>Hello <at>channel</at>,</p><p>the go-live of <strong>{project}</strong> moves to {day}. Reason: {supplier} delivers late.</p>",
        &["Thanks for the heads-up.", "Does that change the training dates?", "No, those stay."],
    ),
    (
        None,
        "<p>Wer hat den Schl\u{fc}ssel f\u{fc}r das Archiv? Ich st\u{fc}nde jetzt davor \u{1f605}</p>",
        &["Liegt am Empfang.", "Gefunden, danke!"],
    ),
    (Some("Figures of the month"), "<p>{amount} so far. Details in the attached file.</p>", &["\u{1f389}"]),
    (None, "<p>Bitte beachtet die neuen Regeln f\u{fc}r Dienstreisen ab {day}.</p>", &[]),
    (
        Some("Question about the contract"),
        "<p>Is the cap of {amount} per year or per incident?</p><blockquote>Liability is limited to {amount}.</blockquote>",
        &[
            "Per year, as I read it.",
            "Legal says per incident.",
            "Then let's have it written down.",
            "Done, see section 7.",
        ],
    ),
    (None, "<p>Photo of the new dock:</p>", &["Nice!", "\u{7d20}\u{6674}\u{3089}\u{3057}\u{3044}"]),
];
