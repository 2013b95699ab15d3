//! Where callers and channels are, and how long the way between them takes.
//!
//! Light in fibre covers 200 km in a millisecond, and cables are longer than the shortest way on the globe by about a
//! half; the rest is a few milliseconds of access at both ends. Between Virginia and Ireland that gives 86 ms, between
//! Virginia and Tokyo 168 ms, which is what such ways take in practice.

/// Kilometres that light covers in fibre in a millisecond, and how much longer cables are than the shortest way.
const KM_PER_MS: f64 = 200.0;
const DETOUR: f64 = 1.5;
/// Milliseconds at both ends together.
const ACCESS_MS: f64 = 3.0;
const EARTH_KM: f64 = 6_371.0;

/// Name, latitude and longitude in degrees of places where data centres are many.
const PLACES: [(&str, f64, f64); 8] = [
    ("us-east", 39.0, -77.5),
    ("us-west", 45.6, -121.2),
    ("eu-west", 53.3, -6.3),
    ("eu-central", 50.1, 8.7),
    ("ap-south", 19.1, 72.9),
    ("ap-southeast", 1.35, 103.8),
    ("ap-northeast", 35.7, 139.7),
    ("sa-east", -23.5, -46.6),
];

/// The names of all regions.
pub fn names() -> impl Iterator<Item = &'static str> {
    PLACES.iter().map(|(name, ..)| *name)
}

/// Milliseconds from one region to another and back; `None` if there is no region of a name.
#[must_use]
pub fn round_trip_ms(one: &str, other: &str) -> Option<f64> {
    let place = |name: &str| PLACES.iter().find(|(known, ..)| *known == name);
    let ((_, lat1, lon1), (_, lat2, lon2)) = (place(one)?, place(other)?);
    let (lat1, lat2) = (lat1.to_radians(), lat2.to_radians());
    // Haversine formula.
    let half = |degrees: f64| (degrees / 2.0).sin().powi(2);
    let chord = half(lat2 - lat1) + lat1.cos() * lat2.cos() * half((lon2 - lon1).to_radians());
    let km = 2.0 * EARTH_KM * chord.sqrt().clamp(0.0, 1.0).asin();
    Some(ACCESS_MS + 2.0 * km * DETOUR / KM_PER_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_as_long_as_they_are() {
        let ms = |one, other| round_trip_ms(one, other).expect("known regions");
        assert!((ms("us-east", "us-east") - ACCESS_MS).abs() < 1e-9);
        assert!((80.0..95.0).contains(&ms("us-east", "eu-west")), "{}", ms("us-east", "eu-west"));
        assert!((155.0..180.0).contains(&ms("us-east", "ap-northeast")), "{}", ms("us-east", "ap-northeast"));
        assert!((ms("eu-central", "sa-east") - ms("sa-east", "eu-central")).abs() < 1e-9);
        assert_eq!(round_trip_ms("us-east", "moon"), None);
    }
}
