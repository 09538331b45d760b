"""What people do with the managed policies of a stack: look, and operate."""

import json
import time

from botocore.exceptions import ClientError

from .. import front
from ..person import Person
from ..world import NEXT, PASSWORD
from . import factors
from .sessions import POLL

IVY, MOVED, GUEST = "ivy@example.com", "moved@example.com", "guest@example.com"
READER, OPERATOR = "ReaderPolicyArn", "OperatorPolicyArn"
# The maximum size of a managed policy without white space, and the maximum length of the name of a stack.
LARGEST, LONGEST = 6144, 128
# What a command takes that ends access or keys: no question, and why.
ENDS = ("--yes", "--reason", "a test")


def read(world, email):
    """Runs all commands that only read, as a reader."""
    reader = Person(world, "reader", [READER])
    via = "ses" if "MailConfigurationSet" in world.deployed.resources else "event"
    assert email in reader.run("user", "list")
    assert email in reader.run("user", "show", email)
    assert "unknown" not in reader.run("user", "show", email)
    # An export goes on record, and a reader may not write there.
    assert email in reader.run("user", "export", "--unrecorded")
    reader.run("user", "factors", email)
    reader.run("session", "list", email)
    assert "signs" in reader.run("key", "list")
    assert "requests that count" in reader.run("mail", "status", email, "--via", via)
    examine(world, reader)
    report(world, reader)
    look_around(world, reader)
    refuse_secrets(world, reader)
    return reader


def find_out_why(world, reader, email):
    """Asks why requests were answered as they were."""
    tokens = world.login(email).expect(200).json
    world.get("/auth/me", tokens["access_token"]).expect(200)
    world.post("/auth/logout", {"refresh_token": tokens["refresh_token"]}).expect(204)
    time.sleep(2 * POLL)
    revoked = world.get("/auth/me", tokens["access_token"]).expect(403)
    wrong = world.login(email, "not the password").expect(401, "invalid_grant")
    unsigned = world.get("/auth/me", "a.b.c").expect(403)
    missing = world.get("/auth/me").expect(401)
    world.cloud.logs.collect()
    for answer, *expected in (
        (revoked, "403 after", "had ended", email, f"{tokens['sid']}, over", "authorizer.denied", "success"),
        (wrong, "401 after", "wrong_password", email, "login.failed", "success"),
        (unsigned, "403 after", "malformed"),
        (missing, "401 after", "no Authorization header"),
    ):
        told = reader.run("why", answer.request_id)
        assert all(each in told for each in expected), told
    story = json.loads(reader.run("-o", "json", "why", revoked.request_id))
    assert story["status"] == 403 and story["person"]["is_alive"] is False, story
    assert "no log has the request" in reader.end("why", "LzQ2cjPyDoEEPcg=", code=3)[1]
    rows = json.loads(reader.run("-o", "json", "report", "--since", "1h"))
    number = {(row["part"], row["what"]): row["number"] for row in rows}
    assert number["logins", "login.failed (wrong_password)"] >= 1, rows
    assert number["authorizer", "authorizer.denied (revoked)"] >= 1, rows


def examine(world, reader):
    """Examines the stack, in which everything works."""
    (api,) = world.deployed.of_type("AWS::ApiGatewayV2::Api").values()
    url = f"{front.start(world.cloud, world.headers)}/{api}"
    world.cloud.logs.collect()
    # The paths before have made functions fail on purpose, which is a problem.
    examined = json.loads(reader.end("-o", "json", "doctor", "--url", url, code=9)[0])
    found, said = {}, json.dumps(examined["findings"], indent=1)
    kids = world.get("/.well-known/jwks.json").json["keys"]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in world.deployed.described["Parameters"]}
    origin = parameters["AllowedOrigins"]
    for finding in examined["findings"]:
        found.setdefault(finding["check"], []).append((finding["state"], finding["fact"]))
    bad = {check for check, states in found.items() if {state for state, _ in states} & {"problem", "unknown"}}
    assert bad == {"failures"}, said
    for check, fact in (
        ("stack", "_COMPLETE"),
        ("version", "not from a release"),
        ("alarms", "arn:aws:sns:"),
        ("authorizer", "decides"),
        ("access keys", "signs since"),
        ("refresh keys", "next rotation"),
        ("issuer", world.issuer),
        ("clock", "agree"),
        ("public keys", "published: " if kids else "HS256 has none"),
        ("cors", f"pages of {origin} may call the service" if origin else "no other origin"),
        ("feed", "all polls of the last hour succeeded"),
        ("caches", "keeps no answers: a revocation takes up to"),
        ("quota", "1000"),
        ("mail", "mails in 24 hours" if "MailConfigurationSet" in world.deployed.resources else "events on a bus"),
    ):
        assert any(fact in each for _, each in found.get(check, [])), f"{check}: {said}"
    _, closed = reader.end("-o", "json", "doctor", "--url", url, "--origin", "https://elsewhere.example", code=9)
    assert f"problems: {examined['problems'] + 1}" in closed, closed


def report(world, reader):
    """Reports the hour of the test."""
    rows = json.loads(reader.run("-o", "json", "report", "--since", "1h"))
    number = {(row["part"], row["what"]): row["number"] for row in rows}
    assert number["logins", "login.succeeded"] >= 1, rows
    assert any(row["part"] == "latency" and row["what"] == "POST /auth/login" and row["number"] >= 1 for row in rows), rows
    assert number["cost", "invocations of functions"] >= 5 and number["cost", "bytes of logs"] > 1000, rows


def look_around(world, reader):
    """Makes the other calls that show what a stack has, what it logged, and how APIs use its authorizer."""
    stack = world.deployed.name
    read_keys(world, reader)
    formation, logs = reader.client("cloudformation"), reader.client("logs")
    assert formation.describe_stacks(StackName=stack)["Stacks"]
    assert formation.describe_stack_resources(StackName=stack)["StackResources"]
    assert formation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    groups = list(world.deployed.of_type("AWS::Logs::LogGroup").values())
    assert logs.describe_log_groups()["logGroups"]
    for group in groups:
        logs.filter_log_events(logGroupName=group)
    # The saved query `operators` asks who changed what.
    record, now = world.deployed.outputs["OperatorsLog"], int(time.time())
    asked = {"startTime": now - 60, "endTime": now, "queryString": "fields @message"}
    logs.get_query_results(queryId=logs.start_query(logGroupNames=[record], **asked)["queryId"])
    (api,) = world.deployed.of_type("AWS::ApiGatewayV2::Api").values()
    apis = reader.client("apigatewayv2")
    assert apis.get_api(ApiId=api) and apis.get_stages(ApiId=api)["Items"]
    read_rest_apis(world, reader.client("apigateway"))
    functions, authorizer = reader.client("lambda"), world.deployed.id("AuthorizerFunction")
    functions.get_function_configuration(FunctionName=authorizer)
    functions.get_function_configuration(FunctionName=authorizer, Qualifier="live")


def read_keys(world, reader):
    """Reads the rotations of the keys, the public keys and the feed. None of them has a private key."""
    for name in ("AccessKeys", "RefreshKeys"):
        secret = world.deployed.id(name)
        assert "SecretString" not in reader.client("secretsmanager").describe_secret(SecretId=secret)
        assert reader.client("secretsmanager").list_secret_version_ids(SecretId=secret)["Versions"]
    tables = reader.client("dynamodb")
    public_keys = world.table("PublicKeysTable")[0]["name"]
    assert tables.get_item(TableName=world.deployed.id("PublicKeysTable"), Key={"name": public_keys})["Item"]
    newest = {"KeyConditionExpression": "feed = :feed", "ExpressionAttributeValues": {":feed": {"S": "feed"}}}
    tables.query(TableName=world.deployed.id("AuthorizerFeed"), Limit=1, ScanIndexForward=False, **newest)


def read_rest_apis(world, rest):
    """Reads the authorizers of a REST API, which is not in the stack."""
    other = world.cloud.client("apigateway").create_rest_api(name="other")["id"]
    assert other in [each["id"] for each in rest.get_rest_apis()["items"]]
    rest.get_authorizers(restApiId=other)
    world.cloud.client("apigateway").delete_rest_api(restApiId=other)


def refuse_secrets(world, reader):
    """Fails if a reader may read a private key."""
    for logical, secret in world.deployed.of_type("AWS::SecretsManager::Secret").items():
        with world.cloud.proxy.refusing() as refused:
            try:
                reader.client("secretsmanager").get_secret_value(SecretId=secret)
            except ClientError as error:
                assert error.response["Error"]["Code"] == "AccessDeniedException", error
        assert bool(refused) == (logical != "PseudonymKey"), f"a reader may read {logical}, or may not read it"


def refuse_changes(world, reader, email):
    """Runs all commands that change something, as a reader. Each is refused, and changes nothing."""
    line = json.dumps({"email": IVY, "password_hash": "$2b$06$Y6eQnlNAGG7g/t8X7uLtuuM7EdaLWHHzc.5cDgsZmkidhTOzrmo6K"})
    commands = [
        ("user", "add", IVY, "--generate"),
        ("user", "invite", IVY),
        ("user", "reset", email),
        ("user", "set-role", email, "other"),
        ("user", "set-scope", email, "other:read"),
        ("user", "set-claims", email, '{"team": "blue"}'),
        ("user", "set-email", email, MOVED),
        ("user", "set-password", email, "--generate", *ENDS),
        ("user", "reset-factors", email, *ENDS),
        ("user", "unlock", email),
        ("user", "disable", email, *ENDS),
        ("user", "enable", email),
        ("user", "delete", email, *ENDS),
        ("session", "revoke", email, "--all", *ENDS),
        ("mail", "test", email),
        ("key", "rotate", "access"),
        ("key", "retire", "access", "--all", *ENDS),
        ("key", "retire", "refresh", "--all", *ENDS),
        ("key", "publish"),
    ]
    before = everything(world)
    for command in commands:
        # Without a permission to write the record, nothing is tried.
        reader.is_refused(*command)
        reader.is_refused(*command, "--unrecorded")
    for recording in ([], ["--unrecorded"]):
        reader.is_refused("user", "import", "-", "--format", "jsonl", *recording, typed=f"{line}\n")
    assert everything(world) == before, "a reader changed something"
    for action, resource in world.cloud.roles.grants_of_policy(world.deployed.outputs[OPERATOR]):
        assert not world.cloud.roles.permits(reader.name, action, resource), f"a reader may {action} {resource}"


def everything(world):
    """Returns what is in the tables that an operator can change."""
    tables = ("UsersTable", "CredentialsTable", "FactorsTable", "RefreshTokensTable", "PublicKeysTable")
    return {table: sorted(map(str, world.table(table))) for table in tables}


def operate(world, email):
    """Runs all commands, as an operator."""
    operator = Person(world, "operator", [READER, OPERATOR])
    begin_a_day(world)
    change_a_user(world, operator)
    end_sessions(world, operator, email)
    exported = json.loads(operator.run("user", "export").splitlines()[0])
    line = json.dumps({"email": GUEST, "password_hash": exported["password_hash"]})
    operator.run("user", "import", "-", "--format", "jsonl", typed=f"{line}\n")
    drill(world, operator)
    send_mail(world, operator)
    change_keys(world, operator)
    check_record(world, operator)


def begin_a_day(world):
    """Deletes the streams of the record. The first act of a day creates one."""
    logs, group = world.cloud.client("logs"), world.deployed.outputs["OperatorsLog"]
    for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
        logs.delete_log_stream(logGroupName=group, logStreamName=stream["logStreamName"])


def change_a_user(world, operator):
    """Adds a user with second factors, changes all that can be changed, and deletes the user."""
    operator.run("user", "add", IVY, "--password-stdin", typed=PASSWORD)
    factors.use_an_app(world, IVY)
    operator.run("user", "reset-factors", IVY, *ENDS)
    # The tokens of the same second are refused too.
    time.sleep(POLL)
    factors.add_a_passkey(world, IVY)
    operator.run("user", "set-role", IVY, "analyst")
    operator.run("user", "set-scope", IVY, "reports:read")
    operator.run("user", "set-claims", IVY, '{"team": "green"}')
    operator.run("user", "set-email", IVY, MOVED)
    operator.run("user", "unlock", MOVED)
    operator.run("user", "set-password", MOVED, "--password-stdin", *ENDS, typed=NEXT)
    operator.run("user", "disable", MOVED, *ENDS)
    operator.run("user", "enable", MOVED)
    operator.run("user", "delete", MOVED, *ENDS)
    world.login(MOVED, NEXT).expect(401, "invalid_grant")


def end_sessions(world, operator, email):
    """Ends one session, and then all sessions of a user."""
    tokens = world.login(email).expect(200).json
    assert tokens["sid"] in operator.run("session", "list", email)
    assert tokens["sid"] not in operator.run("session", "revoke", email, tokens["sid"], *ENDS)
    world.login(email).expect(200)
    operator.run("session", "revoke", email, "--all", *ENDS)


def drill(world, operator):
    """Measures how long a revocation takes, with a user whom the command adds and deletes."""
    (api,) = world.deployed.of_type("AWS::ApiGatewayV2::Api").values()
    for way in ("logout", "disable"):
        url = f"{front.start(world.cloud, world.headers)}/{api}"
        found = json.loads(operator.run("-o", "json", "revoke-drill", "--url", url, "--way", way))
        assert found["bound_seconds"] == 1, found
    assert "success+" not in operator.run("user", "list"), "the user of the drill is left"


def send_mail(world, operator):
    """Invites a person, mails a link, and sends a test letter."""
    operator.run("user", "invite", IVY)
    assert world.letter(IVY)
    operator.run("user", "reset", GUEST)
    assert world.letter(GUEST)
    started = operator.start("mail", "test", MOVED)
    while started.poll() is None:
        world.streams.pump()
        time.sleep(0.2)
    assert started.returncode == 0, started.stderr.read()


def change_keys(world, operator):
    """Rotates a key set, and retires and publishes keys. Other keys sign from then on."""
    for key_set in ("access", "refresh"):
        operator.run("key", "rotate", key_set)
        world.cloud.rotations.wait()
    keys = json.loads(operator.run("-o", "json", "key", "list"))
    first = next(key["kid"] for key in keys if key.get("kid"))
    operator.run("key", "retire", "access", first, *ENDS)
    operator.run("key", "retire", "refresh", "--all", *ENDS)
    operator.run("key", "publish")
    world.cloud.functions.stop()


def check_record(world, operator):
    """Fails if the record of the stack lacks who did something, or why, or the end of an act."""
    group, lines = world.deployed.outputs["OperatorsLog"], []
    for event in operator.client("logs").filter_log_events(logGroupName=group)["events"]:
        lines.append(json.loads(event["message"]))
    began = [line for line in lines if line["message"] == "operator.began"]
    assert began and all(line["who"].startswith("arn:aws:") for line in lines), lines
    assert any(line.get("why") == "a test" for line in began), lines
    ended = {line["function_request_id"] for line in lines if line["message"] != "operator.began"}
    assert ended == {line["function_request_id"] for line in began}, lines


def check_sizes(world):
    """Fails if a policy could be too large for AWS under a longer name of the stack."""
    for output in (READER, OPERATOR):
        statements = world.cloud.roles.statements_of_policy(world.deployed.outputs[output])
        text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
        size = len(text.replace(world.deployed.name, "n" * LONGEST))
        assert size <= LARGEST, f"{output}: {size} bytes under the longest name, and the limit is {LARGEST}"
