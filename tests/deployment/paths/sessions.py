"""Sessions: logging in, refreshing, a theft, lists and logouts, and a new password."""

from time import sleep

from ..world import NEXT, PASSWORD

# More than RefreshWindowSeconds, which the functions count in whole seconds.
WINDOW = 6.5
# More than RevocationPollSeconds.
POLL = 1.5


def refresh(world, token):
    return world.post("/auth/refresh", {"refresh_token": token})


def log_in_and_out(world, email):
    """Logs in well and badly, calls a protected route, refreshes, and logs out in each way."""
    world.login(email, "wrong horse battery staple").expect(401, "invalid_grant")
    world.login("nobody@example.com").expect(401, "invalid_grant")
    tokens = world.login(email).expect(200).json
    assert world.get("/auth/me", tokens["access_token"]).expect(200).json["email"] == email
    world.get("/auth/me").expect(401)
    world.get("/auth/me", tokens["access_token"][:-2]).expect(403)
    next_tokens = refresh(world, tokens["refresh_token"]).expect(200).json
    replayed = refresh(world, tokens["refresh_token"]).expect(200).json
    assert replayed["refresh_token"] == next_tokens["refresh_token"], "a retry got another token"
    other = world.login(email, label="other").expect(200).json
    listed = world.get("/auth/sessions", other["access_token"]).expect(200).json["sessions"]
    assert {tokens["sid"], other["sid"]} <= {session["sid"] for session in listed}
    ending = world.send("DELETE", f"/auth/sessions/{tokens['sid']}", bearer=other["access_token"])
    ending.expect(204)
    refresh(world, next_tokens["refresh_token"]).expect(401, "invalid_grant")
    for scope in ("others", "session", "all"):
        world.login(email).expect(200)
        body = {"refresh_token": world.login(email).expect(200).json["refresh_token"], "scope": scope}
        world.post("/auth/logout", body).expect(204)
    sleep(POLL)
    world.get("/auth/me", other["access_token"]).expect(403)


def steal(world, email):
    """Uses an old token after the window. The session ends, and its access token is refused."""
    tokens = world.login(email).expect(200).json
    newer = refresh(world, tokens["refresh_token"]).expect(200).json
    sleep(WINDOW)
    refresh(world, tokens["refresh_token"]).expect(401, "invalid_grant")
    refresh(world, newer["refresh_token"]).expect(401, "invalid_grant")
    sleep(POLL)
    world.get("/auth/me", newer["access_token"]).expect(403)


def recover(world, email):
    """With RefreshRecovery, an old token after the window is a lost answer."""
    tokens = world.login(email).expect(200).json
    refresh(world, tokens["refresh_token"]).expect(200)
    sleep(WINDOW)
    refresh(world, tokens["refresh_token"]).expect(200)


def lose(world, email):
    """Refreshes a session that the table has lost."""
    tokens = world.login(email).expect(200).json
    for item in world.table("RefreshTokensTable"):
        if item["sid"]["S"] == tokens["sid"]:
            key = {name: item[name] for name in ("user_id", "sid")}
            table = world.deployed.id("RefreshTokensTable")
            world.cloud.client("dynamodb").delete_item(TableName=table, Key=key)
    refresh(world, tokens["refresh_token"]).expect(401, "invalid_grant")


def guess(world):
    """Guesses the password of an address until an attempt must wait. After 15 failures it must, on any machine."""
    for _ in range(15):
        answer = world.login("guessed@example.com")
        if answer.status == 429:
            return
        answer.expect(401, "invalid_grant")
    world.login("guessed@example.com").expect(429, "throttled")


def change_password(world, email):
    """Changes the password, and back."""
    for old, new in ((PASSWORD, NEXT), (NEXT, PASSWORD)):
        world.login(email, old).expect(200)
        tokens = world.login(email, old).expect(200).json
        bearer = tokens["access_token"]
        wrong = {"current_password": "wrong horse battery staple", "new_password": new}
        world.post("/auth/password", wrong, bearer).expect(401, "invalid_grant")
        world.post("/auth/password", {"current_password": old, "new_password": new}, bearer).expect(200)
        world.login(email, old).expect(401, "invalid_grant")
    world.login(email).expect(200)


def read_public(world):
    """Reads the keys, the metadata and the pages. No page needs a token."""
    assert world.get("/.well-known/jwks.json").expect(200).json["keys"] or world.shares_keys
    metadata = world.get("/.well-known/openid-configuration").expect(200).json
    assert world.get("/.well-known/oauth-authorization-server").expect(200).json["issuer"] == metadata["issuer"]
    paths = [route.path for route in world.gateway.routes if route.function.split(":")[6].count("PagesFunction")]
    for path in paths:
        if "{" not in path:
            world.get(path).expect(200)
    if paths:
        first = world.get("/").text.split('href="/assets/')[1].split('"')[0]
        world.get(f"/assets/{first}").expect(200)
