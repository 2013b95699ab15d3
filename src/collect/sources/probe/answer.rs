//! What an OpenAI-compatible server answers to a chat completion, streamed or not, and whether it is the right answer.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::call::Outcome;
use crate::domain::price::Usage;

/// Most bytes of answer text that are kept; the expected word comes long before.
const MAX_TEXT_BYTES: usize = 64 * 1024;

/// The question of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Model, as the server calls it.
    pub model: String,
    /// What is asked.
    pub prompt: String,
    /// What the answer must contain, upper and lower case being the same.
    pub expect: String,
    /// Most completion tokens that are asked for.
    pub max_tokens: u32,
    /// Name of the field with that limit: `max_tokens`, or `max_completion_tokens` for models that insist on it.
    pub max_tokens_field: String,
    /// Whether to ask for a stream; without one there is no first-token time.
    pub stream: bool,
}

impl Question {
    /// The usual question to `model`.
    #[must_use]
    pub fn new(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            prompt: "Reply with exactly one word: pong".to_owned(),
            expect: "pong".to_owned(),
            max_tokens: 16,
            max_tokens_field: "max_tokens".to_owned(),
            stream: true,
        }
    }

    /// The request body. No temperature: some models refuse it, and the check does not need it.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "model": self.model,
            "messages": [{"role": "user", "content": self.prompt}],
            self.max_tokens_field.as_str(): self.max_tokens,
        });
        if self.stream {
            body["stream"] = json!(true);
            body["stream_options"] = json!({"include_usage": true});
        }
        body
    }

    /// The most that the question can use: a token is taken to have at least two bytes, and chat templates add some.
    #[must_use]
    pub fn worst_usage(&self) -> Usage {
        let prompt = self.prompt.len() as u64 / 2 + 32;
        Usage { prompt: Some(prompt), completion: Some(u64::from(self.max_tokens)), cached: None }
    }
}

/// The answer so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Its text.
    pub text: String,
    /// Tokens, if the server said so.
    pub usage: Usage,
    /// Whether the server said that it is complete.
    pub complete: bool,
    /// Whether the server reported an error inside the stream, or something was no JSON.
    pub broken: bool,
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    usage: Option<Tokens>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Message>,
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    #[serde(alias = "reasoning")]
    reasoning_content: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(rename = "prompt_tokens")]
    prompt: Option<u64>,
    #[serde(rename = "completion_tokens")]
    completion: Option<u64>,
    #[serde(rename = "prompt_tokens_details")]
    details: Option<Details>,
}

#[derive(Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
}

impl Answer {
    /// Takes one event of a stream, or the whole body of an answer that is not streamed. Returns whether it brought
    /// a token, of the answer or of the reasoning before it.
    pub fn take(&mut self, data: &str) -> bool {
        if data.trim() == "[DONE]" {
            self.complete = true;
            return false;
        }
        let Ok(piece) = serde_json::from_str::<Piece>(data) else {
            self.broken = true;
            return false;
        };
        self.broken |= piece.error.is_some_and(|error| !error.is_null());
        if let Some(tokens) = piece.usage {
            let cached = tokens.details.and_then(|details| details.cached_tokens);
            self.usage = Usage { prompt: tokens.prompt, completion: tokens.completion, cached };
        }
        let mut brought = false;
        for choice in piece.choices.into_iter().flatten() {
            self.complete |= choice.finish_reason.is_some();
            for message in choice.delta.into_iter().chain(choice.message) {
                let content = message.content.unwrap_or_default();
                brought |= !content.is_empty() || message.reasoning_content.is_some_and(|text| !text.is_empty());
                if self.text.len() + content.len() <= MAX_TEXT_BYTES {
                    self.text.push_str(&content);
                }
            }
        }
        brought
    }

    /// How the call ended: an answer that is broken, unfinished or wrong is the channel's fault.
    #[must_use]
    pub fn judge(&self, expect: &str) -> Outcome {
        let right = self.text.to_lowercase().contains(&expect.to_lowercase());
        if right && self.complete && !self.broken { Outcome::Ok } else { Outcome::ServerError }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_plain_answer_is_read_in_one_piece() {
        let mut answer = Answer::default();
        let body = r#"{"choices":[{"message":{"role":"assistant","content":"Pong."},"finish_reason":"stop"}],
                       "usage":{"prompt_tokens":14,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":4}}}"#;
        assert!(answer.take(body));
        assert_eq!(answer.judge("pong"), Outcome::Ok);
        assert_eq!(answer.usage, Usage { prompt: Some(14), completion: Some(2), cached: Some(4) });
        assert_eq!(answer.judge("ping"), Outcome::ServerError, "the wrong word");
    }

    #[test]
    fn half_an_answer_and_an_error_in_the_stream_are_failures() {
        let mut answer = Answer::default();
        assert!(answer.take(r#"{"choices":[{"delta":{"content":"pong"},"finish_reason":null}],"usage":null}"#));
        assert_eq!(answer.judge("pong"), Outcome::ServerError, "never finished");
        answer.take("[DONE]");
        assert_eq!(answer.judge("pong"), Outcome::Ok);
        answer.take(r#"{"error":{"message":"overloaded"}}"#);
        assert_eq!(answer.judge("pong"), Outcome::ServerError);
    }

    #[test]
    fn the_question_asks_for_usage_in_a_stream() {
        let mut question = Question::new("m");
        let body = question.body();
        assert_eq!((&body["stream_options"]["include_usage"], &body["max_tokens"]), (&json!(true), &json!(16)));
        question.stream = false;
        assert_eq!(question.body().get("stream"), None);
    }

    proptest! {
        /// Whatever a server sends, it is taken or marked as broken.
        #[test]
        fn hostile_pieces_never_panic(data in r#"[\[\]{}":,a-z0-9 -]{0,60}|\{"choices":\[\{"delta":\{"content":"[é"]{0,3}\}\}\]\}"#) {
            Answer::default().take(&data);
        }
    }
}
