use super::*;
use crate::policy::work::ask::{Ask, End, Refusal, Start, Step, Trouble};
use crate::policy::work::book::{Class, Model};
use crate::policy::work::job::Part;
use crate::policy::work::{Kind, Tier};

/// A ledger with its book and all that happened to it.
struct Desk {
    ledger: Ledger,
    book: Book,
    events: Vec<Event>,
    parts: Vec<Part>,
    now: Timestamp,
}

impl Desk {
    fn new() -> Self {
        let model = |name: &str, tokens_per_day| Model { name: name.to_owned(), tokens_per_day, usd_per_job: None };
        let class = Class {
            name: "code".to_owned(),
            models: vec![model("a", Some(1_000)), model("b", None), model("c", None)],
            fixed: "a".to_owned(),
            enough: Tier::ALL.map(Tier::enough),
        };
        let book = Book { classes: vec![class], ..Book::default() };
        let now = Timestamp::from_seconds(1_795_000_000);
        Self { ledger: Ledger::default(), book, events: Vec::new(), parts: Vec::new(), now }
    }

    fn say(&mut self, ask: &Ask) -> Result<Answer, Refusal> {
        let judged = self.ledger.judge(&self.book, self.now, ask)?;
        let repeated = judged.event.is_none();
        if let Some(event) = judged.event {
            self.happen(event);
        }
        Ok(self.ledger.answer(&judged.job, repeated).expect("it is known"))
    }

    fn happen(&mut self, event: Event) {
        self.parts.extend(self.ledger.apply(&self.book, &event));
        self.events.push(event);
    }
}

fn start(job: &str, model: Option<&str>) -> Ask {
    Ask::Start(Start {
        job: Some(job.to_owned()),
        class: "code".to_owned(),
        tier: Tier::L2,
        model: model.map(str::to_owned),
    })
}

fn step(job: &str, number: u32, tokens: u64, trouble: Option<Trouble>) -> Ask {
    let (job, number, cost_usd) = (job.to_owned(), Some(number), Some(0.01));
    Ask::Step(Step {
        job,
        number,
        key: None,
        model: None,
        tokens: Some(tokens),
        cost_usd,
        trouble,
        retry_after_s: None,
    })
}

fn end(job: &str, success: bool, tokens: u64) -> Ask {
    Ask::End(End { job: job.to_owned(), success, quality: None, tokens, cost_usd: 0.02 })
}

#[test]
fn every_model_that_took_part_is_scored_and_saying_it_twice_counts_once() {
    let mut desk = Desk::new();
    let first = desk.say(&start("j", Some("b"))).expect("it begins");
    assert_eq!((first.model.as_deref(), first.chain), (Some("b"), vec!["a".to_owned(), "c".to_owned()]));
    assert!(desk.say(&start("j", Some("b"))).expect("again").repeated);
    let next = desk.say(&step("j", 1, 50, Some(Trouble::Failed))).expect("it goes on");
    assert_eq!((next.model.as_deref(), next.why.as_str()), (Some("a"), "`b` failed; `a` takes over"));
    assert_eq!(desk.say(&step("j", 1, 50, Some(Trouble::Failed))).expect("again").model.as_deref(), Some("a"));
    for _ in 0..2 {
        let ended = desk.say(&end("j", true, 80)).expect("it ends");
        assert_eq!((ended.state, ended.model), ("ended", None));
    }
    let told: Vec<_> =
        desk.parts.iter().map(|part| (part.number, &*part.model, &*part.outcome, part.success, part.tokens)).collect();
    assert_eq!(told, [(1, "b", "failed", Some(false), 50), (2, "a", "done", Some(true), 30)]);
    let board = desk.ledger.scores.board(&Kind { class: "code".to_owned(), tier: Tier::L2 }).expect("known");
    assert_eq!((board.arms["a"].jobs, board.arms["a"].successes), (1, 1));
    assert_eq!((board.arms["b"].jobs, board.arms["b"].successes), (1, 0));
    // Whoever applies the events again has the same ledger, also from the state as it is kept.
    let mut again = Ledger::default();
    for (at, event) in desk.events.iter().enumerate() {
        if at == 2 {
            again = serde_json::from_slice(&serde_json::to_vec(&again).expect("JSON")).expect("the same");
        }
        again.apply(&desk.book, event);
    }
    assert_eq!(again, desk.ledger);
}

#[test]
fn who_has_no_tokens_is_passed_over_at_the_start_and_in_the_chain() {
    let mut desk = Desk::new();
    desk.say(&start("one", Some("a"))).expect("it begins");
    desk.say(&end("one", true, 1_000)).expect("it ends");
    let two = desk.say(&start("two", Some("a"))).expect("another one does it");
    assert_eq!((two.model.as_deref(), &two.chain[..]), (Some("b"), &["c".to_owned()][..]));
    assert!(
        two.why.contains("`a` was asked for; `b` is next in the chain; `a` is passed over: its 1000 tokens"),
        "{}",
        two.why
    );
    let third = desk.say(&step("two", 1, 5, Some(Trouble::Exhausted))).expect("it goes on");
    assert_eq!(third.model.as_deref(), Some("c"));
    let none = desk.say(&step("two", 2, 5, Some(Trouble::Exhausted))).expect("nobody goes on");
    assert!(none.model.is_none() && none.why.contains("no model of the chain is left"), "{}", none.why);
    let refused = desk.say(&start("three", None));
    assert!(
        matches!(&refused, Err(Refusal::NobodyLeft { until, .. }) if *until == desk.now.plus_seconds(900)),
        "{refused:?}"
    );
    desk.now = desk.now.plus_seconds(900);
    assert!(desk.say(&start("three", None)).is_ok_and(|answer| answer.model.as_deref() == Some("b")));
    desk.now = desk.now.plus_seconds(86_400);
    assert!(desk.say(&start("four", Some("a"))).is_ok_and(|answer| answer.model.as_deref() == Some("a")), "a new day");
}

#[test]
fn jobs_of_which_nothing_is_heard_are_given_up_and_are_no_failures() {
    let mut desk = Desk::new();
    desk.say(&start("j", Some("a"))).expect("it begins");
    assert_eq!(desk.ledger.expired(&desk.book, desk.now.plus_seconds(86_399)), []);
    desk.now = desk.now.plus_seconds(86_400);
    for event in desk.ledger.expired(&desk.book, desk.now) {
        desk.happen(event);
    }
    assert_eq!(
        (desk.parts[0].outcome.as_str(), desk.parts[0].success, desk.ledger.count().open),
        ("abandoned", None, 0)
    );
    assert!(desk.ledger.scores.boards().next().is_none(), "nothing is learnt from it");
    assert!(matches!(desk.say(&end("j", true, 1)), Err(Refusal::Over { .. })));
}

#[test]
fn what_is_wrong_is_refused_by_name() {
    let mut desk = Desk::new();
    desk.say(&start("j", Some("a"))).expect("it begins");
    desk.say(&step("j", 2, 50, None)).expect("it goes on");
    let ended = |quality, cost_usd| Ask::End(End { job: "j".to_owned(), success: true, quality, tokens: 60, cost_usd });
    let of = |job: &str| Step {
        job: job.to_owned(),
        number: None,
        key: Some("k".to_owned()),
        model: Some("b".to_owned()),
        tokens: None,
        cost_usd: None,
        trouble: None,
        retry_after_s: None,
    };
    let wrong = [
        (Ask::Start(Start { job: None, class: "x".to_owned(), tier: Tier::L1, model: None }), "`class`"),
        (start("k", Some("z")), "`model`"),
        (start("a b", None), "`job`"),
        (start("j", Some("b")), "`job`"),
        (step("j", 1, 60, None), "`step`"),
        (step("j", 2, 60, None), "`step`"),
        (step("j", 3, 40, None), "`tokens`"),
        (Ask::Step(Step { model: None, cost_usd: Some(0.001), ..of("j") }), "`cost_usd`"),
        (Ask::Step(Step { model: None, key: None, ..of("j") }), "`step`"),
        (Ask::Step(of("j")), "`model`"),
        (Ask::Step(of("nobody")), "`job`"),
        (ended(Some(1.5), 1.0), "`quality`"),
        (ended(Some(f64::NAN), 1.0), "`quality`"),
        (ended(None, f64::INFINITY), "`cost_usd`"),
        (ended(None, -1.0), "`cost_usd`"),
        (end("other", true, 1), "`job`"),
    ];
    let before = desk.ledger.clone();
    for (ask, field) in wrong {
        let refused = desk.say(&ask).expect_err("it is wrong").to_string();
        assert!(refused.starts_with(field), "{refused}");
    }
    assert_eq!(desk.ledger, before, "nothing came of it");
    desk.say(&end("j", true, 60)).expect("it ends");
    assert!(matches!(desk.say(&end("j", false, 60)), Err(Refusal::Differs { field: "job", .. })));
}

#[test]
fn the_report_says_what_changed_and_why() {
    let mut desk = Desk::new();
    let report = Box::new(desk.ledger.allocate(&desk.book, desk.now));
    desk.happen(Event::Allocated { report });
    for job in 0..60 {
        let model = ["a", "b"][job % 2];
        desk.now = desk.now.plus_seconds(86_400);
        desk.say(&start(&format!("j{job}"), Some(model))).expect("it begins");
        let cost_usd = if model == "a" { 0.05 } else { 0.01 };
        let end = End { job: format!("j{job}"), success: true, quality: Some(0.9), tokens: 10, cost_usd };
        desk.say(&Ask::End(end)).expect("it ends");
    }
    let report = Box::new(desk.ledger.allocate(&desk.book, desk.now));
    desk.happen(Event::Allocated { report });
    let report = desk.ledger.today.as_ref().expect("there is one");
    let kind = report.kinds.iter().find(|kind| kind.tier == "L2").expect("it is there");
    let b = kind.models.iter().find(|model| model.model == "b").expect("it is there");
    assert!(b.share > 0.5 && b.before.is_some_and(|before| before < b.share), "{b:?}");
    assert!(kind.gain.is_some_and(|gain| gain > 0.05), "{:?}", kind.gain);
    let text = report.text();
    assert!(text.contains("`b` rises from") && text.contains("| a (static choice) |"), "{text}");
    assert!(text.contains("No job has ended yet of: code L1, code L3, code L4."), "{text}");
}
