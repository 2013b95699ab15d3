//! Which channel a span or data point is about.

use crate::collect::sources::otlp::attributes::Attributes;

/// How a channel gets its name. In this order:
///
/// 1. the attribute [`explicit`](ChannelRule::explicit), on the span or point or else on its resource;
/// 2. `provider/model`, with `@address` if [`with_address`](ChannelRule::with_address) is set and `server.address`
///    is known;
/// 3. the model alone, where no provider is named.
///
/// The address is left out by default: spans of one SDK carry it where its metrics do not, and the same calls would
/// fall into two channels. Switch it on where one model of one provider is reached at several addresses. The port is
/// never part of the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRule {
    /// Attribute that names the channel outright.
    pub explicit: String,
    /// Whether the model that answered (`gen_ai.response.model`) is used in place of the one asked for. Answers name
    /// dated versions, so that a provider's silent upgrade would open a new channel; hence off by default.
    pub model_of_response: bool,
    /// Whether `@server.address` is appended.
    pub with_address: bool,
}

impl Default for ChannelRule {
    fn default() -> Self {
        Self { explicit: "foreroute.channel".to_owned(), model_of_response: false, with_address: false }
    }
}

/// New name first, then the name before version 1.37 of the conventions.
pub(super) const PROVIDER: [&str; 2] = ["gen_ai.provider.name", "gen_ai.system"];
const REQUEST_MODEL: &str = "gen_ai.request.model";
const RESPONSE_MODEL: &str = "gen_ai.response.model";

impl ChannelRule {
    /// The name of the channel, if the attributes tell it.
    pub(super) fn name(&self, own: Attributes<'_>, resource: Attributes<'_>) -> Option<String> {
        if let Some(name) = own.text(&self.explicit).or_else(|| resource.text(&self.explicit)) {
            return Some(name.to_owned());
        }
        let models =
            if self.model_of_response { [RESPONSE_MODEL, REQUEST_MODEL] } else { [REQUEST_MODEL, RESPONSE_MODEL] };
        let model = own.first_text(&models)?;
        let mut name = match own.first_text(&PROVIDER) {
            Some(provider) => format!("{provider}/{model}"),
            None => model.to_owned(),
        };
        if let Some(address) = own.text("server.address").filter(|_| self.with_address) {
            name.push('@');
            name.push_str(address);
        }
        Some(name)
    }
}
