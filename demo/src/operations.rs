//! Where the connector can be watched, as its operators do.

use m365_demo::Stage;

use crate::screen::Screen;

pub(crate) fn print(screen: &Screen, stage: &Stage) {
    let url = stage.operations_url();
    screen.heading("Watch the connector");
    screen.line(&format!("  operations {url}: /metrics, /healthz, /readyz, /log-filter"));
    screen.copyable(&format!("curl -s {url}/metrics"));
}
