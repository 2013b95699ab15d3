//! What an intent is answered with.

use serde_json::json;

use super::{Person, Reply, order};
use crate::api::ask::{Scope, ask};
use crate::api::chat::look::hour_before;
use crate::api::chat::{changes, live, outlook};
use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::chat::answer::{acted, cost, forecast, incidents, known, report, status, stranger, unknown, why};
use crate::chat::help;
use crate::chat::intent::{Intent, Span, Subject};
use crate::chat::names::Names;
use crate::domain::language::Language;
use crate::engine::View;
use crate::report::figures::Kind;
use crate::report::words;

/// Answers `intent`, as `person` may have it. `names` are those there are.
///
/// # Errors
/// [`ApiError`] if the store cannot be asked; an order that is refused is an answer.
pub(super) async fn answer(
    api: &ApiState,
    intent: &Intent,
    names: Names,
    person: &Person,
    language: Language,
) -> Result<Reply, ApiError> {
    let engine = api.engine().clone();
    let now = engine.clock().now();
    if let Some(Subject::Stranger(name)) = subject(intent) {
        return Ok(Reply::of(stranger(name, &names, language)));
    }
    let about = subject(intent).cloned();
    match intent {
        Intent::Status(_) => {
            let status = look(api, move |view| live::status(&engine, view, about.as_ref(), now)).await?;
            let table = status::narrow(&status.channels, language);
            Ok(Reply::of(status::page(&status, table, language)).with("status", &status))
        }
        Intent::Forecast(_, column) => {
            let (asked, column) = (about.clone(), *column);
            let outlooks = look(api, move |view| outlook::outlooks(&engine, view, asked.as_ref(), column, now)).await?;
            let page = forecast::page(&outlooks, known(about.as_ref()).0, language);
            Ok(Reply::of(page).with("forecasts", &outlooks))
        }
        Intent::Why(_) => {
            let asked = about.clone();
            let changes = look(api, move |view| changes::changes(&engine, view, asked.as_ref(), now)).await?;
            let page = why::page(&changes, known(about.as_ref()).0, now, language);
            Ok(Reply::of(page).with("changes", &changes))
        }
        Intent::Incidents(_) => {
            let channel = known(about.as_ref()).0;
            let open = live::incidents(&engine, channel);
            Ok(Reply::of(incidents::page(&open, channel, now, language)).with("incidents", &open))
        }
        Intent::Cost => {
            let spend = look(api, move |_view| live::spend(&engine)).await?;
            Ok(Reply::of(cost::page(&spend, now, language)).with("spend", &spend))
        }
        Intent::Mode(None) => {
            let modes = live::modes(&engine);
            Ok(Reply::of(acted::modes(&modes, language)).with("modes", &modes))
        }
        Intent::Mode(Some(of)) => order::set_mode(api, of, &names, person, language).await,
        Intent::Approve(verdict) | Intent::Reject(verdict) => {
            let is_yes = matches!(intent, Intent::Approve(_));
            order::verdict(api, verdict, is_yes, person, language).await
        }
        Intent::Report(span) => reported(api, *span, language).await,
        Intent::Help => {
            let lead = language.pick("You can ask:", "이렇게 물어보세요:");
            Ok(Reply::of(help::page(lead, &names, language)))
        }
        Intent::Unknown(nearest) => Ok(Reply::of(unknown(*nearest, &names, language))),
    }
}

/// Whom `intent` is about, if anybody is named.
const fn subject(intent: &Intent) -> Option<&Subject> {
    match intent {
        Intent::Status(about) | Intent::Forecast(about, _) | Intent::Why(about) | Intent::Incidents(about) => {
            about.as_ref()
        }
        _ => None,
    }
}

/// Asks the store about the last hour.
async fn look<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    api: &ApiState,
    question: impl FnOnce(&View) -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let minute = api.engine().clock().now().minute();
    let scope = Scope { channel: None, from: hour_before(minute).0, to: minute.plus(1) };
    ask(api, "chat", scope, question).await
}

/// The report of yesterday in short, and where all of it is. One of a fortnight takes longer to make than anybody waits in a
/// chat, so that one is only pointed at.
async fn reported(api: &ApiState, span: Span, language: Language) -> Result<Reply, ApiError> {
    let engine = api.engine().clone();
    let base = engine.settings().alerts.link.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
    let link = format!("{base}/v1/reports/{}?language={language}&as=html", span.name());
    let yesterday = engine.clock().now().minute().day().minus(1);
    let short = match span {
        Span::Daily => {
            let report = api.query(move || engine.report(Kind::Daily, yesterday)).await??;
            Some(words::in_short(&report, language))
        }
        Span::Fortnightly => None,
    };
    let page = report(span, short.as_deref(), &link, language);
    Ok(Reply::of(page).with("report", &json!({"span": span, "text": short, "href": link})))
}
