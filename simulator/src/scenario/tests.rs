use rstest::rstest;

use super::*;

fn read(text: &str) -> Result<SimulatorOptions, ScenarioError> {
    parse("busy.toml", text, None, SimulatorOptions::default())
}

/// Fails when a value of the file is dropped on its way.
#[test]
fn everything_that_is_named_counts() {
    let options = read(
        "seed = 7\nnewest = \"2026-11-23T18:00:00Z\"\ndownload_lifetime_s = 20\nrequest_log = false\n\
         kept_users = 600\n             [[tenants]]\ncount = 10\nusers = 3\n[[tenants]]\ncount = 1\nusers = 400\n\
         [throttling]\nscale = 0.5\nalgorithm = \"sliding_window\"\n\
         [[policy]]\ntenant = \"t00011.example\"\nmfa = \"step_up\"\ntranscripts = \"disabled\"\n\
         [[fault]]\nservice = \"graph\"\ntenant = \"t00011.example\"\nstatus = 503\n",
    )
    .unwrap();
    assert_eq!((options.seed, options.download_lifetime, options.recording), (7, 20, false));
    assert_eq!(options.kept_users, 600);
    assert_eq!(options.newest.unwrap().to_string(), "2026-11-23T18:00:00Z");
    assert_eq!(options.directory().tenant_count(), 3 + 11);
    assert_eq!(options.directory().tenant("t00011.example").unwrap().users.len(), 400);
    let throttling = options.throttling.unwrap();
    assert_eq!((throttling.scale, throttling.algorithm.as_str()), (0.5, "sliding_window"));
    assert_eq!((options.policies.len(), options.faults.len()), (1, 1));
    let untouched = read("").unwrap();
    assert!(untouched.throttling.is_none() && untouched.tenants.is_empty() && untouched.recording);
}

/// Fails when a time must be written as a text, where TOML has times of its own.
#[test]
fn a_time_may_be_one_of_toml() {
    let options = read("newest = 2026-11-23T18:00:00Z\n").unwrap();
    assert_eq!(options.newest.unwrap().to_string(), "2026-11-23T18:00:00Z");
}

/// Fails when somebody has to search a long file for what is wrong in it.
#[rstest]
#[case("seed = 1\nsede = 2\n", 2, "sede")]
#[case("seed = \"one\"\n", 1, "seed")]
#[case("\n\nnewest = \"yesterday\"\n", 3, "newest")]
#[case("download_lifetime_s = -1\n", 1, "download_lifetime_s")]
#[case("kept_users = 0\n", 1, "kept_users")]
#[case("kept_users = \"all\"\n", 1, "kept_users")]
#[case("[[tenants]]\ncount = 2\nusers = 0\n", 3, "users")]
#[case("[[tenants]]\ncount = 2\n", 1, "users")]
#[case("[[tenants]]\ncount = 2\nusers = 1\npolicy_of_nobody = 1\n", 4, "policy_of_nobody")]
#[case("seed = 1\n[throttling]\nenabled = true\nscale = 0\n", 4, "scale")]
#[case("[throttling]\nalgoritm = \"x\"\n", 2, "algoritm")]
#[case(
    "[[fault]]\nservice = \"graph\"\nstatus = 503\n\n[[fault]]\nservice = \"graph\"\nstatus = 1\n",
    7,
    "status"
)]
#[case("[[fault]]\nservice = \"graph\"\nuser = \"nobody\"\nstatus = 503\n", 3, "user")]
#[case("[[fault]]\nservice = \"entra\"\naadsts = 1\n", 3, "aadsts")]
#[case("[[fault]]\nservice = \"files\"\naccess_ended = true\n", 3, "access_ended")]
#[case("[[policy]]\nmfa = \"step_up\"\n", 1, "tenant")]
#[case("[[policy]]\nmfa = \"off\"\ntenant = \"nobody\"\n", 3, "tenant")]
#[case("[[policy]]\ntenant = \"larkmoor.example\"\nmfa = \"sometimes\"\n", 3, "mfa")]
#[case("[[policy]]\ntenant = \"larkmoor.example\"\ntranscripts = true\n", 3, "transcripts")]
#[case("[[tenants]]\ncount = 2\nusers = 1\n[tenants.policy]\nblok = true\n", 5, "blok")]
#[case("[[tenants]]\ncount = 2\nusers = 1\n\n[tenants.policy]\nblock = 1\n", 6, "block")]
#[case("seed = \n", 1, "seed")]
#[case("seed = -1\n", 1, "seed")]
#[case("[[tenants]]\ncount = 60000\nusers = 1\n[[tenants]]\nusers = 1\ncount = 60000\n", 6, "count")]
#[case("[[tenants]]\ncount = -2\nusers = 1\n", 2, "count")]
#[case("[tenants]\ncount = 2\nusers = 1\n", 1, "tenants")]
#[case("# scale = 1\n[throttling]\n\n[throttling.foreign]\nshare = 1\n", 5, "foreign.share")]
#[case("[throttling.foreign]\nactive_s = 5\n", 1, "foreign.share")]
#[case("[throttling.algorithms]\nteams = \"token_bucket\"\nmail = \"token_bucket\"\n", 3, "algorithms.mail")]
#[case("[throttling.algorithms]\nteams = \"leaky\"\n", 2, "algorithms.teams")]
#[case("[[fault]]\nservice = \"graph\"\n\nlatency = { kind = \"normal\" }\n", 4, "latency.kind")]
#[case("[[fault]]\nservice = \"graph\"\nlatency.kind = \"fixed\"\nlatency.ms = -1\n", 4, "latency.ms")]
#[case(
    "[[fault]]\nservice = \"graph\"\nretry_after = { form = \"date\", second = 1 }\n",
    3,
    "retry_after.second"
)]
#[case("[[fault]]\nservice = \"graph\"\nbody = \"\"\"\nstatus = 1\n\"\"\"\n\"status\" = 1\n", 6, "status")]
#[case("[[fault]]\nservice = \"graph\"\npath_prefix = \"me\"\nstatus = 503\n", 3, "path_prefix")]
#[case("[[fault]]\nservice = \"graph\"\ndelay_ms = 600001\n", 3, "delay_ms")]
#[case("[[fault]]\nservice = \"graph\"\nlost_scopes = [\"Mail.Raed\"]\n", 3, "lost_scopes")]
#[case("[[fault]]\nservice = \"graph\"\nreset = true\nnewest = 2026-11-23T18:00:00Z\n", 4, "newest")]
#[case("[[fault]]\nservice = \"graph\"\n", 1, "`status`")]
#[case("[throttling]\nenabled = true\nscale = nan\n", 3, "scale")]
#[case("[throttling]\nforeign = { share = inf }\n", 2, "foreign.share")]
#[case("seed = 1\nseed = 2\n", 2, "seed")]
#[case("newest = 1979-05-27\n", 1, "newest")]
#[case(
    "[[policy]]\ntenant = \"larkmoor.example\"\n[[policy]]\nblock = true\ntenant = \"larkmoor.example\"\n",
    5,
    "tenant"
)]
#[case("[throttling]\nscale = 1\nalgorithm = \"fixed_window\"\nscale = 2\n", 4, "scale")]
#[case("[throttling]\nscale = 1\n[throttling]\n", 3, "throttling")]
#[case(
    "[[fault]]\nservice = \"graph\"\nlatency = { kind = \"fixed\", ms = 1, ms = 2 }\n",
    3,
    "`ms`: duplicate key"
)]
#[case("[[fault]]\nservice = \"graph\"\nlatency.ms = 1\nlatency.ms = 2\n", 4, "latency.ms")]
#[case("[[policy]]\ntenant = \"larkmoor.example\"\nblock = true\nblock = true\n", 4, "block")]
#[case("[[tenants]]\ncount = 1\nusers = 1\ncount = 1\n", 4, "count")]
#[case("[[user]]\ntenant = \"larkmoor.example\"\n", 1, "`user` is missing")]
#[case("[[user]]\nuser = \"maja.lindqvist@larkmoor.example\"\n", 1, "`tenant` is missing")]
#[case("[[user]]\ntenant = \"nowhere.example\"\nuser = \"maja\"\n", 2, "tenant")]
#[case("[[user]]\ntenant = \"larkmoor.example\"\nuser = \"nobody@larkmoor.example\"\n", 3, "user")]
#[case(
    "[[user]]\ntenant = \"larkmoor.example\"\nuser = \"maja.lindqvist@larkmoor.example\"\nmfa = \"on\"\n",
    4,
    "mfa"
)]
#[case(
    "[[user]]\ntenant = \"larkmoor.example\"\nuser = \"maja.lindqvist@larkmoor.example\"\nenabeld = false\n",
    4,
    "enabeld"
)]
#[case(
    "[[user]]\ntenant = \"larkmoor.example\"\nuser = \"maja.lindqvist@larkmoor.example\"\n\n\
     [[user]]\ntenant = \"larkmoor.example\"\nuser = \"MAJA.LINDQVIST@larkmoor.example\"\n",
    7,
    "user"
)]
#[case("[[application]]\nredirect_uris = []\n", 1, "`name` is missing")]
#[case("[[application]]\nname = \"a\"\npermissions = [\"Mail.Raed\"]\n", 3, "permissions")]
#[case(
    "[[application]]\nname = \"a\"\nfederated_credential = { issuer = \"i\", subject = \"s\" }\n",
    3,
    "federated_credential.issuer"
)]
#[case("[[application]]\nname = \"a\"\n[application.api]\nscopes = []\n", 4, "api.scopes")]
#[case(
    "[[application]]\nname = \"a\"\nid = \"5b7c3b9e-0000-4000-8000-000000000001\"\n\
     [[application]]\nname = \"b\"\nid = \"5b7c3b9e-0000-4000-8000-000000000001\"\n",
    6,
    "id"
)]
fn an_error_names_file_line_and_field(#[case] text: &str, #[case] line: usize, #[case] field: &str) {
    let error = read(text).unwrap_err().to_string();
    assert!(error.starts_with(&format!("busy.toml:{line}: ")), "{error}");
    assert!(error.contains(field), "{error}");
}

/// Fails when the policy of a group holds for its neighbours, or when another seed leaves it behind.
#[test]
fn the_policy_of_a_group_is_of_its_tenants_whatever_the_seed() {
    let group = |name: &str| format!("[[tenants]]\ncount = 2\nusers = 1\n{name}");
    let text = format!("{}{}{}", group(""), group("[tenants.policy]\nblock = true\n"), group(""));
    let options = parse("groups.toml", &text, Some(99), SimulatorOptions::default()).unwrap();
    let directory = options.directory();
    let ids = options.policies[0].tenants.ids(&directory, &options.tenants).unwrap();
    let domains = ids.iter().map(|id| directory.tenant_by_id(*id).unwrap().domain.clone());
    assert_eq!(domains.collect::<Vec<_>>(), ["t00003.example", "t00004.example"]);
}

/// Fails when an example of this crate is one that nobody can load.
#[rstest]
fn every_example_loads(#[files("scenarios/*.toml")] path: std::path::PathBuf) {
    let options = load(&path, None, SimulatorOptions::default()).unwrap();
    assert_ne!(options.directory().tenant_count(), 0);
}

/// Fails when a file that is not there is not named.
#[test]
fn a_missing_file_is_named() {
    let error = load(Path::new("nowhere.toml"), None, SimulatorOptions::default()).unwrap_err();
    assert!(error.to_string().starts_with("nowhere.toml: cannot be read: "), "{error}");
}
