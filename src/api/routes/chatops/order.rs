//! Orders: carried out by the same functions of the engine as those of `/v1/mode` and `/v1/decisions`, in the name of who
//! gave them. One that is refused is answered with why; nothing was done then.

use serde_json::json;

use super::{Person, Reply};
use crate::api::chat::live;
use crate::api::error::ApiError;
use crate::api::routes::actions::approve_run;
use crate::api::routes::authority::{approve_change, carried_out};
use crate::api::state::ApiState;
use crate::chat::answer::acted::{self, Came};
use crate::chat::facts::Waiting;
use crate::chat::intent::{ModeOrder, Reach, Verdict};
use crate::chat::names::Names;
use crate::domain::language::Language;
use crate::engine::machine::pilot::waiting::Approved;

/// Sets a mode.
pub(super) async fn set_mode(
    api: &ApiState,
    order: &ModeOrder,
    names: &Names,
    person: &Person,
    language: Language,
) -> Result<Reply, ApiError> {
    let Person::Operator { name, .. } = person else { return Ok(not_allowed(language)) };
    let decided: Vec<String> = live::modes(api.engine()).into_iter().map(|of| of.class).collect();
    let class = match (&order.reach, decided.as_slice()) {
        (Reach::All, _) => None,
        (Reach::Class(class), _) => Some(class.clone()),
        // Where there is one class, that one is meant.
        (Reach::Unsaid, [only]) => Some(only.clone()),
        (reach @ (Reach::Unsaid | Reach::Stranger(_)), _) => {
            let page = acted::which_class(reach, order.mode.name(), names, language);
            return Ok(Reply::of(page));
        }
    };
    let Some(reason) = order.reason.clone() else {
        let said = language.pick("mode", "모드");
        let of = class.as_deref().unwrap_or_else(|| language.pick("all", "전체"));
        return Ok(Reply::of(acted::no_reason(&format!("{said} {of} {}", order.mode.name()), language)));
    };
    let (mode, by) = (order.mode, name.clone());
    let set = carried_out(api, move |engine| engine.set_mode(class.as_deref(), mode, &by, &reason)).await;
    if let Err(error) = set {
        return refused(error, language);
    }
    let modes = live::modes(api.engine());
    Ok(Reply::of(acted::mode_set(name, &modes, language)).with("modes", &modes).acted())
}

/// Says yes or no to what waits, or shows it.
pub(super) async fn verdict(
    api: &ApiState,
    verdict: &Verdict,
    is_yes: bool,
    person: &Person,
    language: Language,
) -> Result<Reply, ApiError> {
    let (waiting, now) = (live::waiting(api.engine()), api.engine().clock().now());
    let Some(asked) = &verdict.id else {
        return Ok(Reply::of(acted::waiting(&waiting, now, language)).with("waiting", &waiting));
    };
    let Person::Operator { name, is_proven } = person else { return Ok(not_allowed(language)) };
    let Some(id) = resolve(asked, &waiting) else {
        let mut page = acted::waiting(&waiting, now, language);
        page.title = match language {
            Language::English => format!("Nothing that is called `{asked}` waits. {}", first(&page)),
            Language::Korean => format!("`{asked}`(이)라는 대기 항목은 없습니다. {}", first(&page)),
        }
        .into();
        return Ok(Reply::of(page).with("waiting", &waiting));
    };
    let Some(reason) = verdict.reason.clone() else {
        let said = if is_yes { language.pick("approve", "승인") } else { language.pick("reject", "거절") };
        return Ok(Reply::of(acted::no_reason(&format!("{said} {id}"), language)));
    };
    let came = match carry_out(api, id.clone(), is_yes, name.clone(), reason, *is_proven).await {
        Ok(came) => came,
        Err(error) => return refused(error, language),
    };
    let (state, generation) = match came {
        Came::Decided(generation) => ("decided", generation),
        Came::Waits => ("waits", None),
        Came::Rejected => ("rejected", None),
    };
    let page = acted::verdict(&id, name, &came, language);
    let told = json!({"id": id, "state": state, "generation": generation, "by": name});
    Ok(Reply::of(page).with("decision", &told).acted())
}

fn first(page: &crate::chat::page::Page) -> String {
    page.title.0.iter().map(|ink| ink.text.as_str()).collect()
}

/// What `asked` names of what waits: a change by its whole name, for the same class may propose another one in the meantime,
/// or a run by enough of it to mean no other.
fn resolve(asked: &str, waiting: &[Waiting]) -> Option<String> {
    let asked = asked.to_lowercase();
    let is_change = asked.contains('@');
    let is_meant = |id: &str| id.to_lowercase() == asked || (!is_change && id.starts_with(&asked));
    let mut meant = waiting.iter().filter(|of| is_meant(&of.id));
    let found = meant.next()?;
    meant.next().is_none().then(|| found.id.clone())
}

async fn carry_out(
    api: &ApiState,
    id: String,
    is_yes: bool,
    by: String,
    reason: String,
    is_proven: bool,
) -> Result<Came, ApiError> {
    match (id.contains('@'), is_yes) {
        (true, true) => Ok(match approve_change(api, id, by, reason, is_proven).await? {
            Approved::Waits(_) => Came::Waits,
            Approved::Decided(decided) => Came::Decided(Some(decided.decision.generation)),
        }),
        (true, false) => {
            carried_out(api, move |engine| engine.reject(&id, &by, &reason)).await?;
            Ok(Came::Rejected)
        }
        (false, true) => {
            let is_enough = approve_run(api, id, by, reason, is_proven).await?;
            Ok(if is_enough { Came::Decided(None) } else { Came::Waits })
        }
        (false, false) => {
            carried_out(api, move |engine| engine.reject_run(&id, &by, &reason)).await?;
            Ok(Came::Rejected)
        }
    }
}

/// The answer to an order of somebody who may only ask.
fn not_allowed(language: Language) -> Reply {
    let why = language.pick(
        "You may ask but not give orders. Operators are named in the configuration: `chat.slack.operators`.",
        "조회만 가능합니다. 운영자는 설정의 `chat.slack.operators`에 지정합니다.",
    );
    Reply::of(acted::refused(why, language))
}

/// An order that does not go with how things stand is answered; what is our fault is not.
fn refused(error: ApiError, language: Language) -> Result<Reply, ApiError> {
    match error {
        ApiError::NotFound(why) | ApiError::Conflict(why) | ApiError::Invalid(why) => {
            Ok(Reply::of(acted::refused(&why, language)))
        }
        other => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::facts::Why;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_change_is_named_whole_and_a_run_by_enough_of_its_name() {
        let at = Timestamp::from_seconds(0);
        let waiting = |id: &str| Waiting {
            id: id.to_owned(),
            about: String::new(),
            since: at,
            expires: at,
            shares: Vec::new(),
            why: Why::Said(String::new()),
            needed: 1,
            approved_by: Vec::new(),
        };
        let all = ["Chat@1795168800000000", "3f2a91c2b47d5e68", "3f2a91c2000000ff"].map(waiting);
        let found = |asked: &str| resolve(asked, &all);
        assert_eq!(found("chat@1795168800000000").as_deref(), Some("Chat@1795168800000000"));
        assert_eq!(found("3f2a91c2b").as_deref(), Some("3f2a91c2b47d5e68"));
        assert_eq!((found("chat@17951688"), found("3f2a91c2"), found("4f2a91c2")), (None, None, None));
    }
}
