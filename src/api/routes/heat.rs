//! `GET /v1/heat`: every channel's last and next hour at a glance.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{Params, Span};
use crate::api::state::ApiState;
use crate::domain::ids::ChannelId;
use crate::engine::heat::{Felt, Limits, heat};
use crate::engine::{ChannelSituation, View};

/// Most steps of all channels in one answer: three hours of 2,000 channels by the minute.
const MOST: usize = 360_000;

/// Which span, and how finely.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HeatParams {
    /// First instant: RFC 3339, or an age such as `-3h`. An hour before `to` if absent.
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
    /// Width of a step. One minute if absent.
    #[param(example = "5m")]
    step: Option<String>,
}

/// Every channel over a span, and what may come after it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeatBody {
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// Width of a step in seconds.
    pub step_s: u32,
    /// The minute after which risks were said, RFC 3339; `null` before the first.
    pub as_of: Option<String>,
    /// The channels in order of their names.
    pub channels: Vec<ChannelHeat>,
}

/// One channel over the span.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelHeat {
    /// The channel.
    pub channel: String,
    /// Calls of the span, probes excluded.
    pub calls: u64,
    /// Of those, how many failed or took longer than the tightest class promises.
    pub harmed: u64,
    /// Of each step, the share of calls that failed or took longer than the tightest class promises, 0 to 1; `null` where nobody
    /// called.
    pub bad: Vec<Option<f64>>,
    /// By how many seconds from now: how likely it is that a promise will have been broken, of all classes the highest.
    pub risks: Vec<SoonBody>,
}

/// How likely trouble is within a time.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoonBody {
    /// Within how many seconds.
    pub horizon_s: u32,
    /// How likely, 0 to 1.
    pub probability: f64,
}

/// Show how every channel has been to its callers, step by step, and how likely each is to break a promise soon.
#[utoipa::path(
    get, path = "/v1/heat", tag = "out", security(("token" = [])),
    params(HeatParams),
    responses((status = 200, description = "Every channel.", body = HeatBody), (status = 400, response = Problem))
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    Params(asked): Params<HeatParams>,
) -> Result<Json<HeatBody>, ApiError> {
    let now = api.engine().clock().now();
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), asked.step.as_deref(), now)?;
    let channels: Vec<ChannelId> = api.engine().channels().into_iter().collect();
    span.check_values(channels.len(), MOST)?;
    let limits = Limits::of(api.engine().settings());
    let scope = Scope { channel: None, from: span.from, to: span.to };
    let window = (span.from, span.to, span.step_minutes);
    let read = move |view: &View| heat(view, &limits, &channels, window);
    let felt = ask(&api, "heat", scope, read).await?;
    let situation = api.engine().situation();
    let channel = |(channel, felt): (ChannelId, Vec<Felt>)| ChannelHeat {
        calls: felt.iter().map(|step| step.calls).sum(),
        harmed: felt.iter().map(|step| step.harmed).sum(),
        bad: felt.iter().map(|step| step.bad().map(short)).collect(),
        risks: situation.channels.get(&channel).map(soon).unwrap_or_default(),
        channel: channel.to_string(),
    };
    Ok(Json(HeatBody {
        from: span.from.to_string(),
        to: span.to.to_string(),
        step_s: span.step_minutes * 60,
        as_of: situation.minute.map(|minute| minute.to_string()),
        channels: felt.into_iter().map(channel).collect(),
    }))
}

/// Four digits: a colour shows no more, and 1,000 channels are 60,000 of them.
fn short(ratio: f64) -> f64 {
    (ratio * 1e4).round() / 1e4
}

/// The highest risk of all classes by horizon, the nearest first.
fn soon(of: &ChannelSituation) -> Vec<SoonBody> {
    let mut highest = BTreeMap::<u32, f64>::new();
    for (_, risk) in &of.risks {
        let known = highest.entry(risk.horizon.saturating_mul(60)).or_default();
        *known = known.max(risk.probability);
    }
    highest
        .into_iter()
        .map(|(horizon_s, probability)| SoonBody { horizon_s, probability: short(probability) })
        .collect()
}
