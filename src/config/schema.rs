//! The JSON Schemas of the configuration and of the file of rules, for editors and for [`super::shape`].

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::raw::{Raw, Rules};

/// The schema of settings as written.
pub(super) fn schema<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    drop_null(&mut schema);
    schema
}

/// The schema of the configuration as it is published in `schemas/config.schema.json`.
#[must_use]
pub fn schema_text() -> String {
    text::<Raw>()
}

/// The schema of the file of rules as it is published in `schemas/alerts.schema.json`.
#[must_use]
pub fn rules_schema_text() -> String {
    text::<Rules>()
}

fn text<T: JsonSchema>() -> String {
    // A `Value` of strings, numbers and lists always prints.
    serde_json::to_string_pretty(&schema::<T>()).unwrap_or_default() + "\n"
}

/// Takes `null` out: TOML has none, an optional key is simply absent. Takes out the defaults of tables, too: their keys have their own.
fn drop_null(node: &mut Value) {
    match node {
        Value::Array(nodes) => nodes.iter_mut().for_each(drop_null),
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(mut variants)) = map.remove("anyOf") {
                variants.retain(|variant| variant.get("type").is_none_or(|kind| kind != "null"));
                if let [Value::Object(only)] = variants.as_slice() {
                    map.extend(only.clone());
                } else {
                    map.insert("anyOf".to_owned(), Value::Array(variants));
                }
            }
            if map.get("default").is_some_and(|default| default.is_null() || default.is_object()) {
                map.remove("default");
            }
            map.values_mut().for_each(drop_null);
        }
        _ => {}
    }
}
