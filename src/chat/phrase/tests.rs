use proptest::prelude::*;

use super::*;
use crate::chat::help::EXAMPLES;
use crate::chat::intent::{ModeOrder, Reach, Span};
use crate::domain::language::Language;
use crate::policy::authority::Mode;

fn names() -> Names {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    Names { channels: owned(&["harbor-large", "harbor-mini", "cove"]), classes: owned(&["chat", "batch"]) }
}

fn means(text: &str) -> Intent {
    parse(text, &names()).intent
}

fn channel(name: &str) -> Subject {
    Subject::Channel(name.to_owned())
}

#[test]
fn people_may_say_it_as_they_like() {
    let status = Intent::Status(None);
    for text in [
        "status",
        "Show me the STATUS, please!",
        "how are we doing?",
        "is everything ok",
        "상태",
        "상태 보여줘",
        "상태보여주세요",
        "오케스트레이션 상태",
        "오케스트레이션 상태 좀 알려줄래요?",
        "지금 괜찮아?",
        "상황 어때",
        "상태 보고 싶어",
        "staus",
    ] {
        assert_eq!(means(text), status, "{text}");
    }
    let why = Intent::Why(Some(channel("harbor-mini")));
    for text in [
        "why is harbor-mini out",
        "Why is Harbor Mini out?",
        "harbor-mini는 왜 빠졌어?",
        "왜 harbor-mini 뺐어",
        "harbor-mini 이유",
    ] {
        assert_eq!(means(text), why, "{text}");
    }
    for (text, intent) in [
        ("cove 어때", Intent::Status(Some(channel("cove")))),
        ("cove", Intent::Status(Some(channel("cove")))),
        ("forecast", Intent::Forecast(None, None)),
        ("예측 harbor-large", Intent::Forecast(Some(channel("harbor-large")), None)),
        (
            "harbor-large의 지연 예측",
            Intent::Forecast(Some(channel("harbor-large")), Some(Target::Column(Column::LatencyP95))),
        ),
        (
            "what will harbor-large's errors be",
            Intent::Forecast(Some(channel("harbor-large")), Some(Target::ErrorRatio)),
        ),
        ("forecast cove cost", Intent::Forecast(Some(channel("cove")), Some(Target::Column(Column::Cost)))),
        ("비용", Intent::Cost),
        ("비용 예측", Intent::Cost),
        ("how much have we spent today?", Intent::Cost),
        ("오늘 얼마 썼어? 비용", Intent::Cost),
        ("what's wrong?", Intent::Incidents(None)),
        ("장애 목록", Intent::Incidents(None)),
        ("is cove down", Intent::Incidents(Some(channel("cove")))),
        ("report daily", Intent::Report(Span::Daily)),
        ("격주 보고서", Intent::Report(Span::Fortnightly)),
        ("learning report", Intent::Report(Span::Fortnightly)),
        ("mode", Intent::Mode(None)),
        ("what can you do?", Intent::Help),
        ("도움말", Intent::Help),
        ("", Intent::Help),
        ("why is cave-2 out", Intent::Why(Some(Subject::Stranger("cave-2".to_owned())))),
        ("chat 왜 바뀌었어", Intent::Why(Some(Subject::Class("chat".to_owned())))),
        ("tell me a joke", Intent::Unknown(None)),
        ("stat", Intent::Unknown(Some(Topic::Status))),
    ] {
        assert_eq!(means(text), intent, "{text}");
    }
    assert_eq!(parse("harbor-mini 왜?", &names()).language, Language::Korean);
}

#[test]
fn orders_are_carried_out_as_they_were_given() {
    let yes = |id: &str, reason: Option<&str>| {
        Intent::Approve(Verdict { id: Some(id.to_owned()), reason: reason.map(str::to_owned) })
    };
    let id = "chat@1795168800000000";
    for text in [
        "approve chat@1795168800000000 because Seen it",
        "Can you please approve `chat@1795168800000000` because: Seen it",
        "승인 chat@1795168800000000 이유 Seen it",
        "chat@1795168800000000 승인해 주세요, 이유: Seen it",
        "chat@1795168800000000 변경을 승인합니다. 사유는 Seen it",
    ] {
        let text = text.replace("승인해 주세요", "승인해주세요");
        assert_eq!(means(&text), yes(id, Some("Seen it")), "{text}");
    }
    assert_eq!(means("approve 3f2a91c2b47d5e68"), yes("3f2a91c2b47d5e68", None));
    assert_eq!(means("승인 3f2a91c2… 이유 ok"), yes("3f2a91c2", Some("ok")));
    let no = Verdict { id: Some(id.to_owned()), reason: Some("test ends at noon".to_owned()) };
    assert_eq!(means("reject chat@1795168800000000 - test ends at noon"), Intent::Reject(no));
    let set = |reach, mode, reason: Option<&str>| {
        Intent::Mode(Some(ModeOrder { reach, mode, reason: reason.map(str::to_owned) }))
    };
    let chat = || Reach::Class("chat".to_owned());
    for (text, order) in [
        ("mode chat auto because it advised well", set(chat(), Mode::Auto, Some("it advised well"))),
        ("set chat to observe", set(chat(), Mode::Observe, None)),
        ("switch everything to advise because migration", set(Reach::All, Mode::Advise, Some("migration"))),
        ("chat 자동으로 바꿔줘 이유 일주일 동안 잘했음", set(chat(), Mode::Auto, Some("일주일 동안 잘했음"))),
        ("모드 chat 승인 이유 점검", set(chat(), Mode::Approve, Some("점검"))),
        ("mode auto because x", set(Reach::Unsaid, Mode::Auto, Some("x"))),
        ("mode caht auto because x", set(Reach::Stranger("caht".to_owned()), Mode::Auto, Some("x"))),
    ] {
        assert_eq!(means(text), order, "{text}");
    }
}

#[test]
fn a_question_a_denial_or_a_delay_is_no_order() {
    for text in [
        "should I approve chat@1795168800000000?",
        "don't approve chat@1795168800000000 because it is wrong",
        "approve chat@1795168800000000 tomorrow because ok",
        "why was chat@1795168800000000 approved",
        "approve chat@1795168800000000 because it is fine?",
        "chat@1795168800000000 승인하지 마 이유 위험",
        "chat@1795168800000000 승인 취소해줘 이유 위험",
        "chat@1795168800000000 승인할까",
        "approve chat@1795168800000000 chat@1795168800000001 because both",
        "what waits for approval",
        "is chat in auto mode",
        "chat 모드 자동이야?",
        "chat 자동으로 바꾸지 마",
        "don't set chat to auto because x",
        "never switch chat to auto because x",
    ] {
        assert!(!means(text).acts(), "{text}: {:?}", means(text));
    }
}

#[test]
fn every_example_of_the_help_means_what_it_stands_for() {
    for example in EXAMPLES {
        for language in Language::ALL {
            let text = language.pick(example.english, example.korean);
            let asked = parse(text, &names());
            assert_eq!(asked.intent.topic(), Some(example.topic), "{text}");
            assert_eq!(asked.intent.acts(), example.acts, "{text}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_has_a_meaning(text in "\\PC*", noise in any::<String>(), at in 0..20_usize) {
        let _meant = (means(&text), means(&noise));
        // Words of ours among the noise reach every branch.
        let mut words: Vec<&str> = noise.split(' ').collect();
        words.insert(at.min(words.len()), EXAMPLES[at % EXAMPLES.len()].english);
        let _meant = means(&words.join(" "));
    }

    #[test]
    fn nothing_acts_that_does_not_name_what_it_acts_on(text in "[a-z승인 자동모드?]{0,40}") {
        if let Intent::Approve(Verdict { id: Some(_), .. }) | Intent::Reject(Verdict { id: Some(_), .. }) = means(&text) {
            prop_assert!(text.chars().any(|c| c.is_ascii_digit()), "{text}");
        }
    }
}
