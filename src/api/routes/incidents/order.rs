//! `POST /v1/incidents/{id}/{order}`: what people do to incidents.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::IncidentBody;
use crate::api::auth;
use crate::api::error::{ApiError, Problem};
use crate::api::routes::silences;
use crate::api::state::ApiState;
use crate::domain::time::Timestamp;
use crate::engine::OrderError;
use crate::incident::change::Change;
use crate::incident::command::{Command, CommandError, Order};
use crate::incident::rows;
use crate::incident::state::IncidentId;
use crate::incident::told::Told;

/// Who orders it, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderBody {
    /// Who; the name of the token if absent.
    #[serde(default)]
    #[schema(example = "ada", max_length = 100)]
    by: Option<String>,
    /// Why; of `annotate` the note.
    #[schema(example = "the provider confirms an outage", max_length = 2_000)]
    reason: String,
    /// Of `silence`: the first instant at which it may be heard again, RFC 3339.
    #[serde(default)]
    until: Option<String>,
    /// Of `silence`, instead: how long, such as `2h`.
    #[serde(default, rename = "for")]
    #[schema(example = "2h")]
    length: Option<String>,
}

/// What came of an order.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderAnswer {
    /// The incident as it stands now; of a group, each of its open incidents.
    pub incidents: Vec<IncidentBody>,
}

/// Acknowledge, silence, unsilence, annotate, mitigate or close an incident, or all open incidents of a group.
///
/// Each has a name and a reason, which become part of its history. `mitigate` says that the harm is over, `close` that
/// the incident is. When this answers, it is on disk.
#[utoipa::path(
    post, path = "/v1/incidents/{id}/{order}", tag = "orders", security(("token" = [])),
    params(
        ("id" = String, Path, description = "Name of the incident or of the group: 16 hexadecimal digits."),
        ("order" = String, Path, description = "`acknowledge`, `silence`, `unsilence`, `annotate`, `mitigate` or `close`."),
    ),
    request_body = OrderBody,
    responses(
        (status = 200, description = "How it stands now.", body = OrderAnswer),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
        (status = 409, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(in crate::api::routes) async fn order(
    State(api): State<ApiState>,
    Path((id, order)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<OrderAnswer>, ApiError> {
    let body: OrderBody = api.receive_json(&headers, body).await?;
    let order = body.order(&order, api.engine().clock().now())?;
    let by = auth::person(&api.settings().server.tokens, &headers, body.by)?;
    let command = Command::new(&by, &body.reason, order).map_err(|error| ApiError::Invalid(error.to_string()))?;
    let number = u64::from_str_radix(&id, 16).ok().filter(|_| id.len() == 16);
    let none = || ApiError::NotFound(format!("there is no incident `{id}` that is open or just over"));
    let number = number.ok_or_else(none)?;
    let situation = api.engine().situation();
    let group = situation.groups.iter().find(|group| group.id.0 == number);
    let members = group.map(|group| group.members.iter().filter(|(_, member)| member.is_open()).map(|(id, _)| *id));
    let wanted: Vec<IncidentId> = members.map_or_else(|| vec![IncidentId(number)], Iterator::collect);
    let (mut incidents, mut refused) = (Vec::new(), None);
    for id in wanted {
        match api.engine().order(id, command.clone()).await {
            Ok(change) => incidents.extend(shown(&change, group.map(|group| group.id.to_string()).as_deref())),
            // Of a group, those to which it was done before are as they should be.
            Err(OrderError::Refused(error)) => refused = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    match refused {
        Some(error) if incidents.is_empty() => Err(OrderError::Refused(error).into()),
        _ => Ok(Json(OrderAnswer { incidents })),
    }
}

fn shown(change: &Change, group: Option<&str>) -> Option<IncidentBody> {
    let told = Told::of(rows::incident(change).ok()?)?;
    Some(IncidentBody::of(&told, group))
}

impl OrderBody {
    fn order(&self, name: &str, now: Timestamp) -> Result<Order, ApiError> {
        let order = match name {
            "acknowledge" => Order::Acknowledge,
            "silence" => {
                let until = silences::until(self.until.as_deref(), self.length.as_deref(), now)?;
                return Ok(Order::Silence { until });
            }
            "unsilence" => Order::Unsilence,
            "annotate" => Order::Annotate,
            "mitigate" => Order::Mitigate,
            "close" => Order::Close,
            other => {
                let known = "`acknowledge`, `silence`, `unsilence`, `annotate`, `mitigate` and `close`";
                return Err(ApiError::NotFound(format!("there is no order `{other}`; there are {known}")));
            }
        };
        if self.until.is_some() || self.length.is_some() {
            return Err(ApiError::Invalid("`until` and `for` are of `silence` only".to_owned()));
        }
        Ok(order)
    }
}

impl From<OrderError> for ApiError {
    fn from(error: OrderError) -> Self {
        let text = error.to_string();
        match error {
            OrderError::Refused(CommandError::Unknown(_)) => Self::NotFound(text),
            OrderError::Refused(CommandError::Over | CommandError::Done) => Self::Conflict(text),
            OrderError::Refused(CommandError::Expired | CommandError::Text(..)) => Self::Invalid(text),
            OrderError::NotDurable(_) => Self::NotKept { cause: text },
            OrderError::BrokenOff => Self::Stopping,
        }
    }
}
