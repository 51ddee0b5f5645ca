//! The stack in `observability/compose`, as far as it can be held against itself without an engine: what is mounted is
//! there, the connector understands what it is told, and everybody speaks to whom the others are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use connector_observability::TelemetryHandle;
use m365_connector::{Application, Catalogue, Listeners};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use crate::running::ScratchDirectory;
use crate::world::send;

const COMPOSE: &str = include_str!("../../observability/compose/compose.yaml");
const DOCKERFILE: &str = include_str!("../../observability/compose/Dockerfile");
const COLLECTOR: &str = include_str!("../../observability/collector/collector.yaml");
const PROMETHEUS: &str = include_str!("../../observability/collector/prometheus.yaml");
const DATA_SOURCES: &str =
    include_str!("../../observability/compose/grafana/provisioning/datasources/prometheus.yaml");
const DASHBOARDS: &str =
    include_str!("../../observability/compose/grafana/provisioning/dashboards/connector.yaml");

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What follows `key: ` wherever it begins a line.
fn values<'t>(text: &'t str, key: &str) -> impl Iterator<Item = &'t str> {
    let key = format!("{key}: ");
    text.lines().filter_map(move |line| Some(line.trim().strip_prefix(&key)?.trim_matches('"')))
}

/// The one value of `key`.
fn value<'t>(text: &'t str, key: &str) -> &'t str {
    let mut found = values(text, key);
    let value = found.next().unwrap_or_else(|| panic!("no {key} in\n{text}"));
    assert_eq!(found.next(), None, "another {key} in\n{text}");
    value
}

/// Of each service, its lines.
fn services() -> BTreeMap<&'static str, String> {
    let mut services = BTreeMap::new();
    let mut current = None;
    for line in COMPOSE.split_once("services:\n").unwrap().1.lines() {
        match line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '))
            .and_then(|rest| rest.strip_suffix(':'))
        {
            Some(name) => current = Some(services.entry(name).or_insert_with(String::new)),
            None => current.as_mut().unwrap().extend([line, "\n"]),
        }
    }
    services
}

/// Where on this machine, and where in the container.
fn mounts(service: &str) -> Vec<(PathBuf, &str)> {
    let mounts = service.split(['"', '\n']).map(|part| part.trim().trim_start_matches("- "));
    let mounts = mounts.filter_map(|part| part.strip_suffix(":ro")?.split_once(':'));
    mounts.map(|(source, target)| (repository().join("observability/compose").join(source), target)).collect()
}

/// `host:port` of an address with or without a scheme.
fn host_and_port(address: &str) -> (&str, &str) {
    address.rsplit("//").next().unwrap().split_once(':').unwrap()
}

/// The ports of this machine's loopback that lead into the network of a service, where they are the same.
fn published(service: &str) -> BTreeSet<&str> {
    let ports = service.lines().find_map(|line| line.trim().strip_prefix("ports: [")).unwrap();
    let ports = ports.trim_end_matches(']').split(", ").map(|port| port.trim_matches('"'));
    ports
        .map(|port| {
            let (outside, inside) = port.strip_prefix("127.0.0.1:").unwrap().split_once(':').unwrap();
            assert_eq!(outside, inside, "an address within is another one without");
            inside
        })
        .collect()
}

/// The arguments of a service's program, its name before them.
fn command(service: &str) -> Vec<&str> {
    let command = service.lines().find_map(|line| line.trim().strip_prefix("command: [")).unwrap();
    command.trim_end_matches(']').split(", ").map(|argument| argument.trim_matches('"')).collect()
}

/// The directory of the connector in its container, as the image has it.
fn image(name: &str) -> ScratchDirectory {
    let directory = ScratchDirectory::new(name);
    for line in DOCKERFILE.lines().filter_map(|line| line.strip_prefix("COPY --chown=connector ")) {
        let mut paths: Vec<&str> = line.split(' ').collect();
        assert_eq!(paths.pop().unwrap().trim_end_matches('/'), "/etc/connector");
        for path in paths {
            copy(&repository().join(path), &directory.0);
        }
    }
    assert!(DOCKERFILE.contains("\nRUN chmod 600 /etc/connector/connector.key.pem\n"), "{DOCKERFILE}");
    fs::set_permissions(directory.0.join("connector.key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    directory
}

/// What the connector is told by its environment.
fn environment(connector: &str) -> BTreeMap<String, String> {
    let pairs = connector.lines().filter_map(|line| line.trim().split_once(": "));
    let ours = pairs.filter(|(name, _)| name.starts_with("CONNECTOR__"));
    ours.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

/// If this failed, the stack would come up with a service that has lost its configuration, or that nobody reaches.
#[test]
fn every_service_finds_its_files_and_the_others() {
    let services = services();
    let listed = ["collector", "connector", "grafana", "load", "prometheus", "simulator"];
    assert_eq!(services.keys().copied().collect::<Vec<_>>(), listed);
    for (name, service) in &services {
        for (source, _) in mounts(service) {
            assert!(source.exists(), "{name} mounts {}, which is not there", source.display());
        }
    }
    let mounted = |service: &str, target: &str| {
        let mounts = mounts(&services[service]);
        let mount = mounts.iter().find(|(_, at)| *at == target);
        mount.unwrap_or_else(|| panic!("nothing is at {target} of {service}")).0.canonicalize().unwrap()
    };
    let observability = repository().join("observability");

    // The connector pushes to the collector, and the collector listens there.
    let (collector, port) =
        host_and_port(value(&services["connector"], "CONNECTOR__TELEMETRY__OTLP_ENDPOINT"));
    assert_eq!(collector, "collector");
    assert!(COLLECTOR.contains(&format!("http: {{ endpoint: 0.0.0.0:{port} }}")), "{COLLECTOR}");
    let told = services["collector"].split_once("--config=").unwrap().1.split('"').next().unwrap();
    assert_eq!(mounted("collector", told), observability.join("collector/collector.yaml"));

    // Prometheus scrapes the connector, and has its rules.
    let (_, operations) = host_and_port(value(&services["connector"], "CONNECTOR__LISTEN__OPERATIONS"));
    assert!(PROMETHEUS.contains(&format!("targets: [\"connector:{operations}\"]")), "{PROMETHEUS}");
    mounted("prometheus", "/etc/prometheus/prometheus.yml");
    let rules = PROMETHEUS.split_once("rule_files:\n  - ").unwrap().1.lines().next().unwrap();
    let rules = rules.strip_suffix("*.yaml").unwrap();
    for file in fs::read_dir(observability.join("alerts")).unwrap().map(Result::unwrap) {
        if file.path().is_file() {
            let name = file.file_name().into_string().unwrap();
            assert_eq!(mounted("prometheus", &format!("{rules}{name}")), file.path().canonicalize().unwrap());
        }
    }

    // Grafana finds both what it is given to begin with and the dashboards, and asks Prometheus.
    let provisioning = mounted("grafana", "/etc/grafana/provisioning");
    assert!(provisioning.join("datasources").is_dir() && provisioning.join("dashboards").is_dir());
    let path = DASHBOARDS.split_once("path: ").unwrap().1.split(' ').next().unwrap();
    assert_eq!(mounted("grafana", path), observability.join("dashboards").canonicalize().unwrap());
    assert_eq!(host_and_port(value(DATA_SOURCES, "url")), ("prometheus", "9090"));
    assert_eq!(value(DATA_SOURCES, "type"), "prometheus");
}

/// The settings that the collector's parts have, of those that may stand in our file, and what may be said there: a word,
/// or a kind of value. By the documentation of the collector whose image the stack names; no collector is there to be asked.
const KNOWN_TO_THE_COLLECTOR: [(&str, &[&str]); 16] = [
    ("receivers.otlp.protocols.http.endpoint", &["address"]),
    ("receivers.otlp.protocols.grpc.endpoint", &["address"]),
    ("processors.memory_limiter.check_interval", &["time"]),
    ("processors.memory_limiter.limit_mib", &["number"]),
    ("processors.memory_limiter.spike_limit_mib", &["number"]),
    ("processors.batch.timeout", &["time"]),
    ("exporters.debug.verbosity", &["basic", "normal", "detailed"]),
    ("service.pipelines.traces.receivers", &["list"]),
    ("service.pipelines.traces.processors", &["list"]),
    ("service.pipelines.traces.exporters", &["list"]),
    ("service.pipelines.metrics.receivers", &["list"]),
    ("service.pipelines.metrics.processors", &["list"]),
    ("service.pipelines.metrics.exporters", &["list"]),
    ("service.pipelines.logs.receivers", &["list"]),
    ("service.pipelines.logs.processors", &["list"]),
    ("service.pipelines.logs.exporters", &["list"]),
];

/// Of a YAML file of the simplest kind, every value with the keys that lead to it: maps by indentation, or in braces.
fn leaves(text: &str) -> Vec<(String, String)> {
    let mut leaves = Vec::new();
    let mut above: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let depth = line.chars().take_while(|letter| *letter == ' ').count();
        assert!(depth % 2 == 0 && depth / 2 <= above.len(), "indented by {depth}: {line}");
        above.truncate(depth / 2);
        let (key, value) = line.trim().split_once(':').unwrap_or_else(|| panic!("no key: {line}"));
        above.push(key);
        let path = above.join(".");
        match value.trim() {
            "" => {}
            map if map.starts_with('{') => {
                let inner = map.strip_prefix("{ ").unwrap().strip_suffix(" }").unwrap();
                // A comma within brackets parts no pairs.
                let mut depth = 0;
                let pairs = inner.split(|letter: char| {
                    depth += i32::from(letter == '[') - i32::from(letter == ']');
                    letter == ',' && depth == 0
                });
                for pair in pairs {
                    let (key, value) = pair.trim().split_once(": ").unwrap();
                    leaves.push((format!("{path}.{key}"), value.to_owned()));
                }
            }
            value => leaves.push((path, value.to_owned())),
        }
    }
    leaves
}

fn is_of_kind(value: &str, kind: &str) -> bool {
    match kind {
        "address" => value.parse::<std::net::SocketAddr>().is_ok(),
        "number" => value.parse::<u32>().is_ok(),
        "time" => value.strip_suffix('s').is_some_and(|number| number.parse::<u32>().is_ok()),
        "list" => value.starts_with('[') && value.ends_with(']'),
        word => value == word,
    }
}

/// If this failed, the collector would not start: it refuses what it does not know.
#[test]
fn the_collector_is_told_nothing_that_it_does_not_know() {
    for (path, value) in leaves(COLLECTOR) {
        let found = KNOWN_TO_THE_COLLECTOR.iter().find(|(known, _)| *known == path);
        let kinds = found.unwrap_or_else(|| panic!("the collector knows no {path}")).1;
        assert!(kinds.iter().any(|kind| is_of_kind(&value, kind)), "{path}: {value} is none of {kinds:?}");
    }
}

/// If this failed, a pipeline of the collector would name a part that is not configured, and the collector not start; or
/// a part stand there that nothing goes through, or telemetry come in before there is memory for it.
#[test]
fn the_collectors_pipelines_are_made_of_its_parts() {
    let leaves = leaves(COLLECTOR);
    let mut configured = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (path, value) in &leaves {
        let keys: Vec<&str> = path.split('.').collect();
        match keys[..] {
            ["service", "pipelines", signal, section] => {
                let names = value.trim_start_matches('[').trim_end_matches(']').split(", ");
                let names: Vec<&str> = names.collect();
                if section == "processors" {
                    assert_eq!(
                        (names.first(), names.last()),
                        (Some(&"memory_limiter"), Some(&"batch")),
                        "{signal}"
                    );
                }
                used.extend(names.into_iter().map(|name| (section, name)));
            }
            [section, name, ..] => {
                configured.insert((section, name));
            }
            _ => panic!("{path} is at no place for a setting"),
        }
    }
    assert_eq!(used, configured);
    for signal in ["traces", "metrics", "logs"] {
        let of_signal = |section: &str| format!("service.pipelines.{signal}.{section}");
        for section in ["receivers", "processors", "exporters"] {
            let is_there = leaves.iter().any(|(path, _)| *path == of_signal(section));
            assert!(is_there, "{signal} has no {section}");
        }
    }
}

/// If this failed, the container would end at once, with a complaint about its configuration.
#[test]
fn the_connector_understands_what_it_is_told_in_its_container() {
    let directory = image("compose");
    let services = services();
    let connector = &services["connector"];
    let told = connector.split_once("\"--config\", \"/etc/connector/").unwrap().1.split('"').next().unwrap();

    let checked = Command::new(env!("CARGO_BIN_EXE_m365-connector"))
        .args(["check-config", "--config"])
        .arg(directory.0.join(told))
        .envs(environment(connector))
        .output()
        .unwrap();

    let said =
        String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
    // It makes its state directory there, as a user who may not unless the directory is theirs.
    let made =
        DOCKERFILE.find("&& useradd --system connector && install -d -o connector -m 700 /etc/connector\n");
    assert!(made < DOCKERFILE.find("COPY --chown=connector") && made.is_some(), "{DOCKERFILE}");
    assert!(DOCKERFILE.contains("\nUSER connector\n"), "{DOCKERFILE}");
}

/// If this failed, a client or a browser on this machine would be sent to sign in where nobody answers it.
#[actix_web::test]
async fn every_address_of_the_metadata_is_published() {
    let directory = image("published");
    let services = services();
    let connector = &services["connector"];
    let mut environment = environment(connector);
    for listener in ["PUBLIC", "OPERATIONS"] {
        environment.insert(format!("CONNECTOR__LISTEN__{listener}"), "127.0.0.1:0".to_owned());
    }
    let settings = m365_connector::load(&directory.0.join("connector.toml"), environment).unwrap();
    let listeners = Listeners::bind(settings.http.public_address, settings.http.operations_address).unwrap();
    let address = listeners.public_address().unwrap();
    let running =
        Application::start(Catalogue::MICROSOFT_365, &settings, listeners, TelemetryHandle::disabled())
            .unwrap();
    let http = Client::builder().build().unwrap();
    let mut found = Vec::new();
    for document in ["oauth-protected-resource/mcp", "oauth-authorization-server"] {
        let request = http.get(format!("http://{address}/.well-known/{document}"));
        addresses(&send(request.header("host", "127.0.0.1:8080")).await.json(), &mut found);
    }
    running.stop().await;

    let published = published(connector);
    for address in &found {
        let port = address.port_or_known_default().unwrap().to_string();
        assert_eq!(address.host_str(), Some("127.0.0.1"), "{address} is not on this machine");
        assert!(published.contains(port.as_str()), "nothing leads to {address}: {published:?}");
    }
    let ports: BTreeSet<_> = found.iter().filter_map(Url::port).map(|port| port.to_string()).collect();
    assert_eq!(ports.iter().map(String::as_str).collect::<BTreeSet<_>>(), published, "{found:?}");
}

/// Every address in a document.
fn addresses(document: &Value, found: &mut Vec<Url>) {
    match document {
        Value::String(text) => found.extend(Url::parse(text).ok().filter(Url::has_host)),
        Value::Array(items) => items.iter().for_each(|item| addresses(item, found)),
        Value::Object(members) => members.values().for_each(|member| addresses(member, found)),
        _ => {}
    }
}

/// If this failed, a published port would lead to a door that is open to the inside alone, or the load to another stack.
#[test]
fn what_is_published_is_listened_for_beyond_loopback() {
    let services = services();
    let connector = &services["connector"];
    let (anywhere, public) = host_and_port(value(connector, "CONNECTOR__LISTEN__PUBLIC"));
    let simulator = command(&services["simulator"]);
    let [program, "--listen", listened, "--port", port] = simulator[..] else { panic!("{simulator:?}") };
    assert_eq!((program, anywhere, listened), ("m365-simulator", "0.0.0.0", "0.0.0.0"));
    assert_eq!(published(connector), BTreeSet::from([public, port]));

    let load = command(&services["load"]);
    let at = [format!("http://127.0.0.1:{public}/mcp"), format!("127.0.0.1:{port}")];
    assert_eq!(load[..], ["m365-loadtest", "load", "running", &at[0], &at[1], "120"]);
    for shares in ["simulator", "load"] {
        assert_eq!(value(&services[shares], "network_mode"), "service:connector", "{shares}");
    }
}

/// As `COPY` does: a file into the directory, of a directory what is in it.
fn copy(source: &Path, directory: &Path) {
    if source.is_file() {
        fs::copy(source, directory.join(source.file_name().unwrap())).unwrap();
        return;
    }
    fs::create_dir_all(directory).unwrap();
    for entry in fs::read_dir(source).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            copy(&entry.path(), &directory.join(entry.file_name()));
        } else {
            copy(&entry.path(), directory);
        }
    }
}
