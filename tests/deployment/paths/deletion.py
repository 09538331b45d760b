"""Accounts that their owners delete, keep, or have removed."""

from ..world import PASSWORD

# More than DeletionDays.
DAYS = 40


def delete(world, email, bearer=None):
    """Deletes an account. Returns the letter about it, if there is mail."""
    bearer = bearer or world.login(email).expect(200).json["access_token"]
    world.post("/auth/account/delete", {"password": "wrong horse battery staple"}, bearer).expect(401)
    world.post("/auth/account/delete", {"password": PASSWORD}, bearer).expect(202)
    world.login(email).expect(401, "invalid_grant")
    return world.letter(email)


def keep(world, letter, **proof):
    """Keeps an account with the link of a letter."""
    return world.post("/auth/account/keep", {"token": letter.token, "password": PASSWORD, **proof})


def let_days_pass(world):
    """Moves all deletions into the past, and runs the function that removes what is due."""
    client = world.cloud.client("dynamodb")
    deletions, users = world.deployed.id("DeletionsTable"), world.deployed.id("UsersTable")
    for item in world.table("DeletionsTable"):
        client.delete_item(TableName=deletions, Key={"list": item["list"], "due": item["due"]})
        due, _, user = item["due"]["S"].partition("#")
        earlier = int(due) - DAYS * 86400
        client.put_item(TableName=deletions, Item={**item, "due": {"S": f"{earlier:0{len(due)}}#{user}"}})
        client.update_item(
            TableName=users,
            Key={"user_id": {"S": user}},
            UpdateExpression="SET delete_at = :earlier",
            ExpressionAttributeValues={":earlier": {"N": str(earlier)}},
        )
    world.run("RemoveAccountsFunction")
    assert not world.table("DeletionsTable"), "a deletion is still listed"
    left = [item for item in world.table("UsersTable") if item.get("status", {}).get("S") == "deleting"]
    assert not left, "an account that is due was not removed"
