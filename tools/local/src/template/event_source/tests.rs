//! Tests of reading events of the type `DynamoDB`.

use rstest::rstest;

use super::*;

#[test]
fn all_settings_of_an_event_are_read() {
    let sources = sources(
        "BatchSize: 10
        StartingPosition: TRIM_HORIZON
        BisectBatchOnFunctionError: true
        MaximumRecordAgeInSeconds: 900
        MaximumRetryAttempts: 3
        MaximumBatchingWindowInSeconds: 1
        FunctionResponseTypes: [ReportBatchItemFailures]
        DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Lost.Arn}}
        FilterCriteria: {Filters: [{Pattern: '{\"dynamodb\":{\"Keys\":{\"key\":{\"S\":[\"a\"]}}}}'}]}",
    );

    let source = sources.unwrap().remove(0);
    assert_eq!(
        (source.name.as_str(), source.function.as_str()),
        ("Mailer.Mails", "mailer")
    );
    assert_eq!((source.table.as_str(), source.batch_size), ("Mails", 10));
    assert_eq!(source.start, StartingPosition::TrimHorizon);
    let limits = Limits {
        bisects: true,
        max_age: Some(Span::seconds(900)),
        max_retries: Some(3),
    };
    assert_eq!(source.limits, limits);
    assert_eq!(source.filters.len(), 1);
    assert!(source.reports_failures);
    assert_eq!(source.on_failure.as_deref(), Some("Lost.Arn"));
    assert_eq!(source.timeout, Duration::from_secs(30));
}

#[test]
fn an_event_has_the_defaults_of_lambda() {
    let source = sources("StartingPosition: LATEST").unwrap().remove(0);

    assert_eq!((source.batch_size, source.start), (100, StartingPosition::Latest));
    assert_eq!(source.limits, Limits::default());
    assert!(source.filters.is_empty() && !source.reports_failures && source.on_failure.is_none());
}

#[rstest]
#[case::minus_one("MaximumRetryAttempts: -1", None)]
#[case::zero("MaximumRetryAttempts: 0", Some(0))]
#[case::in_a_string("MaximumRetryAttempts: '2'", Some(2))]
fn a_limit_of_minus_one_is_no_limit(#[case] setting: &str, #[case] expected: Option<u64>) {
    let sources = sources(&format!("StartingPosition: LATEST\n{setting}")).unwrap();

    assert_eq!(sources[0].limits.max_retries, expected);
}

#[rstest]
#[case::unknown("TumblingWindowInSeconds: 1", "TumblingWindowInSeconds is not imitated")]
#[case::parallel("ParallelizationFactor: 2", "only a ParallelizationFactor of 1 is imitated")]
#[case::no_number("BatchSize: many", "BatchSize is not a whole number")]
#[case::too_many("BatchSize: 10001", "a BatchSize is a number from 1 to 10000")]
#[case::response("FunctionResponseTypes: [Other]", "no response type is named Other")]
#[case::filter(
    "FilterCriteria: {Filters: [{Pattern: '{\"dynamodb\":{\"a\":[{\"suffix\":\"b\"}]}}'}]}",
    "suffix is not imitated"
)]
fn what_is_not_imitated_is_refused(#[case] setting: &str, #[case] expected: &str) {
    let error = sources(&format!("StartingPosition: LATEST\n{setting}")).unwrap_err();

    assert!(format!("{error:#}").contains(expected), "{error:#}");
    assert!(format!("{error:#}").contains("in event Mails of Mailer"), "{error:#}");
}

#[test]
fn a_table_without_a_stream_is_refused() {
    let text = template("StartingPosition: LATEST").replace("StreamViewType", "Other");

    let error = parse(&text, "on").unwrap_err();

    assert!(
        format!("{error:#}").contains("Mails has no StreamSpecification"),
        "{error:#}"
    );
}

#[test]
fn a_function_that_is_not_made_has_no_event() {
    let text = template("StartingPosition: LATEST");

    assert_eq!(parse(&text, "on").unwrap().len(), 1);
    assert_eq!(parse(&text, "off").unwrap().len(), 0);
}

#[test]
fn a_disabled_event_delivers_nothing() {
    let sources = |enabled| sources(&format!("StartingPosition: LATEST\nEnabled: {enabled}"));

    assert_eq!(sources(true).unwrap().len(), 1);
    assert_eq!(sources(false).unwrap().len(), 0);
}

fn sources(settings: &str) -> anyhow::Result<Vec<EventSource>> {
    parse(&template(settings), "on")
}

fn parse(text: &str, mails: &str) -> anyhow::Result<Vec<EventSource>> {
    Template::parse(text, &BTreeMap::from([("Mails", mails)]))
        .unwrap()
        .event_sources()
}

fn template(settings: &str) -> String {
    let settings: Vec<&str> = settings.lines().map(str::trim).collect();
    let settings = settings.join("\n            ");
    format!(
        "Parameters: {{Mails: {{Type: String}}}}
Conditions: {{HasMails: !Equals [!Ref Mails, 'on']}}
Resources:
  Mailer:
    Type: AWS::Serverless::Function
    Condition: HasMails
    Metadata: {{BuildProperties: {{Binary: mailer}}}}
    Properties:
      Timeout: 30
      Events:
        Mails:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Mails.StreamArn
            {settings}
  Mails:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{{AttributeName: key, AttributeType: S}}]
      KeySchema: [{{AttributeName: key, KeyType: HASH}}]
      StreamSpecification: {{StreamViewType: NEW_IMAGE}}
"
    )
}
