//! How fast fits follow each other. Pure.

/// How long to rest after a fit of one channel that took `took_s` seconds, so that fits take at most `share` of one
/// core, and a round over `channels` channels is spread over `round_s` seconds.
#[must_use]
pub(super) fn rest_s(took_s: f64, share: f64, channels: usize, round_s: f64) -> f64 {
    let budget = took_s / share.clamp(0.01, 1.0) - took_s;
    #[expect(clippy::cast_precision_loss, reason = "channels are few")]
    let spread = round_s / channels.max(1) as f64 - took_s;
    budget.max(spread).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::rest_s;

    #[test]
    fn fits_keep_to_their_share_and_are_spread() {
        assert!((rest_s(1.0, 0.25, 1_000, 3_600.0) - 3.0).abs() < 1e-9, "a quarter of a core");
        assert!((rest_s(1.0, 0.25, 10, 3_600.0) - 359.0).abs() < 1e-9, "six minutes each");
        assert!(rest_s(0.0, 0.0, 0, 0.0).abs() < 1e-9);
    }
}
