//! `foreroute.toml`: what a file means, and what a wrong one is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use foreroute::config::elements::secret::SecretRef;
use foreroute::config::valid::playbook::Act;
use foreroute::config::valid::{DetectControl, Direction, Role, SourceSettings, TokenHash};
use foreroute::config::{self, Checked, Config};
use foreroute::domain::ids::ChannelId;
use foreroute::domain::price::Usage;
use foreroute::domain::time::Timestamp;
use foreroute::domain::units::MicroUsd;

/// A machine whose environment holds these variables and nothing else.
fn parse_with(text: &str, environment: &[(&str, &str)]) -> Result<Checked, Vec<String>> {
    let environment: BTreeMap<&str, &str> = environment.iter().copied().collect();
    let read = |place: &SecretRef| {
        let value = environment.get(place.env.as_deref().unwrap_or_default());
        value.map(|value| (*value).to_owned()).ok_or_else(|| "not set".to_owned())
    };
    config::parse(text, &read).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn parse(text: &str) -> Result<Config, Vec<String>> {
    parse_with(text, &[]).map(|checked| checked.config)
}

/// The first example of the guide: the smallest file that does something.
fn minimal() -> String {
    let guide = include_str!("../../src/docs/configuration.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    example.expect("the guide begins with an example").to_owned()
}

#[test]
fn a_small_file_is_about_ten_lines() {
    let text = minimal();
    assert!(text.lines().filter(|line| !line.trim().is_empty()).count() <= 11, "{text}");
    let config = parse(&text).expect("the example is right");
    assert_eq!((config.channels.len(), config.sources.len(), config.routes.len()), (1, 1, 1));
    assert_eq!(config.sources[0].name, "prometheus");
    assert_eq!(config.sources[0].cron.as_str(), "* * * * *");
    assert_eq!(config.routes[0].channels[0].as_str(), "gpt-eu");
}

#[test]
fn every_example_of_the_guide_is_right() {
    let guide = include_str!("../../src/docs/configuration.md");
    let examples: Vec<&str> = guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let whole_files = examples.iter().filter(|example| example.contains("[["));
    for example in whole_files {
        assert_eq!(parse(example).map(|_| ()), Ok(()), "{example}");
    }
    let rules = guide.split("```toml alerts.toml\n").nth(1).and_then(|rest| rest.split("```").next());
    for rules in [rules.expect("rules in the guide"), include_str!("../../data/alerts.toml")] {
        let rules = config::parse_rules(rules, &promising());
        assert!(rules.as_ref().is_ok_and(|rules| rules.len() >= 3), "{rules:?}");
    }
}

#[test]
fn the_example_of_deliveries_is_right() {
    let guide = include_str!("../../src/docs/delivering.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let config = parse(&format!("{TWO_CHANNELS}{example}")).expect("the example is right");
    let kinds: Vec<&str> = config.deliver.iter().map(|deliver| deliver.target.kind()).collect();
    assert_eq!(kinds, ["haproxy", "webhook", "redis-litellm", "nginx", "manifest"]);
    let edge = &config.deliver[0];
    assert_eq!(edge.names.values().collect::<Vec<_>>(), ["llm/eu", "llm/gpt-us"]);
    let fallback = edge.target.fallback().expect("weights stay there");
    assert!(fallback.restore_on_stop && fallback.weights.values().all(|share| share.to_bits() == 1_f64.to_bits()));
}

const TWO_CHANNELS: &str = "[[channel]]\nname = \"gpt-eu\"\n[[channel]]\nname = \"gpt-us\"\n\
    [[route]]\nclass = \"chat\"\nobjective = { error_ratio = 0.1 }\n";

/// The defaults in the published schema and those of the valid types are the same.
#[test]
fn an_empty_file_means_the_defaults() {
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn a_full_file_is_understood() {
    let text = r#"
        [server]
        listen = "0.0.0.0:9000"
        tls = { cert = "/c.pem", key = "/k.pem" }
        rate = { per_token_per_s = 0, burst = 10 }
        [[server.tokens]]
        name = "grafana"
        role = "reader"
        sha256 = "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"
        [[server.tokens]]
        name = "gateway"
        role = "writer"
        env = "GATEWAY_TOKEN"
        [store]
        late_window = "20m"
        retention = { samples = "30d", late = "forever" }
        [collect]
        cron = "*/2 * * * *"
        unknown_channels = "refuse"
        [[channel]]
        name = "claude"
        model = "claude-x"
        prices = [
          { prompt_usd_per_mtok = 3, completion_usd_per_mtok = 15, cached_usd_per_mtok = 0.3 },
          { from = 2026-07-01, prompt_usd_per_mtok = 2, completion_usd_per_mtok = 10 },
        ]
        [[source]]
        kind = "probe"
        channel = "claude"
        base_url = "https://example.com/v1"
        key = { env = "CLAUDE_KEY" }
        cron = "0 */10 * * * *"
        [[source]]
        kind = "tail"
        path = "/var/log/calls.jsonl"
        [[source]]
        kind = "prometheus"
        preset = "vllm"
        url = "http://127.0.0.1:8000/metrics"
    "#;
    let checked = parse_with(text, &[("GATEWAY_TOKEN", "hello")]).expect("a right file");
    let Config { server, store, sources, .. } = &checked.config;
    assert_eq!((server.per_token_per_s, server.burst.get()), (None, 10));
    assert_eq!(server.tokens.iter().map(|token| token.role).collect::<Vec<_>>(), [Role::Reader, Role::Writer]);
    assert!(server.tokens.iter().all(|token| token.hash == TokenHash::of("hello")));
    assert_eq!((store.late_window, store.retention.late), (Duration::from_mins(20), None));
    assert_eq!(
        sources.iter().map(|source| source.cron.as_str()).collect::<Vec<_>>(),
        ["0 */10 * * * *", "*/5 * * * * *", "*/2 * * * *"]
    );
    let SourceSettings::Probe(probe) = &sources[0].settings else { unreachable!("the first source is the probe") };
    assert_eq!((probe.model.as_str(), probe.max_per_day), ("claude-x", MicroUsd(1_000_000)));
    assert_eq!(checked.missing_secrets.len(), 1);
    assert_eq!(checked.missing_secrets[0].path, "source[0].key");
    let july = Timestamp::parse_rfc3339("2026-07-01T00:00:00Z").expect("valid RFC 3339");
    let usage = Usage { prompt: Some(1_000), completion: None, cached: Some(1_000) };
    let cost = |at| checked.config.prices().cost(&ChannelId::new("claude").expect("valid name"), at, usage);
    assert_eq!((cost(july.plus_seconds(-1)), cost(july)), (Some(MicroUsd(300)), Some(MicroUsd(2_000))));
}

#[test]
fn detection_is_understood() {
    let text = r#"
        [detect]
        delay = "5s"
        columns = ["latency_p95_ms", "error_ratio"]
        [[detect.control]]
        channel = "openai-eu"
        column = "latency_p95_ms"
        direction = "up"
        least_relative = 0.2
        maintenance = ["2026-11-20T08:00:00Z..2026-11-20T09:30:00Z"]
        [[detect.control]]
        watch = false
        [incidents]
        open_after = 3
        severity = { severe_latency = 4 }
        group = { least = 3 }
        runbooks = { latency = "https://wiki.example/slow" }
    "#;
    let Config { detect, incidents, .. } = parse(text).expect("a right file");
    assert_eq!((detect.delay, detect.columns.len()), (Duration::from_secs(5), 2));
    assert_eq!(detect.history, Duration::from_hours(72), "the rest are the defaults");
    let [of_one, of_all] = detect.controls.as_slice() else { unreachable!("there are two controls") };
    assert_eq!((of_one.direction, of_one.maintenance.len()), (Some(Direction::Up), 1));
    assert_eq!(of_all, &DetectControl { watch: Some(false), ..DetectControl::default() });
    assert_eq!((incidents.open_after, incidents.severity.severe_latency, incidents.group.least), (3, 4.0, 3));
    assert_eq!(incidents.runbooks["latency"], "https://wiki.example/slow");
}

#[test]
fn playbooks_are_understood() {
    let guide = include_str!("../../src/docs/healing.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let checked = parse_with(example, &[("OPS_HOOK_SECRET", "hunter2")]).expect("a right file");
    let Config { heal, playbooks, .. } = &checked.config;
    assert_eq!((heal.actions_per_hour, heal.commands["restart"].len()), (20, 3));
    let [playbook] = playbooks.as_slice() else { unreachable!("there is one playbook") };
    assert_eq!((playbook.incidents.len(), playbook.tripped, playbook.high_risk), (2, true, false));
    assert_eq!((playbook.steps.len(), playbook.roll_back.len()), (5, 1));
    assert_eq!(playbook.steps[2].act, Act::Command("restart".to_owned()));
    assert_eq!((playbook.steps[2].timeout, playbook.steps[2].tries), (Duration::from_mins(2), 3));
    assert!(playbook.steps[2].confirm.is_some_and(|confirm| confirm.probe_ok));
    assert_eq!(playbook.verify.map(|verify| verify.hold), Some(Duration::ZERO));
}

#[test]
fn work_is_understood() {
    let guide = include_str!("../../src/docs/work.md");
    let example = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let checked = parse_with(example, &[]).expect("a right file");
    let Config { learn, work, .. } = &checked.config;
    assert_eq!(*learn, foreroute::config::valid::Learn::default(), "the example shows the defaults");
    let [code] = work.as_slice() else { unreachable!("there is one class") };
    assert_eq!((code.class.as_str(), code.fixed.as_str(), code.models.len()), ("code", "gpt-large", 2));
    assert_eq!((code.models[0].tokens_per_day, code.models[1].usd_per_job), (Some(5_000_000), Some(0.01)));
}

#[test]
fn wrong_work_is_told_where_and_what() {
    let ranges = "[learn]\nhalf_life_jobs = 3\n[[work]]\nclass = \"code\"\nenough = { L2 = 1.5 }\n\
                  [[work.model]]\nname = \"a\"\ntokens_per_day = 0\nusd_per_job = -1.0\n";
    assert_eq!(
        parse(ranges).expect_err("a wrong file"),
        [
            "2:18: learn.half_life_jobs: expected a number from 10.0 to 1000000.0, found 3",
            "5:17: work[0].enough.L2: expected a number from 0.0 to 1.0, found 1.5",
            "8:18: work[0].model[0].tokens_per_day: expected a whole number of at least 1, found 0",
            "9:15: work[0].model[0].usd_per_job: expected a number of at least 0.0, found -1.0",
        ]
    );
    let text = r#"[learn]
cron = "8 o'clock"
[[work]]
class = "code"
static = "c"
[[work.model]]
name = "a b"
[[work.model]]
name = "b"
[[work.model]]
name = "b"
[[work]]
class = "code"
model = []
"#;
    assert_eq!(
        parse(text).expect_err("a wrong file"),
        [
            "2:8: learn.cron: expected a schedule such as \"* * * * *\" (every minute) or \"*/5 * * * *\", found `8 o'clock`",
            "5:10: work[0].static: `c` is none of the models of this class: a b, b, b",
            "7:8: work[0].model[0].name: expected a name of 1 to 200 bytes without blanks, found `a b`",
            "11:8: work[0].model[2].name: the model `b` is named twice in this class",
            "13:9: work[1].class: the name `code` is used twice; names must differ",
            "14:9: work[1].model: a class of work needs at least one model",
        ]
    );
}

/// A playbook with `steps`, and what is beside it in the file.
fn playbook(beside: &str, steps: &str) -> Vec<String> {
    let text = format!("{beside}\n[[playbook]]\nname = \"p\"\non = {{ tripped = true }}\nstep = [{steps}]");
    parse(&text).expect_err("a wrong file")
}

#[test]
fn wrong_playbooks_are_told_where_and_what() {
    assert_eq!(
        parse("[[playbook]]\nname = \"p\"\non = {}\nstep = []").expect_err("wrong"),
        [
            "3:6: playbook[0].on: say when it runs: name `incidents`, or set `tripped = true` or `risk`",
            "4:8: playbook[0].step: a playbook needs at least one step",
        ]
    );
    assert_eq!(
        playbook("[heal]\ncommands = { r = [\"reboot\", \"{chanel}\"] }", "{ do = \"command\", command = \"q\" }"),
        [
            "2:19: heal.commands.r[0]: expected the full path of the program, found `reboot`",
            "2:29: heal.commands.r[1]: there is no placeholder `{chanel}`; known are {channel}, {playbook}, {run}, {key}",
            "6:37: playbook[0].step[0].command: the command `q` is not in `heal.commands`; allowed: r",
        ]
    );
    assert_eq!(
        playbook(
            "",
            "{ do = \"webhook\", to = \"ops\" }, { do = \"restore\" }, { do = \"wait\" }, { do = \"drain\", to = \"x\" }"
        ),
        [
            "5:32: playbook[0].step[0].to: there is no `[[alerts.receiver]]` of the kind `webhook` with the name `ops`",
            "5:48: playbook[0].step[1].do: nothing is drained before this step",
            "5:61: playbook[0].step[2]: say what is waited for: `until = { incident_over = true }`",
            "5:99: playbook[0].step[3].to: belongs to a step with `do = \"webhook\"`",
        ]
    );
    assert_eq!(
        playbook(
            "",
            "{ do = \"drain\" }]\nchannels = [\"eu\"]\nverify = { that = {}, calls = 30, hold = \"1h\", within = \"1m\" }\nroll_back = ["
        ),
        [
            "6:13: playbook[0].channels[0]: there is no `[[channel]]` whose name is `eu`",
            "7:19: playbook[0].verify.that: say what must hold: `incident_over`, `probe_ok`, `errors_below`, `slow_below` or `after`",
            "7:31: playbook[0].verify.calls: says of how many calls `errors_below` or `slow_below` is a share; neither is there",
            "7:57: playbook[0].verify.within: must be longer than `hold`, or nothing could ever be found good",
        ]
    );
}

/// Wrong files and the whole of what is said about each.
const WRONG: &[(&str, &[&str])] = &[
    // Keys.
    ("[server]\nlisen = \"127.0.0.1:1\"", &["2:1: server.lisen: unknown key `lisen`; did you mean `listen`?"]),
    ("[[channels]]\nname = \"a\"", &["1:3: channels: unknown key `channels`; did you mean `channel`?"]),
    (
        "[collect]\nzebra = 1",
        &["2:1: collect.zebra: unknown key `zebra`; expected one of `cron`, `unknown_channels`, `max_ahead`"],
    ),
    ("[[channel]]\nmodel = \"m\"", &["1:1: channel[0].name: the key `name` is missing"]),
    // Types.
    ("[server]\nlisten = 8321", &["2:10: server.listen: expected a string, found 8321"]),
    (
        "[[channel]]\nname = \"a\"\nlimits = { rpm = 0, tpm = 1.5 }",
        &[
            "3:18: channel[0].limits.rpm: expected a whole number of at least 1, found 0",
            "3:27: channel[0].limits.tpm: expected a whole number of at least 1, found 1.5",
        ],
    ),
    ("channel = 3", &["1:11: channel: expected a list, found 3"]),
    (
        "[[channel]]\nname = \"a\"\nprices = [{ prompt_usd_per_mtok = -1, completion_usd_per_mtok = nan }]",
        &["3:65: channel[0].prices[0].completion_usd_per_mtok: expected a finite number that fits into 64 bits"],
    ),
    ("[server]\nlisten = \"a\"\nlisten = \"b\"", &["3:1: not valid TOML: duplicate key"]),
    // Words.
    (
        "[collect]\nunknown_channels = \"acept\"",
        &["2:20: collect.unknown_channels: `acept` is not known; did you mean `accept`?"],
    ),
    (
        "[[source]]\nkind = \"promtheus\"",
        &["2:8: source[0].kind: `promtheus` is not known; did you mean `prometheus`?"],
    ),
    (
        "[[source]]\npath = \"x\"",
        &["1:1: source[0].kind: the key `kind` is missing; expected one of `prometheus`, `probe`, `tail`"],
    ),
    // Values.
    (
        "[store]\nlate_window = \"10 minutes\"\nflush_every = \"2h\"\nmemory_limit = \"1MB\"",
        &[
            "2:15: store.late_window: expected a span of time such as \"30s\", \"10m\" or \"90d\", found `10 minutes`",
            "3:15: store.flush_every: must lie between 1s and 1h, found `2h`",
            "4:16: store.memory_limit: expected a size such as \"64KiB\", \"16MiB\" or \"2GiB\", found `1MB`",
        ],
    ),
    (
        "[collect]\ncron = \"hourly\"",
        &[
            "2:8: collect.cron: expected a schedule such as \"* * * * *\" (every minute) or \"*/5 * * * *\", found `hourly`",
        ],
    ),
    (
        "[[channel]]\nname = \"a\"\n[[channel]]\nname = \"a\"",
        &["4:8: channel[1].name: the channel `a` is described twice"],
    ),
    (
        "[server]\nlisten = \"0.0.0.0:80\"",
        &["2:10: server.listen: others can reach this address and there are no tokens: add `[[server.tokens]]`, \
           listen on 127.0.0.1, or say `allow_insecure_bind = true`"],
    ),
    (
        "[[source]]\nkind = \"tail\"\npath = \"a\"\n[[source]]\nkind = \"tail\"\npath = \"b\"",
        &["4:1: source[1].name: the name `tail` is used twice; names must differ"],
    ),
    (
        "[[source]]\nkind = \"prometheus\"\nurl = \"http://h/\"\nmapping = { counters = [{ metrics = [], counts = \"requests\" }] }",
        &[
            "1:1: source[0]: say how series name their channel: `channel` or `channel_labels`",
            "4:37: source[0].mapping.counters[0].metrics: name at least one metric",
        ],
    ),
    (
        "[[source]]\nkind = \"prometheus\"\nurl = \"http://h/\"",
        &["1:1: source[0]: say what the series mean: either `preset` or `mapping`"],
    ),
    (
        "[[route]]\nclass = \"chat\"\nobjective = {}\nchannels = [\"nowhere\"]",
        &[
            "3:13: route[0].objective: promise at least one of `latency`, `error_ratio`, `availability` and `budget`",
            "4:13: route[0].channels[0]: there is no `[[channel]]` with the name `nowhere`",
        ],
    ),
    (
        "[[channel]]\nname = \"eu\"\n[[route]]\nclass = \"chat\"\nobjective = { error_ratio = 0.1 }\n\
         [[deliver]]\nname = \"a\"\nkind = \"haproxy\"\nsocket = \"nowhere\"\nchannels = { us = \"x\" }\n\
         [[deliver]]\nname = \"b\"\nkind = \"redis-litellm\"\nclasses = [\"talk\"]\nurl = \"rediss://h\"\nlease = \"90s\"\n\
         [[deliver]]\nname = \"b\"\nkind = \"nginx\"\nfile = \"f\"\nreload = []\nchannels = { eu = \"a; b\" }\n\
         [[deliver]]\nname = \"c\"\nkind = \"manifest\"\nfile = \"f\"\nbackends = [\"x\"]\nfallback = { eu = 0 }",
        &[
            "9:10: deliver[0].socket: expected a path such as \"/run/haproxy/admin.sock\", or HOST:PORT, found `nowhere`",
            "10:12: deliver[0].channels: expected `BACKEND/SERVER`, or `SERVER` and the key `backend`, found `eu`",
            "10:19: deliver[0].channels.us: there is no `[[channel]]` with the name `us`",
            "14:12: deliver[1].classes[0]: there is no `[[route]]` with the class `talk`",
            "15:7: deliver[1].url: TLS is not spoken to Redis: put a local proxy such as stunnel in between, and use `redis://`",
            "16:9: deliver[1].lease: must lie between 3s and 1m, found `90s`",
            "18:8: deliver[2].name: the name `b` is used twice; names must differ",
            "21:10: deliver[2].reload: expected a command word by word, such as [\"nginx\", \"-s\", \"reload\"]",
            "22:19: deliver[2].channels.eu: expected an address such as \"10.0.0.1:8000\" or \"unix:/run/llm.sock\", found `a; b`",
            "27:12: deliver[3].backends: `eu` is called `eu`, which is none of these",
            "28:12: deliver[3].fallback: at least one channel must get something",
        ],
    ),
    (
        "[alerts]\nrepeat = \"1m\"\n[[alerts.receiver]]\nname = \"a\"\nkind = \"slack\"\n\
         url = \"https://hooks.slack.com/x\"\nsign = { env = \"A\" }\n\
         [[alerts.receiver]]\nname = \"b\"\nkind = \"pager\"",
        &["10:8: alerts.receiver[1].kind: `pager` is not known; expected one of `webhook`, `slack`, `alertmanager`"],
    ),
    (
        "[alerts]\nrepeat = \"1m\"\n[[alerts.receiver]]\nname = \"a\"\nkind = \"slack\"\n\
         url = \"https://hooks.slack.com/x\"\nsign = { env = \"A\" }",
        &[
            "2:10: alerts.repeat: what did not change cannot be told more often than what did: `interval`",
            "6:7: alerts.receiver[0].url: whoever has this address can write there, so it is a secret: keep it elsewhere \
             and say where with `url_from = { env = \"NAME\" }`",
            "7:8: alerts.receiver[0].sign: only notices of `kind = \"webhook\"` are signed",
        ],
    ),
    (
        "[[source]]\nkind = \"probe\"\nchannel = \"x\"\nbase_url = \"example.com\"\nprompt = \"2+2\"",
        &[
            "1:1: source[0]: `prompt` and `expect` belong together: give both or neither",
            "3:11: source[0].channel: there is no `[[channel]]` with the name `x`",
            "4:12: source[0].base_url: expected an address such as \"http://127.0.0.1:4000/metrics\", found `example.com`",
        ],
    ),
    // Detection.
    (
        "[detect]\nalarms_per_day = 0\ncolumns = [\"requests\", \"requests\"]\ndelay = \"1h\"\n\
         [[detect.control]]\nchannel = \"\"\nmaintenance = [\"2026-11-21..2026-11-20\"]",
        &[
            "2:18: detect.alarms_per_day: expected a number above 0, found 0",
            "3:24: detect.columns[1]: the column `requests` is named twice",
            "4:9: detect.delay: must lie between 1s and 5m, found `1h`",
            "6:11: detect.control[0].channel: is empty",
            "7:16: detect.control[0].maintenance[0]: must end after it begins, found `2026-11-21..2026-11-20`",
        ],
    ),
    (
        "[[detect.control]]\ncolumn = \"latency_p59_ms\"\ndirection = \"upp\"\nleast_relative = -1",
        &[
            "2:10: detect.control[0].column: `latency_p59_ms` is not known; did you mean `latency_p95_ms`?",
            "3:13: detect.control[0].direction: `upp` is not known; did you mean `up`?",
            "4:18: detect.control[0].least_relative: expected a number of at least 0, found -1",
        ],
    ),
    (
        "[incidents]\nopen_after = 6\ncalm_below = 0.5\n[incidents.group]\nshare = 0\n\
         [incidents.runbooks]\nlatency = \"javascript:alert(1)\"",
        &[
            "2:14: incidents.open_after: expected at most `within`, which is 5, found 6",
            "3:14: incidents.calm_below: expected a score above 0 and below 0.5, found 0.5",
            "5:9: incidents.group.share: expected a share above 0, found 0",
            "7:11: incidents.runbooks.latency: expected a link to http or https without blanks, \
             found `javascript:alert(1)`",
        ],
    ),
    (
        "[incidents]\nadopt_after = 5\nrunbooks = { slow = \"https://x/\" }",
        &[
            "2:15: incidents.adopt_after: expected a whole number from 60 to 43200, found 5",
            "3:14: incidents.runbooks.slow: unknown key `slow`; expected one of `absence`, `errors`, \
             `throttling`, `latency`, `cost`, `traffic`, `other`",
        ],
    ),
];

/// Wrong files of rules and the whole of what is said about each.
const WRONG_RULES: &[(&str, &[&str])] = &[
    (
        "[[rule]]\nname = \"slow\"\nmetric = \"latency_p95\"\nabove = 1\nwindows = \"5m\"",
        &["5:1: rule[0].windows: unknown key `windows`; did you mean `window`?"],
    ),
    ("[[rules]]\nname = \"a\"", &["1:3: rules: unknown key `rules`; did you mean `rule`?"]),
    (
        "[[rule]]\nname = \"slow\"\nmetric = \"latency_p95\"\nabove = 1\nrecovered = 2\nfor = \"2 minutes\"",
        &[
            "3:10: rule[0].metric: `latency_p95` is no metric of channels; did you mean `latency_p95_ms`?",
            "5:13: rule[0].recovered: expected a value on the good side of 1, found 2",
            "6:7: rule[0].for: expected a span of time such as \"30s\", \"10m\" or \"90d\", found `2 minutes`",
        ],
    ),
    (
        "[[rule]]\nname = \"DetectorStalled\"\nmetric = \"requests\"\nwindow = \"90s\"\nlabels = { chanel = \"x\" }",
        &[
            "1:1: rule[0]: say when it is a breach: either `above` or `below`",
            "2:8: rule[0].name: `DetectorStalled` is an alert that is raised without a rule; choose another name",
            "4:10: rule[0].window: expected whole minutes",
            "5:21: rule[0].labels.chanel: channels have no label `chanel`; did you mean `channel`?",
        ],
    ),
    (
        "[[rule]]\nname = \"a\"\nmetric = \"burn_rate\"\nclass = \"chats\"\nabove = 1\n\
         [[rule]]\nname = \"b\"\nmetric = \"burn_rate\"\nclass = \"chat\"\npromise = \"availability\"\n\
         pair = { long = \"5m\", short = \"1h\", rate = 2 }\nwindow = \"5m\"\n\
         [[rule]]\nname = \"c\"\nmetric = \"risk\"\nclass = \"chat\"\nhorizon = \"10m\"\nabove = 0.5",
        &[
            "4:9: rule[0].class: there is no `[[route]]` of the class `chats`; did you mean `chat`?",
            "5:9: rule[0].above: a burn rate has its limit in `burn` or `pair`",
            "10:11: rule[1].promise: `chat` promises no availability",
            "11:31: rule[1].pair.short: must be shorter than `long`",
            "12:10: rule[1].window: `burn_rate` has no use for `window`",
            "17:11: rule[2].horizon: there are risks for `5m`, `15m` and `1h`",
        ],
    ),
    (
        "[[rule]]\nname = \"a\"\nmetric = \"anomaly_score\"\ncolumn = \"latency_p95\"\nabove = 0.5",
        &["4:10: rule[0].column: `latency_p95` is not known; did you mean `latency_p95_ms`?"],
    ),
    (
        "[[rule]]\nname = \"a\"\ngauge = \"depth\"\nabove = 1\nseverity = \"P5\"",
        &["5:12: rule[0].severity: `P5` is not known; expected one of `P1`, `P2`, `P3`, `P4`"],
    ),
];

/// The first example of the guide, whose class `chat` promises a latency and an error ratio.
fn promising() -> Config {
    parse(&minimal()).expect("the example is right")
}

#[test]
fn wrong_rules_are_told_everything_at_once_and_where() {
    for (text, expected) in WRONG_RULES {
        let problems = config::parse_rules(text, &promising()).expect_err(text);
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(&problems, expected, "for the file\n{text}");
    }
}

#[test]
fn rules_are_found_beside_the_configuration_and_their_problems_name_their_file() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (file, rules) = (dir.path().join("foreroute.toml"), dir.path().join("alerts.toml"));
    fs::write(&file, "[alerts]\nrules = \"alerts.toml\"").expect("written");
    let missing = config::check_file(&file).expect_err("no rules there").to_string();
    assert!(missing.contains("alerts.toml"), "{missing}");
    fs::write(&rules, "[[rule]]\nname = \"slow\"\nmetric = \"latency_p95_ms\"\nabove = 4000\n").expect("written");
    let checked = config::check_file(&file).expect("right");
    assert_eq!(checked.config.alerts.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["slow"]);
    fs::write(&rules, "[[rule]]\nname = \"slow\"\n").expect("written");
    let wrong = config::check_file(&file).expect_err("wrong").to_string();
    assert!(wrong.contains("alerts.toml:1:1: rule[0]: say what it is about"), "{wrong}");
}

#[test]
fn wrong_files_are_told_everything_at_once_and_where() {
    for (text, expected) in WRONG {
        let problems = parse(text).expect_err(text);
        assert_eq!(&problems, expected, "for the file\n{text}");
    }
}

#[test]
fn secrets_in_the_file_are_refused_without_repeating_them() {
    let source = "[[channel]]\nname = \"c\"\nmodel = \"m\"\n[[source]]\nkind = \"probe\"\nchannel = \"c\"\n";
    let files = [
        format!("{source}base_url = \"https://x/\"\nkey = \"sk-hunter2\""),
        format!("{source}base_url = \"https://x/\"\nkey = {{ env = \"sk-hunter2\" }}"),
        format!("{source}base_url = \"https://x/\"\napi_key = \"sk-hunter2\""),
        format!("{source}base_url = \"https://me:sk-hunter2@x/\""),
        "[[server.tokens]]\nname = \"a\"\nrole = \"reader\"\nsha256 = \"sk-hunter2\"".to_owned(),
        "[[server.tokens]]\nname = \"a\"\nrole = \"reader\"\ntoken = \"sk-hunter2\"".to_owned(),
        "[[alerts.receiver]]\nname = \"a\"\nkind = \"webhook\"\nurl_from = \"http://h/hunter2\"".to_owned(),
        "[[alerts.receiver]]\nname = \"a\"\nkind = \"webhook\"\nurl = \"http://h/\"\nsign = \"hunter2\"".to_owned(),
    ];
    for text in files {
        let problems = parse(&text).expect_err(&text).join("\n");
        assert!(!problems.contains("hunter2"), "{problems}");
    }
    let problems =
        parse(&format!("{source}base_url = \"https://x/\"\nkey = \"sk-hunter2\"")).expect_err("a wrong file");
    let expected = "8:7: source[0].key: expected { env = \"NAME\" } or { file = \"PATH\" }: secrets are kept outside of \
                    this file, found a string";
    assert_eq!(problems, [expected]);
}

/// If this fails because the settings changed on purpose: `foreroute check-config --print-schema` and `--print-schema=alerts`.
#[test]
fn the_published_schema_is_the_one_that_is_enforced() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/config.schema.json");
    let published = fs::read_to_string(file).expect("the schema is published");
    assert_eq!(published, config::schema_text());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/alerts.schema.json");
    let published = fs::read_to_string(file).expect("the schema is published");
    assert_eq!(published, config::rules_schema_text());
}

#[test]
fn reports_go_to_receivers_that_exist_and_take_them() {
    let receiver =
        |kind: &str| format!("[[alerts.receiver]]\nname = \"ops\"\nkind = \"{kind}\"\nurl = \"http://ops.example\"\n");
    let report = |rest: &str| format!("[[report]]\nkind = \"daily\"\n{rest}\n");
    let right = parse(&(receiver("webhook") + &report("language = \"ko\"\nto = [\"ops\"]"))).expect("right");
    assert_eq!((right.reports[0].cron.as_str(), right.reports[0].language.tag()), ("0 8 * * *", "ko"));
    for (file, expected) in [
        (report("to = [\"ops\"]"), "there is no receiver `ops`; `[[alerts.receiver]]` has none"),
        (receiver("alertmanager") + &report("to = [\"ops\"]"), "is an Alertmanager, which takes no reports"),
        (report(""), "nobody would see this report"),
        (report("directory = \"a\"") + &report("directory = \"b\""), "the same report is described twice"),
        (report("directory = \"a\"\ncron = \"soon\""), "expected a schedule"),
        (report("directory = \"a\"\nlanguage = \"fr\""), "language"),
    ] {
        let problems = parse(&file).expect_err("wrong");
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:?}");
    }
}
