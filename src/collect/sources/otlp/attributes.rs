//! Attributes by name, and which of them may be kept.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Longest label value kept, in bytes. Names of services and deployments fit; sentences do not.
const MAX_LABEL_BYTES: usize = 120;

/// Parts of attribute names that carry what people wrote or models answered. A label with such a name is dropped.
const CONTENT: &[&str] = &[
    "prompt",
    "completion",
    "message",
    "content",
    "instruction",
    "input",
    "output",
    "argument",
    "query",
    "document",
    "body",
    "header",
    "stacktrace",
    "user",
    "email",
    "api_key",
    "authorization",
    "cookie",
    "password",
    "secret",
    "url.full",
];

/// A view of the attributes of one span, point or resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a>(pub(super) &'a [KeyValue]);

impl<'a> Attributes<'a> {
    fn value(self, name: &str) -> Option<&'a Value> {
        self.0.iter().find(|pair| pair.key == name)?.value.as_ref()?.value.as_ref()
    }

    /// The text called `name`, if it is one and not empty.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        match self.value(name)? {
            Value::StringValue(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The first of `names` that holds a text.
    pub(super) fn first_text(self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.text(name))
    }

    /// The number called `name`. Some exporters write integers as text, because their JSON does.
    pub(super) fn number(self, name: &str) -> Option<f64> {
        match self.value(name)? {
            #[expect(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^52")]
            Value::IntValue(number) => Some(*number as f64),
            Value::DoubleValue(number) => Some(*number),
            Value::StringValue(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The first of `names` that holds a number, with its name.
    pub(super) fn first_number<'n>(self, names: &[&'n str]) -> Option<(&'n str, f64)> {
        names.iter().find_map(|name| Some((*name, self.number(name)?)))
    }

    /// Whether the attribute `name` is there and true.
    pub(super) fn truth(self, name: &str) -> bool {
        matches!(self.value(name), Some(Value::BoolValue(true)))
    }

    /// Whether any attribute's name begins with `prefix`.
    pub(super) fn any_begins(self, prefix: &str) -> bool {
        self.0.iter().any(|pair| pair.key.starts_with(prefix))
    }

    /// A hash that depends on names and values and not on their order; the same in every release, for it is on disk.
    pub(super) fn fingerprint(self, seed: u64) -> u64 {
        let mut sorted: Vec<&KeyValue> = self.0.iter().collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        let encode = |pair: &&KeyValue| pair.encode_length_delimited_to_vec();
        xxh3_64_with_seed(&sorted.iter().flat_map(encode).collect::<Vec<u8>>(), seed)
    }

    /// The attributes called `names`, as labels.
    pub(super) fn pick_labels(self, names: &[&str], labels: &mut BTreeMap<String, String>) {
        for name in names {
            if let Some(text) = self.value(name).and_then(label) {
                labels.insert((*name).to_owned(), text);
            }
        }
    }

    /// Adds every attribute that may be a label to `labels`, keeping what is there.
    pub(super) fn add_labels(self, labels: &mut BTreeMap<String, String>) {
        for pair in self.0 {
            let Some(value) = pair.value.as_ref().and_then(|value| value.value.as_ref()) else { continue };
            if pair.key.is_empty() || pair.key.len() > MAX_LABEL_BYTES || is_content(&pair.key) {
                continue;
            }
            if let Some(text) = label(value) {
                labels.entry(pair.key.clone()).or_insert(text);
            }
        }
    }
}

/// Whether an attribute of this name can hold content or identity.
fn is_content(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    CONTENT.iter().any(|part| name.contains(part))
}

/// A scalar as label text; lists, maps and bytes are no labels, nor is text that is longer than names are.
fn label(value: &Value) -> Option<String> {
    match value {
        Value::StringValue(text) => (text.len() <= MAX_LABEL_BYTES).then(|| text.clone()),
        Value::BoolValue(truth) => Some(truth.to_string()),
        Value::IntValue(number) => Some(number.to_string()),
        Value::DoubleValue(number) => Some(number.to_string()),
        _ => None,
    }
}
