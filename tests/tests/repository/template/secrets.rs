//! The secrets: who reads them, and how their keys are made.

use serde_json::json;
use tests::template;

/// A function may read exactly the secrets that its environment names. Only `rotate-keys` may also write them.
#[test]
fn a_secret_is_read_only_by_the_functions_that_get_it() {
    let edge = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:edge";
    for (algorithm, edge) in [("RS256", ""), ("ES256", edge), ("EdDSA", ""), ("HS256", edge)] {
        let parameters = [("AccessTokenAlgorithm", algorithm), ("EdgeKeysSecret", edge)];
        for (id, function) in template(&parameters).functions().unwrap() {
            let named = |variable: &str| function.variables.get(variable).cloned();
            let variables = [
                "ACCESS_KEYS_SECRET",
                "REFRESH_KEYS_SECRET",
                "PSEUDONYM_KEY_SECRET",
                "EDGE_KEYS_SECRET",
                "MAIL_KEY_SECRET",
                "FACTOR_KEY_SECRET",
            ];
            let named = variables.into_iter().filter_map(named);
            let mut named: Vec<String> = named.filter(|secret| !secret.is_empty()).collect();
            named.sort_unstable();
            let secrets = function
                .statements
                .iter()
                .filter(|statement| statement["Action"].to_string().contains("secretsmanager:"));
            let mut allowed = Vec::new();
            for statement in secrets {
                let actions = statement["Action"].to_string();
                let all = r#"["secretsmanager:GetSecretValue","secretsmanager:PutSecretValue","secretsmanager:UpdateSecretVersionStage"]"#;
                let expected = if function.name == "rotate-keys" {
                    all
                } else {
                    r#""secretsmanager:GetSecretValue""#
                };
                assert_eq!(actions, expected, "{id}");
                let resource = &statement["Resource"];
                let several = resource
                    .as_array()
                    .map_or(std::slice::from_ref(resource), Vec::as_slice);
                allowed.extend(several.iter().map(|one| one.as_str().unwrap().to_owned()));
            }
            allowed.sort_unstable();

            assert_eq!(named, allowed, "{id} under {algorithm}");
            if function.name == "authorizer" {
                let expected: &[&str] = if algorithm == "HS256" { &["AccessKeys"] } else { &[] };
                assert_eq!(allowed, expected, "{algorithm}");
            }
        }
    }
}

#[test]
fn a_deployment_makes_its_own_keys() {
    let template = template(&[]);
    let permission = &template.resource("RotationPermission").unwrap()["Properties"];
    assert_eq!(permission["SourceAccount"], "000000000000");
    assert_eq!(permission.get("SourceArn"), None);
    for (set, schedule) in [
        ("AccessKeys", "AccessKeysSchedule"),
        ("RefreshKeys", "RefreshKeysSchedule"),
    ] {
        // If this string were changed, CloudFormation would overwrite the keys in use with the new string.
        assert_eq!(
            template.resource(set).unwrap()["Properties"]["SecretString"],
            r#"{"keys":[]}"#
        );
        let schedule = template.resource(schedule).unwrap();
        assert_eq!(schedule["DependsOn"], "RotationPermission");
        assert_eq!(schedule["Properties"]["SecretId"], set);
        assert_eq!(schedule["Properties"]["RotateImmediatelyOnUpdate"], json!(true));
        assert_eq!(schedule["Properties"]["RotationLambdaARN"], "RotateKeysFunction.Arn");
    }
}
