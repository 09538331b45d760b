"""Second factors: an app, recovery codes, and passkeys."""

from ..codes import code, wait_for_code
from ..passkey import Passkey
from ..world import PASSWORD


def use_an_app(world, email):
    """Adds an app, logs in with it, guesses wrong, and confirms. Each code works once, so each is of another step.

    Returns new recovery codes and an access token.
    """
    seed, recovery = add_an_app(world, email)
    world.letters(email)
    step = first_step(world, email)
    world.post("/auth/login/second", {"mfa_token": step, "code": "000000"}).expect(401, "invalid_grant")
    tokens = world.post("/auth/login/second", {"mfa_token": step, "code": code(seed)}).expect(200).json
    bearer = tokens["access_token"]
    world.post("/auth/confirm", {"password": PASSWORD}, bearer).expect(401, "mfa_required")
    world.post("/auth/confirm", {"password": PASSWORD, "code": "000000"}, bearer).expect(401, "invalid_grant")
    confirmed = {"password": PASSWORD, "code": code(seed, 1)}
    bearer = world.post("/auth/confirm", confirmed, bearer).expect(200).json["access_token"]
    used = {"mfa_token": first_step(world, email), "recovery_code": recovery[0]}
    bearer = world.post("/auth/login/second", used).expect(200).json["access_token"]
    confirmed = {"password": PASSWORD, "recovery_code": recovery[1]}
    bearer = world.post("/auth/confirm", confirmed, bearer).expect(200).json["access_token"]
    codes = world.post("/auth/factors/recovery", {}, bearer).expect(200).json["recovery_codes"]
    assert len(codes) == 10
    assert world.get("/auth/factors", bearer).expect(200).json["totp"]
    return codes, bearer


def add_an_app(world, email):
    """Adds an app with the code of the step before. Returns its seed and the recovery codes."""
    bearer = world.login(email).expect(200).json["access_token"]
    made = world.post("/auth/factors/totp", {}, bearer).expect(200).json
    wait_for_code()
    body = {"enrolment": made["enrolment"], "code": code(made["secret"], -1)}
    confirmed = world.post("/auth/factors/totp/confirm", body, bearer).expect(200).json
    return made["secret"], confirmed["recovery_codes"]


def remove_the_app(world, bearer):
    world.send("DELETE", "/auth/factors/totp", bearer=bearer).expect(204)


def first_step(world, email):
    """Returns the token of a login with the right password, for the second step."""
    return world.login(email).expect(401, "mfa_required").json["mfa_token"]


def add_a_passkey(world, email):
    """Adds a passkey. Returns the device and the id of the passkey."""
    device = Passkey(world.issuer)
    bearer = world.login(email).expect(200).json["access_token"]
    options = world.post("/auth/factors/passkeys/options", {}, bearer).expect(200).json["publicKey"]
    body = {"credential": device.create(options), "label": "my phone"}
    return device, world.post("/auth/factors/passkeys", body, bearer).expect(200).json["id"]


def use_a_passkey(world, email):
    """Adds a passkey, logs in with it alone and as a second step, confirms with it, renames and removes it."""
    device, made = add_a_passkey(world, email)
    for _ in range(2):
        options = world.post("/auth/passkey/options", {}).expect(200).json["publicKey"]
        tokens = world.post("/auth/passkey", {"credential": device.get(options)}).expect(200).json
    step = first_step(world, email)
    options = world.post("/auth/login/second/options", {"mfa_token": step}).expect(200).json["publicKey"]
    second = {"mfa_token": step, "passkey": device.get(options)}
    bearer = world.post("/auth/login/second", second).expect(200).json["access_token"]
    options = world.post("/auth/confirm/options", {}, bearer).expect(200).json["publicKey"]
    bearer = world.post("/auth/confirm", {"passkey": device.get(options)}, bearer).expect(200).json["access_token"]
    path = f"/auth/factors/passkeys/{made}"
    world.send("PATCH", path, {"label": "old phone"}, bearer).expect(204)
    world.send("DELETE", path, bearer=bearer).expect(204)
    assert tokens["sid"]
