//! These tests check which users are imported, left unchanged or refused, and with which messages.

use axum::http::StatusCode;
use claims::{Timestamp, UserClaims};
use serde_json::{Value, json};
use tests::{Call, EMAIL, Stack};

use crate::harness::{Gatehouse, HASHES, PASSWORD, Ran, csv, file, jsonl, path};

#[tokio::test]
async fn users_of_other_systems_log_in_with_the_passwords_that_they_have() {
    let stack = Stack::start().await;
    let lines = HASHES.iter().enumerate();
    let lines = lines.map(|(number, hash)| format!("User-{number}@Example.com,\"{hash}\"\r\n"));
    let text = format!("email,password_hash\r\n{}", lines.collect::<String>());

    let ran = Gatehouse::of(&stack)
        .authctl(&["user", "import", &file("other-systems.csv", &text), "-o", "json"])
        .await;

    assert!(ran.succeeded, "{ran:?}");
    let expected = json!({"dry_run": false, "imported": HASHES.len(), "left": 0, "refused": 0});
    assert_eq!(ran.json(), expected);
    assert_eq!(ran.told, "");
    for number in 0..HASHES.len() {
        let body = json!({"email": format!("user-{number}@example.com"), "password": PASSWORD});
        let login = stack.send(Call::post("/auth/login", &body)).await;
        assert_eq!(login.status, StatusCode::OK, "{number}");
    }
}

#[tokio::test]
async fn both_formats_have_all_data_of_a_user() {
    let hash = HASHES[1];
    let csv = format!(
        "epoch,custom_claims,password_changed_at,created_at,user_id,status,scope,role,password_hash,email\n\
         3,\"{{\"\"tenant\"\":7}}\",2020-01-01T00:00:00Z,1500000000,old-7,disabled,a b,admin,{hash},Ada@Example.com\n"
    );
    let json = json!({
        "email": "Ada@Example.com", "password_hash": hash, "role": "admin", "scope": "a b", "status": "disabled",
        "custom_claims": {"tenant": 7}, "user_id": "old-7", "created_at": 1_500_000_000,
        "password_changed_at": "2020-01-01T00:00:00Z", "epoch": 3
    });

    for (name, text) in [("everything.csv", csv), ("everything.jsonl", json.to_string())] {
        let gatehouse = Gatehouse::new().await;

        let ran = gatehouse.authctl(&["user", "import", &file(name, &text)]).await;

        assert!(ran.succeeded, "{ran:?}");
        let [user] = &gatehouse.everybody().await[..] else {
            panic!("{name}")
        };
        assert_eq!((user.id.as_str(), user.email.as_str()), ("old-7", "Ada@Example.com"));
        assert_eq!((user.role.as_str(), user.scope.as_str()), ("admin", "a b"));
        assert_eq!((user.status, user.epoch), (auth::user::Status::Disabled, 3));
        assert_eq!(user.created_at, Timestamp::new(1_500_000_000));
        assert_eq!(user.custom_claims["tenant"], 7);
    }
}

#[tokio::test]
async fn an_existing_user_is_left_unchanged() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let file = file(
        "there-already.csv",
        &format!("email,password_hash\n{EMAIL},{}\n", HASHES[1]),
    );

    for _ in 0..2 {
        let ran = gatehouse.authctl(&["user", "import", &file, "-o", "json"]).await;

        let expected = json!({"dry_run": false, "imported": 0, "left": 1, "refused": 0});
        assert_eq!((ran.json(), ran.succeeded), (expected, true));
    }

    assert_eq!(gatehouse.everybody().await, std::slice::from_ref(&stack.user));
    assert_eq!(stack.login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refused_line_is_reported_by_number_and_field_and_the_rest_imported() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let (good, canary) = (HASHES[1], "canary-4f1e");
    let deep = "[".repeat(17) + &"]".repeat(17);
    let too_long = "x".repeat(UserClaims::MAX_LENGTH + 1);
    let lines = [
        json!({"email": "first@example.com", "password_hash": good, "user_id": "first"}),
        json!({"email": canary, "password_hash": good}),
        json!({"email": "a@example.com", "password_hash": canary}),
        json!({"email": "a@example.com", "password_hash": "$2b$31$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K"}),
        json!({"email": "a@example.com"}),
        json!({"email": "a@example.com", "password_hash": good, "role": "two words"}),
        json!({"email": "a@example.com", "password_hash": good, "custom_claims": {"sub": canary}}),
        json!({"email": "a@example.com", "password_hash": good, "custom_claims": {"a": serde_json::from_str::<Value>(&deep).unwrap()}}),
        json!({"email": "a@example.com", "password_hash": good, "custom_claims": {"a": too_long}}),
        json!({"email": "FIRST@example.com", "password_hash": good}),
        json!({"email": "second@example.com", "password_hash": good, "user_id": "first"}),
        json!({"email": EMAIL, "password_hash": good, "user_id": "another"}),
        json!({"email": "third@example.com", "password_hash": good, "user_id": stack.user.id}),
        json!({canary: 1}),
        json!({"email": "last@example.com", "password_hash": good}),
    ];
    let report = path("refused-report.jsonl");
    let arguments = ["user", "import", "-", "--format", "jsonl", "-o", "json", "--report"];

    let ran = gatehouse
        .authctl_with(&[&arguments[..], &[report.to_str().unwrap()]].concat(), &jsonl(&lines))
        .await;

    assert_eq!(ran.code, Some(8));
    assert_eq!(
        ran.json(),
        json!({"dry_run": false, "imported": 2, "left": 0, "refused": 13})
    );
    let unknown = "unsupported hash: its format is unknown";
    let costly = "unsupported hash: its cost is above the limit or below the minimum";
    let told = [
        "line 2: email: must be an address of at most 254 bytes",
        &format!("line 3: password_hash: {unknown}"),
        &format!("line 4: password_hash: {costly}"),
        "line 5: password_hash: missing",
        "line 6: role: must be 1 to 100 visible ASCII characters without quotes or backslashes",
        "line 7: custom_claims: \"sub\" is a claim of the token itself",
        "line 8: custom_claims: values nest at most 16 deep, no name is empty, and no number is beyond 1e125",
        "line 9: role, scope, address and custom claims are 58 bytes too long for an access token",
        "line 10: email: duplicate of line 1",
        "line 11: user_id: duplicate of line 1",
        "line 12: user_id: the address belongs to a user with another id",
        "line 13: user_id: the id belongs to a user with another address",
        "line 14: unknown member \"canary-4f1e\", at column 14",
        "error: refused lines: 13",
    ];
    assert_eq!(told_lines(&ran), told);
    assert_eq!(ran.told.matches(canary).count(), 1);
    let report: Vec<Value> = std::fs::read_to_string(report)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(report.len(), 13);
    assert_eq!(
        report[1],
        json!({"line": 3, "field": "password_hash", "reason": unknown})
    );
    assert_eq!(report[7]["field"], Value::Null);
    let emails: Vec<String> = gatehouse.everybody().await.into_iter().map(|user| user.email).collect();
    assert_eq!(emails, [EMAIL, "first@example.com", "last@example.com"]);
}

#[tokio::test]
async fn a_record_that_is_broken_ends_no_import() {
    let (hash, long) = (HASHES[1], "x".repeat(70_000));
    let good = |name: &str| json!({"email": format!("{name}@example.com"), "password_hash": hash}).to_string();
    let csv = [
        "email,password_hash",
        &format!("a@example.com,{hash}"),
        &format!("b@example.com,{long}"),
        &format!("c@example.com,\"{hash}"),
        &format!("\"d@example.com\",\"{hash}\""),
        &format!("e@example.com,\"{hash}"),
        &format!("f@example.com,{hash}"),
    ]
    .join("\r\n");
    let json = [
        good("a"),
        good(&long),
        "{\"email".to_owned(),
        good("d"),
        "\0".to_owned(),
        good("f"),
    ]
    .join("\n");
    let csv_told = [
        "line 3: longer than 65536 bytes",
        "line 4: unclosed quote",
        "line 6: unclosed quote",
        "error: refused lines: 3",
    ];
    let json_told = [
        "line 2: longer than 65536 bytes",
        "line 3: EOF while parsing a string, at column 7",
        "line 5: not a JSON object",
        "error: refused lines: 3",
    ];

    for (name, text, told) in [("broken.csv", csv, csv_told), ("broken.jsonl", json, json_told)] {
        let gatehouse = Gatehouse::new().await;

        let ran = gatehouse
            .authctl(&["user", "import", &file(name, &text), "-o", "json"])
            .await;

        assert_eq!(told_lines(&ran), told);
        let expected = json!({"dry_run": false, "imported": 3, "left": 0, "refused": 3});
        assert_eq!(ran.json(), expected);
        let emails = gatehouse.everybody().await.into_iter().map(|user| user.email);
        assert_eq!(
            emails.collect::<Vec<_>>(),
            ["a", "d", "f"].map(|name| format!("{name}@example.com"))
        );
    }
}

#[tokio::test]
async fn a_dry_run_reports_what_it_would_do_and_writes_nothing() {
    let stack = Stack::start().await;
    let gatehouse = Gatehouse::of(&stack);
    let text = csv(3) + EMAIL + "," + HASHES[0] + "\nx@example.com,none\n";
    let file = file("dry-run.csv", &text);

    let ran = gatehouse
        .authctl(&["user", "import", &file, "--dry-run", "-o", "json"])
        .await;

    assert!(!ran.succeeded);
    assert_eq!(
        ran.json(),
        json!({"dry_run": true, "imported": 3, "left": 1, "refused": 1})
    );
    assert!(
        told_lines(&ran)[0].starts_with("line 6: password_hash: unsupported hash"),
        "{ran:?}"
    );
    assert_eq!(gatehouse.everybody().await, std::slice::from_ref(&stack.user));
    let writes = stack
        .wire
        .take()
        .into_iter()
        .filter(|crossing| !["GetItem", "BatchGetItem"].contains(&crossing.operation.as_str()));
    assert_eq!(writes.count(), 0);
}

/// A mistake in every line, such as unquoted commas, would otherwise fill the terminal.
#[tokio::test]
async fn only_the_first_refused_lines_are_shown_and_the_report_has_all() {
    let gatehouse = Gatehouse::new().await;
    let lines = (0..30).map(|number| format!("user-{number}@example.com,$argon2id$v=19$m=1024,t=3,p=1$x$y\n"));
    let text: String = std::iter::once("email,password_hash\n".to_owned())
        .chain(lines)
        .collect();
    let (file, report) = (file("systematic.csv", &text), path("systematic.jsonl"));
    let report_path = report.to_str().unwrap();

    let shown = gatehouse.authctl(&["user", "import", &file]).await;
    let reported = gatehouse
        .authctl(&["user", "import", &file, "--report", report_path])
        .await;

    for (ran, rest) in [
        (
            &shown,
            "and 10 more refused lines: pass --report <file> to get all".to_owned(),
        ),
        (
            &reported,
            format!("and 10 more refused lines: all are in {report_path}"),
        ),
    ] {
        assert_eq!(ran.code, Some(8));
        let lines: Vec<&str> = ran.told.lines().collect();
        assert_eq!(lines.len(), 22, "{ran:?}");
        assert_eq!(lines[19], "line 21: expected 2 columns, found 4");
        assert_eq!(lines[20..], [&rest, "error: refused lines: 30"]);
    }
    assert_eq!(std::fs::read_to_string(report).unwrap().lines().count(), 30);
}

#[tokio::test]
async fn an_invalid_file_is_refused_before_anything_is_written() {
    let gatehouse = Gatehouse::new().await;
    let unknown = "email,password_hash,plan\na@example.com,x,y\n";
    for (name, text, told) in [
        (
            "unknown.csv",
            unknown,
            r#"error: the header has unknown columns ["plan"]; the columns are email, password_hash"#,
        ),
        (
            "headless.csv",
            "a@example.com,canary\n",
            "error: the header has no column email: the first line must name the columns\n",
        ),
        (
            "empty.csv",
            "",
            "error: the header has no column email: the first line must name the columns\n",
        ),
        (
            "unknown.txt",
            unknown,
            "error: unknown file format: pass --format csv or --format jsonl\n",
        ),
    ] {
        let ran = gatehouse.authctl(&["user", "import", &file(name, text)]).await;

        assert!(!ran.succeeded && ran.told.starts_with(told), "{ran:?}");
        assert_eq!(ran.out, "");
    }
    let missing = gatehouse.authctl(&["user", "import", "no-such-file.csv"]).await;
    assert_eq!(
        missing.told,
        "error: cannot read no-such-file.csv: No such file or directory (os error 2)\n"
    );
    assert_eq!(gatehouse.everybody().await, []);
}

/// Returns the lines on standard error, which are JSON, as people see them.
fn told_lines(ran: &Ran) -> Vec<String> {
    let lines = ran
        .told
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = lines.map(|line| match (line["error"].as_str(), line["field"].as_str()) {
        (Some(error), _) => format!("error: {error}"),
        (None, Some(field)) => format!("line {}: {field}: {}", line["line"], line["reason"].as_str().unwrap()),
        (None, None) => format!("line {}: {}", line["line"], line["reason"].as_str().unwrap()),
    });
    told.collect()
}
