//! What channels are called elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::raw;
use crate::config::valid::Channel;
use crate::domain::ids::ChannelId;

/// The name of each of the `served` channels: the one that `written` gives it, or its own.
pub(super) fn check(
    deliver: &raw::Deliver,
    written: &BTreeMap<String, String>,
    (channels, served): (&[Channel], &BTreeSet<ChannelId>),
    path: &Path,
    checker: &mut Checker<'_>,
) -> BTreeMap<ChannelId, String> {
    let path = path.key("channels");
    for name in written.keys() {
        if !channels.iter().any(|channel| channel.name.as_str() == name) {
            checker.fail(&path.key(name), format!("there is no `[[channel]]` with the name `{name}`"));
        } else if !served.iter().any(|channel| channel.as_str() == name) {
            checker.fail(&path.key(name), format!("the channel `{name}` serves none of these classes"));
        }
    }
    let mut names: BTreeMap<ChannelId, String> = BTreeMap::new();
    for channel in served {
        let place = if written.contains_key(channel.as_str()) { path.key(channel.as_str()) } else { path.clone() };
        let name = written.get(channel.as_str()).map_or(channel.as_str(), String::as_str);
        let Some(name) = checker.take(&place, theirs(deliver, name)) else { continue };
        if let Some((other, _)) = names.iter().find(|(_, known)| **known == name) {
            checker.fail(&place, format!("`{other}` and `{channel}` are both called `{name}`; names must differ"));
        }
        names.insert(channel.clone(), name);
    }
    names
}

/// `name` as it is called there, or why nothing can be called so.
fn theirs(deliver: &raw::Deliver, name: &str) -> Result<String, String> {
    let plain = |name: &str, also: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || also.contains(c))
    };
    match deliver {
        raw::Deliver::Haproxy { backend, .. } => {
            let full = match backend {
                Some(backend) if !name.contains('/') => format!("{backend}/{name}"),
                _ => name.to_owned(),
            };
            let is_right = full
                .split_once('/')
                .is_some_and(|(backend, server)| [backend, server].iter().all(|part| plain(part, "_-.:")));
            let wrong = || format!("expected `BACKEND/SERVER`, or `SERVER` and the key `backend`, found `{name}`");
            is_right.then_some(full).ok_or_else(wrong)
        }
        raw::Deliver::Nginx { .. } if !plain(name, "_-.:[]/") => {
            Err(format!("expected an address such as \"10.0.0.1:8000\" or \"unix:/run/llm.sock\", found `{name}`"))
        }
        _ if name.is_empty() || name.chars().any(|c| c.is_control() || c.is_whitespace()) => {
            Err(format!("expected a name without blanks, found `{name}`"))
        }
        _ => Ok(name.to_owned()),
    }
}
