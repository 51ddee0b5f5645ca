//! The fixed cast: invented organisations and people. Their letters are chosen to be awkward on purpose.

/// An organisation of the cast.
pub(super) struct Organisation {
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    /// Alias and display name.
    pub(super) shared_mailbox: (&'static str, &'static str),
    pub(super) people: &'static [Person],
}

/// A person of the cast.
pub(super) struct Person {
    pub(super) display: &'static str,
    pub(super) given: &'static str,
    pub(super) surname: &'static str,
    /// The part of the mail address before `@`.
    pub(super) alias: &'static str,
    pub(super) language: &'static str,
}

const fn person(
    display: &'static str,
    given: &'static str,
    surname: &'static str,
    alias: &'static str,
    language: &'static str,
) -> Person {
    Person { display, given, surname, alias, language }
}

pub(super) const ORGANISATIONS: &[Organisation] = &[
    Organisation {
        name: "Larkmoor Timber",
        domain: "larkmoor.example",
        shared_mailbox: ("orders", "Larkmoor Orders"),
        people: &[
            person("Maja Lindqvist", "Maja", "Lindqvist", "maja.lindqvist", "sv-SE"),
            person("Tomás Ferreira", "Tomás", "Ferreira", "tomas.ferreira", "pt-PT"),
            person("Aoife O'Donnell", "Aoife", "O'Donnell", "aoife.odonnell", "en-IE"),
            person("Łukasz Wójcik", "Łukasz", "Wójcik", "lukasz.wojcik", "pl-PL"),
            person("Nguyễn Thị Hương", "Hương", "Nguyễn", "huong.nguyen", "vi-VN"),
            person("Kofi Mensah-Adjei", "Kofi", "Mensah-Adjei", "kofi.mensahadjei", "en-GB"),
            person("Søren Ørskov", "Søren", "Ørskov", "soren.orskov", "da-DK"),
            person("Priya Raghunathan", "Priya", "Raghunathan", "priya.raghunathan", "en-IN"),
            person("Jean-Luc Béranger", "Jean-Luc", "Béranger", "jeanluc.beranger", "fr-FR"),
            person("山口 遥", "遥", "山口", "haruka.yamaguchi", "ja-JP"),
            person("Ana María Castaño", "Ana María", "Castaño", "anamaria.castano", "es-ES"),
            person("Björk Hallsdóttir", "Björk", "Hallsdóttir", "bjork.hallsdottir", "is-IS"),
        ],
    },
    Organisation {
        name: "Quillon & Vane Advisory",
        domain: "quillonvane.example",
        shared_mailbox: ("clientdesk", "Client Desk"),
        people: &[
            person("Ingrid van der Velde", "Ingrid", "van der Velde", "ingrid.vandervelde", "nl-NL"),
            person("Oluwaseun Adeyemi-Cole", "Oluwaseun", "Adeyemi-Cole", "oluwaseun.adeyemicole", "en-GB"),
            person("Jürgen Großmann", "Jürgen", "Großmann", "juergen.grossmann", "de-DE"),
            person("Žofie Nováčková", "Žofie", "Nováčková", "zofie.novackova", "cs-CZ"),
            person("Rashid Al-Marzouqi", "Rashid", "Al-Marzouqi", "rashid.almarzouqi", "ar-AE"),
            person("陳 美玲", "美玲", "陳", "meiling.chen", "zh-TW"),
            person("Sinéad Ní Bhriain", "Sinéad", "Ní Bhriain", "sinead.nibhriain", "ga-IE"),
            person("Mateo Quispe Huamán", "Mateo", "Quispe Huamán", "mateo.quispe", "es-PE"),
            person("Ελένη Παπαδάκη", "Ελένη", "Παπαδάκη", "eleni.papadaki", "el-GR"),
            person("Tariq Hussain", "Tariq", "Hussain", "tariq.hussain", "en-GB"),
            person("Emese Szabó-Kovács", "Emese", "Szabó-Kovács", "emese.szabokovacs", "hu-HU"),
            person("Giulia D'Angelo", "Giulia", "D'Angelo", "giulia.dangelo", "it-IT"),
        ],
    },
    Organisation {
        name: "Baobab Freight",
        domain: "baobabfreight.example",
        shared_mailbox: ("dispatch", "Dispatch Office"),
        people: &[
            person("Wanjiru Kamau", "Wanjiru", "Kamau", "wanjiru.kamau", "en-KE"),
            person("Şebnem Yıldız", "Şebnem", "Yıldız", "sebnem.yildiz", "tr-TR"),
            person("Олена Шевчук", "Олена", "Шевчук", "olena.shevchuk", "uk-UA"),
            person("김 서연", "서연", "김", "seoyeon.kim", "ko-KR"),
            person("Thabo Molefe", "Thabo", "Molefe", "thabo.molefe", "en-ZA"),
            person("Yael Ben-Haim", "Yael", "Ben-Haim", "yael.benhaim", "he-IL"),
            person("Ahmed El-Sayed", "Ahmed", "El-Sayed", "ahmed.elsayed", "ar-EG"),
            person("Kristjan Põldmäe", "Kristjan", "Põldmäe", "kristjan.poldmae", "et-EE"),
            person("Lakshmi Venkataraman", "Lakshmi", "Venkataraman", "lakshmi.venkataraman", "en-IN"),
            person("João Vítor Sequeira", "João Vítor", "Sequeira", "joaovitor.sequeira", "pt-BR"),
            person("Mihai Țăranu", "Mihai", "Țăranu", "mihai.taranu", "ro-RO"),
            person("Hana Kealoha", "Hana", "Kealoha", "hana.kealoha", "en-US"),
        ],
    },
];

/// Department and job title.
pub(super) const POSITIONS: &[(&str, &str)] = &[
    ("Finance", "Financial Controller"),
    ("Finance", "Accounts Payable Specialist"),
    ("Sales", "Account Manager"),
    ("Sales", "Head of Partner Sales"),
    ("Operations", "Operations Manager"),
    ("Operations", "Fleet Planner"),
    ("Legal", "Contract Counsel"),
    ("Human Resources", "Recruiter"),
    ("Information Technology", "Systems Engineer"),
    ("Information Technology", "Service Desk Lead"),
    ("Product", "Product Manager"),
    ("Quality", "Quality Auditor"),
];

pub(super) const OFFICES: &[&str] =
    &["North Pier 4", "Mill House 2/12", "Ropewalk 7", "Tower B/1903", "Remote"];
