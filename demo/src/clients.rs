//! How to connect a real client to the demo: lines to copy.

use m365_demo::Stage;

use crate::screen::Screen;

/// Prints how three well-known clients connect. All sign in as the first registered client, whose loopback
/// redirects match on any port.
pub(crate) fn print(screen: &Screen, stage: &Stage) {
    let url = stage.connector_url();
    let client = stage.simulator.directory().clients.first().map(|client| client.id.to_string());
    let client = client.unwrap_or_default();
    screen.heading("Connect a client of your own (a browser opens; pick any user)");
    screen.line("  Claude Code");
    screen.copyable(&format!("claude mcp add --transport http --client-id {client} m365 {url}"));
    screen.copyable("claude mcp login m365");
    screen.line("  mcp-remote, the bridge for clients that start programs (Node)");
    screen.copyable(&format!(
        r#"npx -y -p mcp-remote mcp-remote-client {url} --static-oauth-client-info '{{"client_id":"{client}"}}'"#
    ));
    screen.line("  MCP Inspector, command line (Node 22)");
    screen.copyable(&format!(
        "npx @modelcontextprotocol/inspector --cli {url} --transport http --client-id {client} --method tools/list"
    ));
    screen.line("");
    screen.line("  Serving until Ctrl-C.");
}
