use super::*;

fn columns(names: &str) -> Vec<String> {
    names.split(' ').map(str::to_owned).collect()
}

fn choose(wishes: &Wishes, names: &str) -> Result<Mapping, MappingError> {
    Mapping::choose(wishes, &columns(names))
}

fn map(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(field, column)| (field.to_owned(), column.to_owned())).collect()
}

const VLLM: &str = "ts finish_ts channel offered_qps prompt_tokens completion_tokens ttft_ms e2e_ms";

#[test]
fn a_preset_is_found_by_name_or_by_columns_with_the_same_identity() {
    let by_name = choose(&Wishes { preset: Some("vllm-bench".into()), ..Wishes::default() }, VLLM).expect("fits");
    let by_columns = choose(&Wishes::default(), VLLM).expect("fits");
    assert_eq!(by_name.canonical(), by_columns.canonical());
    assert_eq!(by_name.fields.get(&Field::LatencyMs).map(String::as_str), Some("e2e_ms"));
    let minutes = choose(&Wishes::default(), "channel ts requests prompt_tokens completion_tokens").expect("fits");
    assert_eq!(minutes.kind, Kind::Samples);
}

#[test]
fn the_canonical_text_never_changes() {
    let wishes = Wishes { preset: Some("gentd26".into()), ..Wishes::default() };
    let mapping = choose(&wishes, "ts channel status failed exec_time_s group_id").expect("fits");
    let expected = "kind=calls\nchannel={channel}\nts_unit=auto\nts=ts\nfailed=failed\nlatency_s=exec_time_s\n\
                    skip status=PENDING|PROCESSING\n";
    assert_eq!(mapping.canonical(), expected);
}

#[test]
fn a_preset_says_which_columns_are_missing() {
    let wishes = Wishes { preset: Some("vllm-bench".into()), kind: Some(Kind::Calls), ..Wishes::default() };
    let error = choose(&wishes, "ts channel prompt_tokens latency").expect_err("columns are missing");
    let expected = "the file has no column `completion_tokens`, `ttft_ms`, `e2e_ms`; \
                    it has `ts`, `channel`, `prompt_tokens`, `latency`";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn pairs_stand_alone_or_amend_a_preset() {
    let wishes =
        Wishes { map: map(&[("ts", "when"), ("latency_s", "took")]), channel: Some("eu".into()), ..Wishes::default() };
    let own = choose(&wishes, "when took tokens_prompt prompt_tokens").expect("fits");
    assert_eq!(own.columns(), ["tokens_prompt", "took", "when"], "a column named like a field feeds it");
    let amended = Wishes { preset: Some("azure".into()), map: map(&[("latency_ms", "ms")]), ..Wishes::default() };
    let amended = choose(&amended, "ts channel prompt_tokens completion_tokens ms").expect("fits");
    assert_eq!(amended.fields.len(), 4);
}

#[test]
fn what_cannot_work_is_said_before_the_first_row() {
    use MappingError as E;
    let with_map = |pairs| Wishes { map: map(pairs), ..Wishes::default() };
    assert_eq!(choose(&Wishes::default(), "ts latency_ms"), Err(E::NoChannel));
    assert_eq!(choose(&Wishes::default(), "channel latency_ms"), Err(E::NoTime));
    assert_eq!(choose(&with_map(&[("offset_s", "seq")]), "channel seq"), Err(E::NoStart));
    let samples = Wishes { kind: Some(Kind::Samples), ..Wishes::default() };
    assert_eq!(choose(&samples, "ts channel errors"), Err(E::NoRequests));
    let kind = Wishes { preset: Some("llmperf".into()), kind: Some(Kind::Samples), ..Wishes::default() };
    assert!(matches!(choose(&kind, "ts"), Err(E::NoLayout { .. })));
    let unknown = Wishes { preset: Some("azur".into()), ..Wishes::default() };
    assert!(matches!(choose(&unknown, "ts"), Err(E::UnknownPreset { .. })));
    assert!(matches!(choose(&with_map(&[("ts", "at")]), "channel when"), Err(E::MissingColumns { .. })));
}
