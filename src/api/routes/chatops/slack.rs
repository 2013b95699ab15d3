//! `POST /v1/chatops/slack`: the slash command of a Slack app.
//!
//! Slack waits three seconds for an answer and shows nothing but "failed" for any status other than 200, so whatever is wrong
//! with a phrase is an answer. What is wrong with a request, its signature above all, is a problem as everywhere.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::answer::answer;
use super::{Person, Reply};
use crate::api::chat::live;
use crate::api::error::{ApiError, Problem};
use crate::api::routes::authority::text;
use crate::api::slack::verify;
use crate::api::state::ApiState;
use crate::chat::page::Page;
use crate::chat::phrase;
use crate::chat::slack::{blocks, escape};
use crate::domain::language::Language;

/// Slack gives up after three seconds; the rest is for the network.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// An answer as Slack shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlackAnswer {
    /// `in_channel` if something was changed, so that everybody sees who did it; else `ephemeral`: only who asked sees it.
    #[schema(example = "ephemeral")]
    pub response_type: &'static str,
    /// The answer as plain text, for notifications.
    pub text: String,
    /// The answer as blocks.
    #[schema(value_type = Vec<Object>)]
    pub blocks: Vec<Value>,
}

impl From<Reply> for SlackAnswer {
    fn from(reply: Reply) -> Self {
        let response_type = if reply.acted { "in_channel" } else { "ephemeral" };
        Self { response_type, text: escape(&reply.page.print(false)), blocks: blocks(&reply.page) }
    }
}

/// What Slack sends with a command.
#[derive(Debug, Default)]
struct Command {
    text: String,
    user_id: String,
    user_name: String,
    /// Slack only tries out the certificate.
    is_trial: bool,
}

impl Command {
    fn read(body: &[u8]) -> Self {
        let mut command = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match name.as_ref() {
                "text" => command.text = value.into_owned(),
                "user_id" => command.user_id = value.into_owned(),
                "user_name" => command.user_name = value.into_owned(),
                "ssl_check" => command.is_trial = value == "1",
                _ => {}
            }
        }
        command
    }
}

/// Answer a slash command of Slack. Instead of a token, the request bears Slack's signature (`X-Slack-Signature` over
/// `X-Slack-Request-Timestamp` and the body); members named in `chat.slack.operators` may give orders.
#[utoipa::path(
    post, path = "/v1/chatops/slack", tag = "out",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The answer.", body = SlackAnswer),
        (status = 401, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(in crate::api::routes) async fn command(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SlackAnswer>, ApiError> {
    let none = || ApiError::NotFound("no Slack app is configured: see `[chat.slack]`".to_owned());
    let slack = api.settings().slack.as_ref().ok_or_else(none)?;
    let body = api.receive_document(&headers, body).await?;
    verify(slack.signing_secret.expose(), &headers, &body, api.engine().clock().now())?;
    let command = Command::read(&body);
    if command.is_trial {
        return Ok(Json(Reply::of(Page::new("ok")).into()));
    }
    let person = if slack.operators.contains(&command.user_id) {
        // Whoever signs tells two members apart, so a yes of each counts.
        Person::Operator { name: format!("{} (slack {})", command.user_name, command.user_id), is_proven: true }
    } else {
        Person::Reader
    };
    let names = live::names(api.engine());
    let heard = phrase::parse(&command.text, &names);
    if let Err(error) = text(command.text) {
        return Ok(Json(failed(&error, heard.language).into()));
    }
    let answered = tokio::time::timeout(PATIENCE, answer(&api, &heard.intent, names, &person, heard.language)).await;
    let reply = match answered {
        Ok(Ok(reply)) => reply,
        Ok(Err(error)) => failed(&error, heard.language),
        Err(_) => failed(
            &ApiError::Busy {
                why: "this takes longer than Slack waits; what was ordered may still be done",
                retry_after_s: 5,
            },
            heard.language,
        ),
    };
    Ok(Json(reply.into()))
}

/// An answer in place of an error, which Slack would not show.
fn failed(error: &ApiError, language: Language) -> Reply {
    error.log();
    let mut page = Page::new(language.pick("There is no answer now.", "지금은 답할 수 없습니다."));
    page.say(error.to_string());
    Reply::of(page)
}
