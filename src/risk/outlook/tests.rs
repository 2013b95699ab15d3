use super::*;
use crate::stats::seed::Seed;
use rand::Rng;

const CALM: Chances = Chances([0.02, 0.05, 0.1]);

fn present(minute: u32, chances: Chances) -> Present {
    Present { minute: Minute(minute), chances, surprise: 0.0, pressure: 0.5, load: 1.0 }
}

#[test]
fn what_was_said_is_settled_when_its_time_has_come() {
    let mut shared = Calibration::new(1_000.0).expect("valid");
    let mut outlook = Outlook::default();
    let mut settled = Vec::new();
    for minute in 0..100u32 {
        let is_broken = (40..44).contains(&minute);
        settled.extend(outlook.observe(&mut shared, Minute(minute), Some(is_broken)));
        outlook.ask(&mut shared, &present(minute, CALM));
    }
    let came = |horizon: u32| -> Vec<u32> {
        settled.iter().filter(|o| o.risk.horizon == horizon && o.came).map(|o| o.minute.0).collect()
    };
    // Trouble is the second broken minute and those that follow: 41, 42 and 43.
    assert_eq!(came(5), (36..43).collect::<Vec<_>>());
    assert_eq!(came(15), (26..43).collect::<Vec<_>>());
    assert_eq!(came(60), (0..40).collect::<Vec<_>>(), "the last forty minutes are not settled yet");
    assert_eq!(settled.iter().filter(|o| o.risk.horizon == 5).count(), 95);
    assert_eq!(shared.reliability(0).map(Reliability::outcomes), Some(95));
    assert_eq!((shared.leads.missed, shared.leads.warned()), (1, 0));
    assert!(outlook.observe(&mut shared, Minute(99), Some(true)).is_empty(), "it came before");
}

#[test]
fn gaps_teach_nothing_and_are_no_calm() {
    let mut shared = Calibration::new(1_000.0).expect("valid");
    let mut outlook = Outlook::default();
    outlook.observe(&mut shared, Minute(0), Some(false));
    outlook.ask(&mut shared, &present(0, CALM));
    let unknown: Vec<_> = (1..100).flat_map(|minute| outlook.observe(&mut shared, Minute(minute), None)).collect();
    assert_eq!(unknown, []);
    outlook.ask(&mut shared, &present(99, CALM));
    let after = outlook.observe(&mut shared, Minute(500), Some(true));
    assert_eq!(after, [], "what broke after the window does not concern it");
}

#[test]
fn it_learns_from_channels_and_goes_on_as_saved() {
    let mut shared = Calibration::new(2_000.0).expect("valid");
    let mut outlooks = [Outlook::default(), Outlook::default()];
    let mut rng = Seed::new(2).rng();
    let mut saved = None;
    for minute in 0..6_000u32 {
        for outlook in &mut outlooks {
            // One minute in twenty begins three broken ones; the forecast calls half of what comes in an hour.
            let begins = rng.next_u64().is_multiple_of(200);
            let is_broken = begins || outlook.run % 3 != 0;
            outlook.observe(&mut shared, Minute(minute), Some(is_broken));
            outlook.ask(&mut shared, &present(minute, Chances([0.01, 0.03, 0.9])));
        }
        if minute == 3_000 {
            saved = Some(postcard::to_stdvec(&(&shared, &outlooks)).expect("it can be written"));
        }
    }
    let rate = shared.reliability(2).and_then(|reliability| reliability.diagram().first().map(|point| point.came));
    let risks = outlooks[0].clone().ask(&mut shared.clone(), &present(6_000, Chances([0.01, 0.03, 0.9])));
    assert!(risks.iter().all(|risk| (0.0..=1.0).contains(&risk.probability)));
    assert!(risks.is_sorted_by_key(|risk| risk.probability.to_bits()), "longer horizons are no safer: {risks:?}");
    // An hour holds a beginning with a probability of 1 - (1 - 1/200)^60, about 0.26.
    assert!((risks[2].probability - 0.26).abs() < 0.12, "{risks:?} {rate:?}");

    let bytes = saved.expect("it was saved");
    let (calibration, again): (Calibration, [Outlook; 2]) = postcard::from_bytes(&bytes).expect("it can be read");
    assert_eq!(postcard::to_stdvec(&(&calibration, &again)).expect("it can be written"), bytes);
    assert!(Calibration::new(1.0).is_err_and(|error| error.parameter == "half_life"));
}

#[test]
fn a_rehearsal_teaches_but_is_no_record() {
    let mut shared = Calibration::new(1_000.0).expect("valid");
    let mut rehearsed = shared.clone();
    let mut outlook = Outlook::default();
    for minute in 0..4_000u32 {
        outlook.observe(&mut rehearsed, Minute(minute), Some(false));
        // Every fifth minute the forecast cries wolf.
        if minute % 5 == 0 {
            outlook.ask(&mut rehearsed, &present(minute, Chances([0.3, 0.5, 0.9])));
        }
    }
    shared.adopt(rehearsed);
    let risks = Outlook::default().ask(&mut shared, &present(9_000, Chances([0.3, 0.5, 0.9])));
    assert!(risks.iter().all(|risk| risk.probability < 0.12), "{risks:?}");
    assert_eq!(shared.reliability(2).map(Reliability::outcomes), Some(0));
}
