"""What needs mail: registration, a forgotten password, another address."""

from ..world import NEXT, PASSWORD


def register(world, email):
    """Registers with a link, and a second person with a code. A used link logs in once more."""
    world.post("/auth/register", {"email": email}).expect(202)
    proof = {"token": world.letter(email).token, "password": PASSWORD}
    assert world.post("/auth/register/confirm", proof).expect(200).json["access_token"]
    world.post("/auth/register/confirm", proof).expect(200)
    second = f"second-{email}"
    request = world.post("/auth/register", {"email": second}).expect(202).json["request"]
    body = {"request": request, "code": world.letter(second).code, "password": PASSWORD}
    world.post("/auth/register/confirm", {**body, "code": "00000000"}).expect(401, "invalid_grant")
    world.post("/auth/register/confirm", body).expect(200)


def register_with_link(world, email):
    """Registers with a link."""
    world.post("/auth/register", {"email": email}).expect(202)
    body = {"token": world.letter(email).token, "password": PASSWORD}
    return world.post("/auth/register/confirm", body).expect(200).json


def forget(world, email):
    """Sets a new password with the code of a mail."""
    request = world.post("/auth/forgot", {"email": email}).expect(202).json["request"]
    body = {"request": request, "code": world.letter(email).code, "new_password": NEXT}
    world.post("/auth/reset", body).expect(204)
    world.login(email, NEXT).expect(200)


def put_back(world, email):
    """Changes the new password back."""
    tokens = world.login(email, NEXT).expect(200).json
    body = {"current_password": NEXT, "new_password": PASSWORD}
    world.post("/auth/password", body, tokens["access_token"]).expect(200)


def reset(world, email, **proof):
    """Sets a new password with the link of a mail, and what else proves who it is."""
    world.post("/auth/forgot", {"email": email}).expect(202)
    return world.post("/auth/reset", {"token": world.letter(email).token, "new_password": PASSWORD, **proof})


def move(world, email, new):
    """Moves a user to another address with both letters."""
    bearer = world.login(email).expect(200).json["access_token"]
    world.post("/auth/address", {"email": new, "password": "wrong horse battery staple"}, bearer).expect(401)
    world.post("/auth/address", {"email": new, "password": PASSWORD}, bearer).expect(202)
    first = {"token": world.letter(email).token, "password": PASSWORD}
    world.post("/auth/address/confirm", first).expect(200)
    second = {"token": world.letter(new).token, "password": PASSWORD}
    world.post("/auth/address/confirm", second).expect(204)
    world.login(new).expect(200)


def lose_session(world, email):
    """Registers while the table of sessions refuses a write. What was begun is revoked."""
    world.post("/auth/register", {"email": email}).expect(202)
    body = {"token": world.letter(email).token, "password": PASSWORD}
    with world.cloud.proxy.failing("dynamodb:PutItem", world.deployed.id("RefreshTokensTable")):
        answer = world.post("/auth/register/confirm", body)
    assert answer.status >= 500, answer.status
    world.post("/auth/register/confirm", body).expect(200)


def give_up(world, email, action, least):
    """Requests a letter and changes a user while calls for an action fail. Lambda then puts the records aside."""
    with world.cloud.proxy.failing(action, "", "ThrottlingException"):
        world.post("/auth/register", {"email": f"away-{email}"}).expect(202)
        user = next(item for item in world.table("UsersTable") if "role" in item)
        world.cloud.client("dynamodb").update_item(
            TableName=world.deployed.id("UsersTable"),
            Key={"user_id": user["user_id"]},
            UpdateExpression="SET #role = :other",
            ExpressionAttributeNames={"#role": "role"},
            ExpressionAttributeValues={":other": {"S": "other"}},
        )
        assert world.streams.give_up() >= least, "nothing was put aside"
