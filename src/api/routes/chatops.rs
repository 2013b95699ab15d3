//! `POST /v1/chatops`: questions and orders in plain words, English or Korean.
//!
//! Questions need the role reader, orders the role operator: what is an order is decided by the phrase, so a reader who gives
//! one is told so. Slack's slash commands come to a path of their own ([`slack`]), for they bear no token and are signed.

mod answer;
mod order;
pub mod slack;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::api::chat::live;
use crate::api::error::{ApiError, Problem};
use crate::api::routes::authority::{text, who};
use crate::api::state::ApiState;
use crate::chat::intent::{Intent, Topic};
use crate::chat::page::Page;
use crate::chat::phrase;
use crate::chat::slack::blocks;
use crate::domain::language::Language;
use answer::answer;

/// A question or an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Phrase {
    /// What is said, in English or Korean.
    #[schema(example = "why is harbor-mini out")]
    text: String,
    /// The language of the answer, `en` or `ko`; that of the text if absent.
    #[schema(example = "en")]
    language: Option<String>,
    /// Who says it; the name of the token where tokens are configured. Orders need one.
    #[schema(example = "kim")]
    by: Option<String>,
}

/// An answer. Besides these there are the facts behind it, by the name of what they are: `status`, `forecasts`, `changes`,
/// `incidents`, `spend`, `modes`, `waiting`, `decision` or `report`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer {
    /// What was understood: `status`, `forecast`, `why`, `incidents`, `cost`, `approve`, `reject`, `mode`, `report`, `help` or
    /// `unknown`.
    #[schema(example = "why")]
    pub intent: &'static str,
    /// The language of the answer: `en` or `ko`.
    #[schema(example = "en")]
    pub language: &'static str,
    /// The answer as plain text of one or more lines.
    pub text: String,
    /// The answer as blocks of Slack.
    #[schema(value_type = Vec<Object>)]
    pub blocks: Vec<Value>,
    /// Whether something was changed.
    pub acted: bool,
    /// The facts behind it.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub facts: Map<String, Value>,
}

/// Who is speaking.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Person {
    /// Somebody who may only ask.
    Reader,
    /// Somebody who may give orders.
    Operator {
        /// The name, for the journal.
        name: String,
        /// Whether it is proven, so that two of them are two people.
        is_proven: bool,
    },
}

/// What came of a phrase.
#[derive(Debug)]
struct Reply {
    page: Page,
    acted: bool,
    facts: Map<String, Value>,
}

impl Reply {
    /// A page, and nothing else.
    fn of(page: Page) -> Self {
        Self { page, acted: false, facts: Map::new() }
    }

    /// With the facts behind it.
    fn with(mut self, name: &str, facts: &impl Serialize) -> Self {
        // Facts are texts, numbers and lists of them.
        self.facts.insert(name.to_owned(), serde_json::to_value(facts).unwrap_or_default());
        self
    }

    /// Something was changed.
    fn acted(mut self) -> Self {
        self.acted = true;
        self
    }
}

/// Answer a question or carry out an order, said in plain English or Korean: "status", "harbor-mini 왜 빠졌어",
/// "approve ID because ...". What is not understood is answered with what can be asked.
#[utoipa::path(
    post, path = "/v1/chatops", tag = "out", security(("token" = [])), request_body = Phrase,
    responses(
        (status = 200, description = "The answer.", body = Answer),
        (status = 400, response = Problem),
        (status = 403, response = Problem),
    )
)]
pub(super) async fn say(State(api): State<ApiState>, headers: HeaderMap, body: Body) -> Result<Json<Answer>, ApiError> {
    let said: Phrase = api.receive_json(&headers, body).await?;
    let wanted = said.language.as_deref().map(str::parse::<Language>).transpose();
    let wanted = wanted.map_err(|error| ApiError::Invalid(format!("`language`: {error}")))?;
    let names = live::names(api.engine());
    let heard = phrase::parse(&text(said.text)?, &names);
    let language = wanted.unwrap_or(heard.language);
    let person = if heard.intent.acts() {
        let is_proven = !api.settings().server.tokens.is_empty();
        Person::Operator { name: who(&api, &headers, said.by)?, is_proven }
    } else {
        Person::Reader
    };
    let reply = answer(&api, &heard.intent, names, &person, language).await?;
    Ok(Json(Answer {
        intent: intent(&heard.intent),
        language: language.tag(),
        text: reply.page.print(false),
        blocks: blocks(&reply.page),
        acted: reply.acted,
        facts: reply.facts,
    }))
}

/// The name of `intent` in answers.
fn intent(intent: &Intent) -> &'static str {
    intent.topic().map_or("unknown", Topic::name)
}
