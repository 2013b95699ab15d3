//! `GET /v1/reports/{kind}`: the report of a day or of a fortnight.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, Params};
use crate::api::state::ApiState;
use crate::domain::language::Language;
use crate::report::figures::Kind;
use crate::report::{html, markdown, words};

/// Which report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReportParams {
    /// The last day that it is about, `YYYY-MM-DD` in UTC. Yesterday if absent.
    #[param(example = "2026-11-21")]
    day: Option<String>,
    /// `en` or `ko`. English if absent.
    #[param(example = "ko")]
    language: Option<String>,
    /// `markdown`, `html` or `json`. Markdown if absent.
    #[serde(rename = "as")]
    #[param(rename = "as", example = "html")]
    form: Option<String>,
}

/// Tell the report of a day, or the learning report of a fortnight.
#[utoipa::path(
    get, path = "/v1/reports/{kind}", tag = "out", security(("token" = [])),
    params(("kind" = String, Path, description = "`daily` or `fortnightly`."), ReportParams),
    responses(
        (status = 200, description = "The report.", content(
            (String = "text/markdown"), (String = "text/html"), (serde_json::Value = "application/json"),
        )),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn report(
    State(api): State<ApiState>,
    Path(kind): Path<String>,
    Params(asked): Params<ReportParams>,
) -> Result<Response, ApiError> {
    let kind = Kind::parse(&kind).ok_or_else(|| {
        ApiError::NotFound(format!("there is no report `{kind}`; there are `daily` and `fortnightly`"))
    })?;
    let language: Language = asked
        .language
        .as_deref()
        .map_or(Ok(Language::default()), str::parse)
        .map_err(|error| ApiError::Invalid(format!("`language`: {error}")))?;
    let form = asked.form.as_deref().unwrap_or("markdown");
    if !["markdown", "html", "json"].contains(&form) {
        return Err(ApiError::Invalid(format!("`as` is `{form}`; expected `markdown`, `html` or `json`")));
    }
    let today = api.engine().clock().now().minute().day();
    let day = asked.day.as_deref().map_or(Ok(today.minus(1)), |text| params::day("day", text))?;
    if day > today {
        return Err(ApiError::Invalid(format!("`day` is {day}, which is still to come")));
    }
    let engine = api.engine().clone();
    let report = api.query(move || engine.report(kind, day)).await??;
    let (media_type, text) = match form {
        "json" => ("application/json", serde_json::to_string(&report).unwrap_or_default()),
        "html" => ("text/html; charset=utf-8", html::html(&words::document(&report, language))),
        _ => ("text/markdown; charset=utf-8", markdown::markdown(&words::document(&report, language))),
    };
    Ok(([(header::CONTENT_TYPE, media_type)], text).into_response())
}
