//! The front page: plain links, readable without scripts.

use axum::response::Html;

const ROOT: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foreroute</title>
<style>body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
</head>
<body>
<h1>Foreroute</h1>
<p>Keeps LLM and agent traffic on healthy, affordable channels before anything breaks.</p>
<ul>
<li><a href="/docs/">Interface</a>, to read and to try</li>
<li><a href="/openapi.json">The same as OpenAPI</a></li>
<li><a href="/v1/channels">Channels</a></li>
<li><a href="/healthz">Health</a> and <a href="/metrics">metrics</a> of this process</li>
</ul>
</body>
</html>
"#;

/// The front page.
pub(super) async fn root() -> Html<&'static str> {
    Html(ROOT)
}
