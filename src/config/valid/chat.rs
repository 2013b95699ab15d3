//! `[chat]` as meant.

use std::collections::BTreeSet;

use super::alerts::secret;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::secret::Secret;
use crate::config::raw;

/// Where people ask in plain words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chat {
    /// A slash command of Slack.
    pub slack: Option<Slack>,
}

/// A slash command of Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slack {
    /// What its requests are signed with.
    pub signing_secret: Secret,
    /// Ids of the members who may give orders.
    pub operators: BTreeSet<String>,
}

impl Chat {
    pub(super) fn check(raw: &raw::Chat, path: &Path, checker: &mut Checker<'_>) -> Self {
        Self { slack: raw.slack.as_ref().and_then(|slack| Slack::check(slack, &path.key("slack"), checker)) }
    }
}

impl Slack {
    fn check(raw: &raw::Slack, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let mut operators = BTreeSet::new();
        for (at, member) in raw.operators.iter().enumerate() {
            let path = path.key("operators").at(at);
            if !is_member(member) {
                let message = format!(
                    "expected the id of a member, such as `U024BE7LH` (in Slack: the profile, then \"Copy member ID\"), \
                     found `{member}`; a name can be changed by whoever has it"
                );
                checker.fail(&path, message);
            } else if !operators.insert(member.clone()) {
                checker.fail(&path, format!("the member `{member}` is named twice"));
            }
        }
        let signing_secret = secret(Some(&raw.signing_secret), &path.key("signing_secret"), checker)?;
        Some(Self { signing_secret, operators })
    }
}

/// Whether `text` can be the id of a member: those begin with U, of the members of whole enterprises with W.
fn is_member(text: &str) -> bool {
    text.len() >= 3
        && text.starts_with(['U', 'W'])
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_member;

    #[test]
    fn members_have_ids_and_not_names() {
        assert!(is_member("U024BE7LH") && is_member("W012A3CDE"));
        assert!(["kim", "@kim", "u024be7lh", "C024BE7LH", "U"].iter().all(|text| !is_member(text)));
    }
}
