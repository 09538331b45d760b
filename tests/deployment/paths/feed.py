"""The feed of revocations when it is long: a snapshot, and an authorizer that starts."""


def fill(world, count):
    """Announces the end of many sessions, as if they were the first one's neighbours."""
    table, client = world.deployed.id("AuthorizerFeed"), world.cloud.client("dynamodb")
    example = world.table("AuthorizerFeed")[0]
    items = [{**example, "entry": {"S": entry}} for entry in entries(example["entry"]["S"], count)]
    for start in range(0, count, 25):
        requests = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        client.batch_write_item(RequestItems={table: requests})


def entries(example, count):
    """Returns other keys of entries, like the example's: the time in milliseconds and the session."""
    moment, _, sid = example.partition("#")
    return [f"{int(moment) + number}#{sid[:-12]}{number:012x}" for number in range(count)]


def compact(world, bearer):
    """Writes a snapshot, and starts an authorizer, which reads it."""
    fill(world, 1_001)
    world.run("CompactFeedFunction")
    assert world.table("FeedSnapshotsTable"), "no snapshot was written"
    world.cloud.functions.stop()
    world.get("/auth/me", bearer).expect(200)
