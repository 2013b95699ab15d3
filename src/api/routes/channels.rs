//! `GET /v1/channels`: the channels there are.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::state::ApiState;
use crate::domain::ids::ChannelId;

/// Every channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelList {
    /// The channels, by name.
    pub channels: Vec<ChannelLink>,
}

/// One channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelLink {
    /// Its name.
    #[schema(example = "openai/gpt-4o-mini")]
    pub channel: String,
    /// Where there is more about it; the name is percent-encoded.
    #[schema(example = "/v1/channels/openai%2Fgpt-4o-mini")]
    pub href: String,
}

/// List the channels that are configured or were ever seen.
#[utoipa::path(
    get, path = "/v1/channels", tag = "out", security(("token" = [])),
    responses((status = 200, description = "Every channel.", body = ChannelList))
)]
pub(super) async fn list(State(api): State<ApiState>) -> Json<ChannelList> {
    let link = |channel: ChannelId| ChannelLink {
        href: format!("/v1/channels/{}", percent_encoded(channel.as_str())),
        channel: channel.to_string(),
    };
    Json(ChannelList { channels: api.engine().channels().into_iter().map(link).collect() })
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_slashes_fit_into_one_part_of_a_path() {
        assert_eq!(percent_encoded("openai/gpt-4o eu%"), "openai%2Fgpt-4o%20eu%25");
        assert_eq!(percent_encoded("ü"), "%C3%BC");
    }
}
