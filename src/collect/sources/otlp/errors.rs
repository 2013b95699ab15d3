//! What kind of failure an `error.type` stands for.

use crate::domain::call::Outcome;

/// Words in error types and the outcome they stand for; the first that matches counts. An error type is a status, an
/// exception's class (`openai.RateLimitError`) or a low-cardinality name of the instrumentation's own choice.
const WORDS: &[(&str, Outcome)] = &[
    ("ratelimit", Outcome::Throttled),
    ("throttl", Outcome::Throttled),
    ("toomanyrequests", Outcome::Throttled),
    ("resourceexhausted", Outcome::Throttled),
    ("quota", Outcome::Throttled),
    ("overloaded", Outcome::Throttled),
    ("timeout", Outcome::Timeout),
    ("timedout", Outcome::Timeout),
    ("deadline", Outcome::Timeout),
    ("connect", Outcome::NetworkError),
    ("dns", Outcome::NetworkError),
    ("resolution", Outcome::NetworkError),
    ("gaierror", Outcome::NetworkError),
    ("ssl", Outcome::NetworkError),
    ("tls", Outcome::NetworkError),
    ("network", Outcome::NetworkError),
    ("badrequest", Outcome::ClientError),
    ("invalid", Outcome::ClientError),
    ("validation", Outcome::ClientError),
    ("authentication", Outcome::ClientError),
    ("unauthorized", Outcome::ClientError),
    ("permission", Outcome::ClientError),
    ("forbidden", Outcome::ClientError),
    ("notfound", Outcome::ClientError),
    ("unprocessable", Outcome::ClientError),
    ("contextwindow", Outcome::ClientError),
    ("contextlength", Outcome::ClientError),
    ("contentpolicy", Outcome::ClientError),
    ("contentfilter", Outcome::ClientError),
    ("cancel", Outcome::ClientError),
];

/// The outcome that `error_type` stands for; what is not recognised is the channel's fault.
pub(super) fn outcome(error_type: &str) -> Outcome {
    if let Ok(status) = error_type.parse::<u16>()
        && (400..600).contains(&status)
    {
        return Outcome::from_status(status);
    }
    let squeezed: String = error_type.chars().filter(char::is_ascii_alphanumeric).collect();
    let squeezed = squeezed.to_ascii_lowercase();
    let known = WORDS.iter().find(|(word, _)| squeezed.contains(word));
    known.map_or(Outcome::ServerError, |&(_, outcome)| outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_the_field_are_told_apart() {
        for (error_type, expected) in [
            ("429", Outcome::Throttled),
            ("504", Outcome::Timeout),
            ("openai.RateLimitError", Outcome::Throttled),
            ("rate_limit_exceeded", Outcome::Throttled),
            ("java.net.UnknownHostException: name resolution", Outcome::NetworkError),
            ("APITimeoutError", Outcome::Timeout),
            ("httpx.ConnectTimeout", Outcome::Timeout),
            ("openai.APIConnectionError", Outcome::NetworkError),
            ("BadRequestError", Outcome::ClientError),
            ("_OTHER", Outcome::ServerError),
            ("InternalServerError", Outcome::ServerError),
        ] {
            assert_eq!(outcome(error_type), expected, "{error_type}");
        }
    }
}
