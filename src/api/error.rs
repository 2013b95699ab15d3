//! Every way in which a request can fail, and the only place that knows status codes.
//!
//! An error has two messages. The caller gets a problem document (RFC 9457) that says what to do; the cause of a
//! failure of ours is logged here, once, and never sent.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{ToResponse, ToSchema};

use crate::api::report::LineProblem;
use crate::collect::sources::otlp::OtlpError;
use crate::engine::{AcceptError, ForecastRefusal, LibraryError, SilencingError, WorkError};
use crate::incident::knowledge::KnowledgeError;
use crate::policy::work::ask;
use crate::store::query::{QueryError, SqlError};

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not answered as asked. Messages are sentences for the caller.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter, header or body that cannot be understood.
    #[error("{0}")]
    Invalid(String),
    /// No token, or one that is not known.
    #[error("{}", if *.presented { "the token is not known" } else { "this needs a token: send `Authorization: Bearer TOKEN`" })]
    Unauthorized {
        /// Whether a token was sent.
        presented: bool,
    },
    /// A request that must be signed, and is not, or not rightly.
    #[error("the request is not signed as it must be: {0}")]
    Unsigned(&'static str),
    /// A token of the wrong role.
    #[error("this needs a token with the role {needed}; the one sent has the role {have}")]
    Forbidden {
        /// The token's role.
        have: &'static str,
        /// The role asked for.
        needed: &'static str,
    },
    /// A browser sent the request on behalf of another site.
    #[error("requests on behalf of another web site are refused")]
    CrossSite,
    /// The resource does not exist.
    #[error("{0}")]
    NotFound(String),
    /// The resource exists, the method does not.
    #[error("this resource does not have the method {0}; the header Allow lists those that it has")]
    MethodNotAllowed(String),
    /// The body did not arrive in time.
    #[error("the body did not arrive within {limit_s} s; send smaller batches")]
    SlowBody {
        /// Seconds allowed.
        limit_s: u64,
    },
    /// The body is larger than allowed.
    #[error("the {what} is larger than {limit} bytes; send smaller batches")]
    TooLarge {
        /// Which of the limits it is.
        what: &'static str,
        /// Bytes allowed.
        limit: usize,
    },
    /// A media type or encoding that is not spoken here.
    #[error("{0}")]
    Unsupported(String),
    /// Not a single line of the input could be used.
    #[error("no line could be used; the first problem: {}", .first)]
    NothingUsable {
        /// The first problem as a sentence.
        first: String,
        /// How many lines there are.
        rejected: u64,
        /// The first of them.
        problems: Vec<LineProblem>,
    },
    /// The caller asks too often, or the server is short of a resource.
    #[error("{why}; try again in {retry_after_s} s")]
    Busy {
        /// What there is too much of.
        why: &'static str,
        /// Seconds after which another try makes sense.
        retry_after_s: u32,
    },
    /// The server is stopping.
    #[error("the server is stopping; nothing of this request was kept, send it again")]
    Stopping,
    /// The answer would have taken too long.
    #[error("{what} took longer than {limit_s} s; {advice}")]
    TooSlow {
        /// What took so long.
        what: &'static str,
        /// Seconds allowed.
        limit_s: u64,
        /// What the caller can do.
        advice: &'static str,
    },
    /// The batch could not be made durable.
    #[error("the batch could not be stored; send it again with the same Idempotency-Key")]
    NotStored {
        /// The cause, for the log.
        cause: String,
    },
    /// What was asked does not go with how things stand.
    #[error("{0}")]
    Conflict(String),
    /// What a person said, or a client of a job, could not be made durable.
    #[error("this could not be stored; try again")]
    NotKept {
        /// The cause, for the log.
        cause: String,
    },
    /// Anything else that is our fault.
    #[error("an internal error; the server's log says more")]
    Internal {
        /// What was tried, for the log.
        doing: &'static str,
        /// The cause, for the log.
        cause: String,
    },
}

/// The parts of an error that a protocol with error messages of its own needs; found in the answer's extensions.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The gRPC status code that fits.
    pub grpc_code: i32,
    /// What is wrong and what to do about it.
    pub detail: String,
}

/// A problem document (RFC 9457), the body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema, ToResponse)]
#[response(content_type = "application/problem+json")]
pub struct Problem {
    /// Which kind of problem it is; stable, for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:foreroute:problem:too-large")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status code, repeated for those who see only the body.
    pub status: u16,
    /// What is wrong with this request and what to do about it.
    pub detail: String,
    /// Lines that could not be used, where the input had lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
    /// The first of the lines that could not be used, each with its reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<LineProblem>,
}

impl ApiError {
    /// Status code, last part of the type, title.
    const fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid-request", "The request cannot be understood"),
            Self::Unauthorized { .. } => (StatusCode::UNAUTHORIZED, "unauthorized", "A valid token is needed"),
            Self::Unsigned(_) => (StatusCode::UNAUTHORIZED, "unsigned", "A valid signature is needed"),
            Self::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden", "The token does not allow this"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross-site", "Cross-site requests are refused"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not-found", "There is no such resource"),
            Self::MethodNotAllowed(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The resource does not have this method")
            }
            Self::SlowBody { .. } => (StatusCode::REQUEST_TIMEOUT, "slow-body", "The body took too long"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::Unsupported(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body's format is not known")
            }
            Self::NothingUsable { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "nothing-usable", "No line of the input could be used")
            }
            Self::Busy { .. } => (StatusCode::TOO_MANY_REQUESTS, "busy", "Too much at once"),
            Self::Stopping => (StatusCode::SERVICE_UNAVAILABLE, "stopping", "The server is stopping"),
            Self::TooSlow { .. } => (StatusCode::SERVICE_UNAVAILABLE, "too-slow", "The answer took too long"),
            Self::NotStored { .. } => (StatusCode::SERVICE_UNAVAILABLE, "not-stored", "The batch was not stored"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict", "This does not go with how things stand"),
            Self::NotKept { .. } => (StatusCode::SERVICE_UNAVAILABLE, "not-stored", "This was not stored"),
            Self::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
        }
    }

    /// Seconds after which trying again makes sense, where it does.
    const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::Busy { retry_after_s, .. } => Some(*retry_after_s),
            Self::Stopping | Self::NotStored { .. } | Self::NotKept { .. } => Some(5),
            _ => None,
        }
    }

    /// The code of `google.rpc.Code` that tells an OTLP client the same.
    const fn grpc_code(&self) -> i32 {
        match self {
            Self::Unauthorized { .. } | Self::Unsigned(_) => 16,
            Self::Forbidden { .. } | Self::CrossSite => 7,
            Self::NotFound(_) => 5,
            Self::MethodNotAllowed(_) => 12,
            Self::SlowBody { .. } | Self::TooSlow { .. } => 4,
            Self::TooLarge { .. } | Self::Busy { .. } => 8,
            Self::Invalid(_) | Self::Unsupported(_) | Self::NothingUsable { .. } => 3,
            Self::Stopping | Self::NotStored { .. } | Self::NotKept { .. } => 14,
            Self::Conflict(_) => 9,
            Self::Internal { .. } => 13,
        }
    }

    /// Logs what is our fault.
    pub fn log(&self) {
        match self {
            Self::Internal { doing, cause } => tracing::error!(doing, cause, "request failed"),
            Self::NotStored { cause } => tracing::error!(cause, "batch could not be made durable"),
            Self::NotKept { cause } => tracing::error!(cause, "what was said could not be made durable"),
            _ => {}
        }
    }

    /// The problem document and its status.
    #[must_use]
    pub fn problem(self) -> Problem {
        let (status, name, title) = self.kind();
        let detail = self.to_string();
        let (rejected, problems) = match self {
            Self::NothingUsable { rejected, problems, .. } => (Some(rejected), problems),
            _ => (None, Vec::new()),
        };
        let kind = format!("urn:foreroute:problem:{name}");
        Problem { kind, title, status: status.as_u16(), detail, rejected, problems }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let (status, ..) = self.kind();
        let retry_after_s = self.retry_after_s();
        // A refused body is not read to its end, so the connection cannot be used again.
        let hang_up = matches!(self, Self::TooLarge { .. } | Self::SlowBody { .. });
        let challenge = match self {
            Self::Unauthorized { presented: true } => Some(r#"Bearer realm="foreroute", error="invalid_token""#),
            Self::Unauthorized { presented: false } => Some(r#"Bearer realm="foreroute""#),
            // RFC 9110, 15.5.2: every 401 has a challenge. This scheme is nobody's but says what is missing.
            Self::Unsigned(_) => Some(r#"Slack-Signature realm="foreroute""#),
            Self::Forbidden { .. } => Some(r#"Bearer realm="foreroute", error="insufficient_scope""#),
            _ => None,
        };
        let refusal = Refusal { grpc_code: self.grpc_code(), detail: self.to_string() };
        // Only strings and numbers are serialised, which cannot fail.
        let body = serde_json::to_vec(&self.problem()).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.extensions_mut().insert(refusal);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if hang_up {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

impl From<SilencingError> for ApiError {
    fn from(error: SilencingError) -> Self {
        match error {
            SilencingError::Refused(refused) => Self::Invalid(refused.to_string()),
            SilencingError::NotStored(_) | SilencingError::BrokenOff => {
                Self::Internal { doing: "storing a silence", cause: format!("{error:?}") }
            }
        }
    }
}

impl From<WorkError> for ApiError {
    fn from(error: WorkError) -> Self {
        let text = error.to_string();
        match error {
            WorkError::NoWork | WorkError::Refused(ask::Refusal::Unknown(_)) => Self::NotFound(text),
            WorkError::Refused(
                ask::Refusal::Class { .. } | ask::Refusal::Model { .. } | ask::Refusal::Field { .. },
            ) => Self::Invalid(text),
            WorkError::Refused(_) => Self::Conflict(text),
            WorkError::Busy => Self::Busy { why: "more is said of jobs than the disk takes", retry_after_s: 1 },
            WorkError::Stopping => Self::Stopping,
            WorkError::Storage(cause) => Self::NotKept { cause },
        }
    }
}

impl From<AcceptError> for ApiError {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Busy { retry_after_s } => Self::Busy { why: "the engine is catching up", retry_after_s },
            AcceptError::Stopping => Self::Stopping,
            AcceptError::Storage(cause) => Self::NotStored { cause },
        }
    }
}

impl From<ForecastRefusal> for ApiError {
    fn from(refusal: ForecastRefusal) -> Self {
        match refusal {
            ForecastRefusal::Model(_) => Self::Invalid(refusal.to_string()),
            ForecastRefusal::History(error) => error.into(),
            ForecastRefusal::NoChannel(_) | ForecastRefusal::NotYet { .. } | ForecastRefusal::Fit(_) => {
                Self::NotFound(refusal.to_string())
            }
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::TooMany { .. } => Self::Invalid(error.to_string()),
            QueryError::Parquet(cause) => Self::Internal { doing: "running a query", cause: chain(&cause) },
        }
    }
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        match error {
            SqlError::Refused(why) => Self::Invalid(why),
            SqlError::Timeout { seconds } => {
                let advice = "narrow it by `ts` or `channel`, or aggregate";
                Self::TooSlow { what: "the query", limit_s: seconds, advice }
            }
            SqlError::Busy => {
                Self::Busy { why: "earlier queries ran out of time and are still being computed", retry_after_s: 10 }
            }
            SqlError::Query(error) => error.into(),
        }
    }
}

/// An error with its causes, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl From<OtlpError> for ApiError {
    fn from(error: OtlpError) -> Self {
        match error {
            OtlpError::TooLarge { limit, .. } => Self::TooLarge { what: "message in memory", limit },
            OtlpError::Protobuf(_) | OtlpError::Json(_) => Self::Invalid(format!("the {}", chain(&error))),
        }
    }
}

impl From<LibraryError> for ApiError {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Refused(KnowledgeError::Unknown) => Self::NotFound(error.to_string()),
            LibraryError::Refused(KnowledgeError::Full) => Self::Conflict(error.to_string()),
            LibraryError::Refused(KnowledgeError::Text { .. }) => Self::Invalid(error.to_string()),
            LibraryError::Sealed | LibraryError::NotStored(_) | LibraryError::NotWritten(_) => {
                Self::NotKept { cause: chain(&error) }
            }
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Invalid(format!("the query parameters cannot be understood: {}", rejection.body_text()))
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::Invalid(format!("the path cannot be understood: {}", rejection.body_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_stay_inside_and_advice_goes_out() {
        let error = ApiError::NotStored { cause: "/secret/path: no space left on device".into() };
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers().get(header::RETRY_AFTER), Some(&HeaderValue::from(5)));
        let problem = ApiError::NotStored { cause: "/secret/path".into() }.problem();
        let text = serde_json::to_string(&problem).expect("problem is JSON");
        assert!(text.contains("Idempotency-Key") && !text.contains("secret"), "{text}");
        assert!(text.starts_with(r#"{"type":"urn:foreroute:problem:not-stored""#), "{text}");
    }

    #[test]
    fn a_missing_and_a_wrong_token_are_challenged_differently() {
        let challenge = |presented| {
            let response = ApiError::Unauthorized { presented }.into_response();
            response.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        assert_eq!(challenge(false).as_deref(), Some(r#"Bearer realm="foreroute""#));
        assert!(challenge(true).is_some_and(|value| value.contains("invalid_token")));
    }
}
