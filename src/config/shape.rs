//! Compares a document with the JSON Schema of the configuration: unknown keys, missing keys, wrong types.
//!
//! Walking the schema instead of letting serde stop at the first error has two gains: every problem is reported at
//! once, and the schema that editors load cannot disagree with what the program accepts. Only the part of JSON Schema
//! that our own raw types produce is understood; the test below fails if they begin to produce more.

use serde_json::{Map, Value};

use super::document::{Document, Path, Point};
use super::problem::Problem;

/// Marks a schema with the words for "expected ..." where the type alone would say too little.
pub(super) const EXPECTED: &str = "x-expected";

/// How alike two keys must be (Jaro-Winkler) for one to be suggested for the other. 0.8 still catches a plural, a
/// doubled letter and two swapped ones, and does not take `name` for `model`.
const ALIKE: f64 = 0.8;

/// Every deviation of `document` from `schema`, in no particular order.
pub(super) fn problems(document: &Document<'_>, schema: &Value) -> Vec<Problem> {
    let mut walk = Walk { document, root: schema, problems: Vec::new() };
    walk.value(schema, document.value(), &Path::default());
    walk.problems
}

struct Walk<'a> {
    document: &'a Document<'a>,
    root: &'a Value,
    problems: Vec<Problem>,
}

impl<'a> Walk<'a> {
    fn report(&mut self, path: &Path, point: Point, message: String) {
        self.problems.push(self.document.problem(path, point, message));
    }

    /// Follows `$ref`, which in our schemas always points at `#/$defs/NAME`.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        target.and_then(|pointer| self.root.pointer(pointer)).unwrap_or(schema)
    }

    fn value(&mut self, schema: &'a Value, value: &Value, path: &Path) {
        let schema = self.resolve(schema);
        if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
            return self.variants(variants, value, path);
        }
        let fits = match (type_of(schema), value) {
            ("object", Value::Object(table)) => return self.table(schema, table, path),
            ("array", Value::Array(elements)) => return self.list(schema, elements, path),
            ("string", Value::String(word)) => return self.word(schema, word, path),
            ("integer", Value::Number(number)) => number.is_i64() && in_range(schema, value),
            ("number", Value::Number(_)) => in_range(schema, value),
            ("boolean", Value::Bool(_)) | ("", _) => true,
            _ => false,
        };
        if !fits {
            self.report(path, Point::Value, format!("expected {}, found {}", expected(schema), found(value)));
        }
    }

    fn table(&mut self, schema: &'a Value, table: &Map<String, Value>, path: &Path) {
        let known = schema.get("properties").and_then(Value::as_object);
        for (key, value) in table {
            let path = path.key(key);
            match known.and_then(|known| known.get(key)) {
                Some(schema) => self.value(schema, value, &path),
                None => match schema.get("additionalProperties") {
                    Some(free @ Value::Object(_)) => self.value(free, value, &path),
                    _ => self.unknown_key(key, known, &path),
                },
            }
        }
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !table.contains_key(key) {
                self.report(&path.key(key), Point::Value, format!("the key `{key}` is missing"));
            }
        }
    }

    fn unknown_key(&mut self, key: &str, known: Option<&Map<String, Value>>, path: &Path) {
        let known: Vec<&str> = known.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        self.report(path, Point::Key, format!("unknown key `{key}`; {}", suggestion(key, &known)));
    }

    fn list(&mut self, schema: &'a Value, elements: &[Value], path: &Path) {
        let Some(items) = schema.get("items") else { return };
        for (at, element) in elements.iter().enumerate() {
            self.value(items, element, &path.at(at));
        }
    }

    fn word(&mut self, schema: &'a Value, word: &str, path: &Path) {
        let Some(words) = schema.get("enum").and_then(Value::as_array) else { return };
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        self.one_of(word, &words, path);
    }

    fn one_of(&mut self, word: &str, words: &[&str], path: &Path) {
        if !words.contains(&word) {
            self.report(path, Point::Value, format!("`{word}` is not known; {}", suggestion(word, words)));
        }
    }

    /// `oneOf` is either a list of words, each with its own description, or of tables told apart by `kind`.
    fn variants(&mut self, variants: &'a [Value], value: &Value, path: &Path) {
        match value {
            Value::String(word) if variants.iter().all(|variant| variant.get("const").is_some()) => {
                let words: Vec<&str> = variants.iter().filter_map(|variant| variant["const"].as_str()).collect();
                self.one_of(word, &words, path);
            }
            Value::Object(table) if variants.iter().all(|variant| kind_of(variant).is_some()) => {
                let kinds: Vec<&str> = variants.iter().filter_map(kind_of).collect();
                let path_of_kind = path.key("kind");
                match table.get("kind") {
                    Some(Value::String(kind)) => match variants.iter().find(|variant| kind_of(variant) == Some(kind)) {
                        Some(variant) => self.table(variant, table, path),
                        None => self.one_of(kind, &kinds, &path_of_kind),
                    },
                    Some(other) => {
                        let message = format!("expected one of {}, found {}", quoted(&kinds), found(other));
                        self.report(&path_of_kind, Point::Value, message);
                    }
                    None => {
                        let message = format!("the key `kind` is missing; expected one of {}", quoted(&kinds));
                        self.report(&path_of_kind, Point::Value, message);
                    }
                }
            }
            other => {
                let message = format!("expected {}, found {}", expected(&variants[0]), found(other));
                self.report(path, Point::Value, message);
            }
        }
    }
}

fn type_of(schema: &Value) -> &str {
    schema.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn kind_of(variant: &Value) -> Option<&str> {
    variant.pointer("/properties/kind/const")?.as_str()
}

fn in_range(schema: &Value, value: &Value) -> bool {
    let Some(number) = value.as_f64() else { return false };
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    bound("minimum").is_none_or(|least| number >= least) && bound("maximum").is_none_or(|most| number <= most)
}

fn expected(schema: &Value) -> String {
    if let Some(words) = schema.get(EXPECTED).and_then(Value::as_str) {
        return words.to_owned();
    }
    let kind = match type_of(schema) {
        "object" => "a table",
        "array" => "a list",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => "a string",
    };
    let bound = |key| schema.get(key).filter(|bound| bound.is_number());
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("{kind} from {least} to {most}"),
        (Some(least), None) => format!("{kind} of at least {least}"),
        (None, Some(most)) => format!("{kind} of at most {most}"),
        (None, None) => kind.to_owned(),
    }
}

/// The kind of a value; of strings never the text, which might be a secret in the wrong place.
fn found(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::String(_) => "a string".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) | Value::Null => "a table".to_owned(),
    }
}

/// The word of `known` that `word` was probably meant to be, or all of them.
pub(super) fn suggestion(word: &str, known: &[&str]) -> String {
    let likeness = |known: &&str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best {
        Some(best) if likeness(best) >= ALIKE => format!("did you mean `{best}`?"),
        _ => format!("expected one of {}", quoted(known)),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::raw::{Raw, Rules};
    use crate::config::schema::schema;

    /// For every node of the schema: no keyword that asserts something is one that the walk does not know.
    #[test]
    fn the_walk_understands_the_whole_schema() {
        const KNOWN: &[&str] = &[
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "oneOf",
            "const",
            "$ref",
            "minimum",
            "maximum",
            // These assert nothing the walk should check: the elements check their own text.
            "description",
            "title",
            "default",
            "examples",
            "pattern",
            "format",
            "$schema",
            "$defs",
            EXPECTED,
        ];
        fn visit(schema: &Value) {
            let Value::Object(node) = schema else { return };
            for (keyword, inner) in node {
                assert!(KNOWN.contains(&keyword.as_str()), "`{keyword}` in {schema}");
                match keyword.as_str() {
                    "properties" | "$defs" => inner.as_object().into_iter().flat_map(Map::values).for_each(visit),
                    "oneOf" => inner.as_array().into_iter().flatten().for_each(visit),
                    "items" | "additionalProperties" => visit(inner),
                    _ => {}
                }
            }
        }
        visit(&schema::<Raw>());
        visit(&schema::<Rules>());
    }
}
