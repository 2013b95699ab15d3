//! The front page: the dashboard, or where the binary was built without it, plain links and how to add it.

use axum::extract::Path;
use axum::http::{HeaderMap, Uri};
use axum::response::{Html, IntoResponse, Response};

use crate::api::dashboard;
use crate::api::error::ApiError;

const WITHOUT: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Foreroute</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
pre { padding: .75rem 1rem; border: 1px solid; overflow-x: auto }
</style>
</head>
<body>
<h1>Foreroute</h1>
<p>Keeps LLM and agent traffic on healthy, affordable channels before anything breaks.</p>
<p>This binary was built without the dashboard. With Node 20.19 or newer, in the source tree, this adds it:</p>
<pre>make dashboard
cargo build --release</pre>
<p>Everything else is there:</p>
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
pub(super) async fn root(headers: HeaderMap) -> Response {
    dashboard::page(&headers).unwrap_or_else(|| Html(WITHOUT).into_response())
}

/// A file that is named by its content.
pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, ApiError> {
    dashboard::file(&format!("assets/{name}"), &headers)
}

/// A file beside the page.
pub(super) async fn beside(uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    dashboard::file(uri.path().trim_start_matches('/'), &headers)
}
