//! The limits on what an attack can cost.

use tests::template;

#[test]
fn what_an_attack_can_cost_is_bounded() {
    let parameters = [
        ("LoginConcurrency", "7"),
        ("AuthorizerConcurrency", "8"),
        ("RouteRateLimit", "9"),
        ("RouteBurstLimit", "10"),
    ];
    let template = template(&parameters);
    let property = |resource: &str, pointer: &str| {
        let resource = template.resource(resource).unwrap();
        resource["Properties"]
            .pointer(pointer)
            .map(|value| value.to_string().replace('"', ""))
    };

    for (resource, pointer, expected) in [
        ("LoginFunction", "/ReservedConcurrentExecutions", "7"),
        ("AuthorizerFunction", "/ReservedConcurrentExecutions", "8"),
        ("ApiStage", "/DefaultRouteSettings/ThrottlingRateLimit", "9"),
        ("ApiStage", "/DefaultRouteSettings/ThrottlingBurstLimit", "10"),
    ] {
        assert_eq!(
            property(resource, pointer).as_deref(),
            Some(expected),
            "{resource}{pointer}"
        );
    }
    // CloudFormation does not check the types in `RouteSettings`, so the value of a parameter would arrive as a string.
    assert_eq!(property("ApiStage", "/RouteSettings"), None);
}

/// One computer can send about 2,000 requests a second. At least half of each route's rate must be left to
/// others.
#[test]
fn one_caller_cannot_use_a_route_up() {
    let template = template(&[]);

    let stage = template.resource("ApiStage").unwrap();
    let limits = &stage["Properties"]["DefaultRouteSettings"];

    assert!(limits["ThrottlingRateLimit"].as_u64() >= Some(4_000), "{limits}");
    assert!(limits["ThrottlingBurstLimit"].as_u64() >= Some(2_000), "{limits}");
}

/// In an account with a small quota, AWS refuses every reservation, so the whole deployment would fail.
#[test]
fn nothing_is_reserved_by_default() {
    for (id, function) in template(&[]).of_type("AWS::Serverless::Function") {
        assert_eq!(function.get("ReservedConcurrentExecutions"), None, "{id}");
    }
}
