//! The interface's own description, generated from the handlers.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::api::error::Problem;
use crate::api::routes;

/// The parts of the document that no handler states.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Foreroute",
        description = "Keeps LLM and agent traffic on healthy, affordable channels before anything breaks.\n\n\
            Every answer that is not a success is a problem document (RFC 9457). Times are UTC; a gap is `null`, \
            never zero."
    ),
    tags(
        (name = "in", description = "Calls and telemetry in. Needs the role writer where tokens are configured."),
        (name = "out", description = "Channels, samples and queries. Needs the role reader or operator."),
        (name = "orders", description = "What operators say. Needs the role operator."),
        (name = "health", description = "Whether the process lives and works.")
    ),
    components(responses(Problem)),
    modifiers(&Bearer)
)]
pub struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Only where tokens are configured."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document as it is kept in `schemas/openapi.json`: pretty JSON with a final line break.
///
/// # Errors
/// The cause if the document cannot be written as JSON; a test keeps that from happening.
pub fn document() -> Result<String, serde_json::Error> {
    let mut text = routes::description().to_pretty_json()?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kept_document_is_the_generated_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/openapi.json");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let generated = document().expect("the description is JSON");
        assert!(kept == generated, "run `cargo test --lib api::openapi -- --ignored` to write {path} anew");
    }

    #[test]
    fn every_schema_that_is_named_is_there() {
        let document: serde_json::Value = serde_json::from_str(&document().expect("JSON")).expect("JSON");
        let text = document.to_string();
        let names = text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next());
        let missing: Vec<&str> = names.filter(|name| document["components"]["schemas"].get(*name).is_none()).collect();
        assert!(missing.is_empty(), "generated clients fail on {missing:?}");
    }

    #[test]
    #[ignore = "writes schemas/openapi.json anew"]
    fn write_the_document() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/openapi.json");
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")).expect("folder is made");
        std::fs::write(path, document().expect("the description is JSON")).expect("file is written");
    }
}
