"""The deployments of the test, and what happens in each stack."""

from pathlib import Path

from . import checks, deployer, grants, monitoring, move, page, release, restore, rollback, sam, template
from .cloud import ACCOUNT, REGION, Cloud
from .paths import deletion, factors, feed, letters, people, sessions
from .streams import Streams
from .world import PASSWORD, World

ADA, GRACE, HEDY, EDGE_KEY = "ada@example.com", "grace@example.com", "hedy@example.com", "k" * 40
# The parameters of a service with everything. The window and the poll are as short as they can be.
EVERYTHING = {
    "Audience": "dashboard",
    "Pages": "on",
    "Registration": "on",
    "MailFrom": "Gatehouse <login@example.com>",
    "DeletionDays": 14,
    "EventBus": "default",
    "RefreshWindowSeconds": 5,
    "RevocationPollSeconds": 1,
    "AlarmTopic": monitoring.TOPIC,
}
ON_A_BUS = {**EVERYTHING, "MailVia": "event", "PasswordPasses": 3, "RefreshRecovery": "off"}


def run(repository, text, log, say):
    """Runs everything. Raises `AssertionError` with what is wrong."""
    cloud = Cloud(repository / "target/lambda", repository / ".local/dynamodb-local/package/emulator", log)
    try:
        streams, used = Streams(cloud, ACCOUNT, REGION), grants.Grants(cloud)
        page_text = (repository / "docs/deploy.md").read_text()
        first_day(cloud, streams, page_text, text, say)
        worlds = [everything_on(cloud, streams, page_text, text, say), other_values(cloud, streams, text, say)]
        for world in worlds:
            used.add(world.deployed.name)
            deployer.check(cloud, repository, world.deployed)
        watch(repository, cloud, worlds, say)
        say("examples/deployer.yaml has what CloudFormation's schemas say")
        rollback.put_back(cloud, worlds[0].deployed, say)
        restore.run(worlds[0], ON_A_BUS, text, say)
        move.run(repository, worlds[0], ON_A_BUS, text, log, ADA, say)
        rollback.run(cloud, page_text, text, say)
        release.run(cloud, page_text, text, say)
        require_all(cloud, worlds)
        used.check(Path(__file__).with_name("unused.toml"))
        say(f"{cloud.proxy.passed} calls to AWS, none denied; no permission without a use, except the listed ones")
    finally:
        for reason in cloud.proxy.denied:
            say(f"denied: {reason}")
        cloud.stop()


def watch(repository, cloud, worlds, say):
    """Checks what tells operators about the stacks."""
    text = (repository / "examples/dashboard.yaml").read_text()
    for world in worlds:
        monitoring.check(world.deployed)
        monitoring.check_dashboard(cloud, world.deployed, text)
    monitoring.check_queries(cloud, worlds, Path(__file__).with_name("unlogged.toml"))
    queries = monitoring.run_queries(cloud, worlds)
    alarms = sum(len(world.deployed.of_type("AWS::CloudWatch::Alarm")) for world in worlds)
    say(f"{alarms} alarms tell the topic, two dashboards, {len(queries)} queries that find lines")


def require_all(cloud, worlds):
    """Fails if a call was denied, if moto failed, or if a route was never called."""
    assert not cloud.proxy.denied, f"denied: {cloud.proxy.denied}"
    assert not cloud.proxy.failed, f"moto failed: {cloud.proxy.failed}"
    routes = {route.key for world in worlds for route in world.gateway.routes}
    never = routes - {key for world in worlds for key in world.gateway.called}
    assert not never, f"no path calls {sorted(never)}"


def deploy(cloud, text, stack, **values):
    """Deploys a template, and once more with the URL of its API, if it asks for `Issuer`."""
    placeholder = issuer(text)
    deployed = cloud.deploy(text, stack, **values, **placeholder)
    if placeholder and deployed.status.endswith("E_COMPLETE"):
        deployed = cloud.deploy(text, stack, **values, Issuer=deployed.outputs["ApiUrl"])
    return deployed


def issuer(text):
    """Returns a value for `Issuer`, if the template asks for one."""
    asks = "Default" not in template.parse(text)["Parameters"]["Issuer"]
    return {"Issuer": "https://unknown.example"} if asks else {}


def first_day(cloud, streams, page_text, text, say):
    """Deploys with the defaults, follows `docs/deploy.md`, and uses what every service has."""
    deployed = sam.deploy(cloud, page_text, text, "gatehouse").require("CREATE_COMPLETE")
    cloud.rotations.wait()
    checks.check(cloud, deployed)
    checks.check_proxy(cloud, deployed)
    made = f"{len(deployed.resources)} resources, {len(deployed.outputs)} outputs"
    say(f"docs/deploy.md: built and deployed by the SAM CLI: {made}")
    shown = follow(cloud, page_text, "The first user", [("Password:", PASSWORD), ("Confirmation:", PASSWORD)])
    world = World(cloud, deployed, streams)
    kids = [key["kid"] for key in world.get("/.well-known/jwks.json").expect(200).json["keys"]]
    assert kids and all(kid in shown for kid in kids), "`key list` does not show the keys"
    say("docs/deploy.md: the first user")
    assert world.issuer == deployed.outputs["ApiUrl"], "the issuer is not the URL of the API"
    world.login(ADA).expect(200)


def everything_on(cloud, streams, page_text, text, say):
    """Deploys again with everything, and with mail on a bus."""
    world = World(cloud, deploy(cloud, text, "gatehouse", **ON_A_BUS).require("UPDATE_COMPLETE"), streams)
    say(f"deployed again with everything: {len(world.deployed.resources)} resources")
    checks.check_order(cloud, world.deployed)
    checks.check_streams(cloud)
    follow(cloud, page_text, "Mail", [])
    assert world.letter(GRACE)
    say("docs/deploy.md: an invitation")
    sessions.read_public(world)
    sessions.log_in_and_out(world, ADA)
    sessions.steal(world, ADA)
    sessions.lose(world, ADA)
    sessions.guess(world)
    sessions.change_password(world, ADA)
    say("sessions, a theft, passwords")
    letters.register(world, HEDY)
    letters.lose_session(world, f"lost-{HEDY}")
    letters.forget(world, HEDY)
    letters.put_back(world, HEDY)
    letters.reset(world, f"second-{HEDY}").expect(204)
    # One address gets two letters at once, and then one a minute.
    letters.register_with_link(world, f"old-{HEDY}")
    letters.move(world, f"old-{HEDY}", f"new-{HEDY}")
    say("registration, reset, another address")
    factors.use_a_passkey(world, ADA)
    codes, bearer = factors.use_an_app(world, ADA)
    say("passkeys, an app, recovery codes")
    letters.reset(world, ADA, second_code="000000").expect(401, "invalid_grant")
    letters.reset(world, ADA, recovery_code=codes[0]).expect(200)
    step = factors.first_step(world, ADA)
    bearer = world.post("/auth/login/second", {"mfa_token": step, "recovery_code": codes[1]}).expect(200).json
    letter = deletion.delete(world, ADA, bearer["access_token"])
    deletion.keep(world, letter, second_code="000000").expect(401, "invalid_grant")
    deletion.keep(world, letter, recovery_code=codes[2]).expect(200)
    deletion.delete(world, f"new-{HEDY}")
    deletion.let_days_pass(world)
    world.streams.pump()
    say("deletions, kept and carried out")
    step = factors.first_step(world, ADA)
    bearer = world.post("/auth/login/second", {"mfa_token": step, "recovery_code": codes[3]}).expect(200).json
    feed.compact(world, bearer["access_token"])
    factors.remove_the_app(world, bearer["access_token"])
    say("a snapshot of a long feed")
    rotate(world)
    say("another rotation")
    letters.give_up(world, HEDY, "events:PutEvents", least=2)
    say("letters and events that no try can hand over")
    people.check_sizes(world)
    reader = people.read(world, ADA)
    people.find_out_why(world, reader, ADA)
    people.refuse_changes(world, reader, ADA)
    people.operate(world, ADA)
    say("authctl, as a reader and as an operator")
    return world


def rotate(world):
    """Rotates both key sets again, as after `KeyRotationDays`."""
    before = len(world.get("/.well-known/jwks.json").json["keys"])
    for secret in world.deployed.of_type("AWS::SecretsManager::RotationSchedule").values():
        world.cloud.client("secretsmanager").rotate_secret(SecretId=secret)
    world.cloud.rotations.wait()
    world.cloud.functions.stop()
    assert len(world.get("/.well-known/jwks.json").json["keys"]) > before, "the rotation published no key"
    world.run("RotateKeysFunction")


def other_values(cloud, streams, text, say):
    """Deploys a second stack with the other values: SES, HS256, one session, a proxy in front, a domain, recovery."""
    edge = cloud.client("secretsmanager").create_secret(
        Name="edge", SecretString=f'{{"first":"{EDGE_KEY}","second":""}}'
    )["ARN"]
    domain = {"DomainName": "auth.example.com", "CertificateArn": f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1"}
    values = {"MailVia": "ses", "MailIdentity": "example.com", "MaxSessions": 1, "AccessTokenAlgorithm": "HS256"}
    values |= {"EdgeKeysSecret": edge, "AllowedOrigins": "https://app.example.com", "Tracing": "Active", **domain}
    deployed = deploy(cloud, text, "other", **EVERYTHING, **values)
    if deployed.status != "UPDATE_COMPLETE":
        deployed.require("CREATE_COMPLETE")
    cloud.rotations.wait()
    say(f"deployed a second stack with other values: {len(deployed.resources)} resources")
    edge_headers = {"x-edge-key": EDGE_KEY, "cloudfront-viewer-address": "192.0.2.1:50000"}
    world = World(cloud, deployed, streams, headers=edge_headers)
    letters.register(world, ADA)
    world.login(ADA).expect(200)
    world.login(ADA).expect(200)
    sessions.recover(world, ADA)
    factors.use_a_passkey(world, ADA)
    _, bearer = factors.use_an_app(world, ADA)
    deletion.delete(world, ADA, bearer)
    letters.give_up(world, HEDY, "ses:SendEmail", least=1)
    people.read(world, ADA)
    say("SES, HS256, one session, a proxy in front, recovery")
    return world


def follow(cloud, page_text, title, answers):
    """Runs the commands of a section of `docs/deploy.md`. Returns what they print."""
    commands = "\n".join(each for each in page.blocks(page_text, title) if "cargo authctl" in each)
    return page.run(commands, cloud.environment(), answers)
