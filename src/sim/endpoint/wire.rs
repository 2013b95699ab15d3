//! The JSON of the OpenAI chat completions API, as much of it as clients rely on.

use hyper::header::{HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sim::loopback::{self, Body};
use crate::sim::world::profile::Profile;
use crate::sim::world::service::Answer;
use crate::stats::seed::Seed;

/// A chat request. Fields that the world does not react to (temperature, tools, ...) are accepted and ignored.
#[derive(Debug, Deserialize)]
pub(super) struct ChatRequest {
    pub(super) model: String,
    messages: Vec<Message>,
    #[serde(default)]
    pub(super) stream: bool,
    stream_options: Option<StreamOptions>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    pub(super) seed: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Message {
    /// A text, or parts of which the texts count.
    content: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

impl ChatRequest {
    /// Tokens of all messages, where a token is a word: this world's tokenizer.
    pub(super) fn prompt_tokens(&self) -> u32 {
        let words = |text: &str| text.split_ascii_whitespace().count();
        let count = |content: &Value| match content {
            Value::String(text) => words(text),
            Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).map(words).sum(),
            _ => 0,
        };
        let tokens: usize = self.messages.iter().map(|message| message.content.as_ref().map_or(0, count)).sum();
        u32::try_from(tokens).unwrap_or(u32::MAX)
    }

    /// The caller's limit on the answer; the newer field wins.
    pub(super) fn limit(&self) -> Option<u32> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    /// Whether a stream should end with a usage block.
    pub(super) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage)
    }
}

/// A request id that repeats with the world.
pub(super) fn request_id(channel: &str, index: u64) -> String {
    use rand::Rng;
    format!("req_{:016x}", Seed::new(index).child(channel).rng().next_u64())
}

/// The usage block.
pub(super) fn usage(prompt_tokens: u32, answer: &Answer) -> Value {
    json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "total_tokens": u64::from(prompt_tokens) + u64::from(answer.completion_tokens),
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens},
    })
}

/// The list of models: the one that the channel serves.
pub(super) fn models(profile: &Profile) -> Value {
    json!({"object": "list", "data": [{"id": profile.model, "object": "model", "created": 0, "owned_by": profile.provider}]})
}

/// An error response with the error object of the original.
pub(super) fn error(status: StatusCode, kind: &str, message: &str) -> Response<Body> {
    loopback::json(status, &json!({"error": {"message": message, "type": kind, "param": null, "code": null}}))
}

/// Sets a header whose value is made here; a value that HTTP does not allow is left out.
pub(super) fn set_header(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}
