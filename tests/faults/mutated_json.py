"""What happens to FHIR resources on their way: values of other kinds, references to nowhere, keys twice, depths without end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.faults.intake_samples import Drawn
from tests.faults.planted import IN_NAMES, PLANTED

Change = Callable[[Random, list[Any]], None]
CODES = ("code", "linkId")  # they become names of columns or codes of a mapping
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, float("nan"), float("inf"), 10**400, "", " ", "x" * 40_000, [], {}, [[]], [None], {"a": 1}, "31/02/2023", "2023-02-31",
    "0001-01-01", "9999-99-99", "\0", "\ud800", "\u202e", "७",
)  # fmt: skip


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every value of a resource: what holds it, and its key."""
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


def _some(random: Random, resources: list[Any]) -> tuple[Any, Any]:
    one = random.choice(resources)
    places = list(_places(one)) if isinstance(one, dict) else []
    return random.choice(places) if places else ({"a": 1}, "a")


def odd_value(random: Random, resources: list[Any]) -> None:
    for _ in range(random.choice((1, 1, 10))):
        node, key = _some(random, resources)
        node[key] = random.choice(_ODD)


def planted_value(random: Random, resources: list[Any]) -> None:
    for _ in range(random.choice((1, 5, 30))):
        node, key = _some(random, resources)
        if key != "resourceType" and not isinstance(node[key], (dict, list)):
            node[key] = random.choice(IN_NAMES if key in CODES else PLANTED)


def planted_everywhere(random: Random, resources: list[Any]) -> None:
    """One field of all resources of a kind, such as a name as the code."""
    which = random.choice(("code", "display", "text", "value", "linkId", "reference", "family"))
    one = random.choice(IN_NAMES if which in CODES else PLANTED)
    for resource in resources:
        for node, key in _places(resource) if isinstance(resource, dict) else ():
            if key == which and isinstance(node[key], str):
                node[key] = one


def planted_key(random: Random, resources: list[Any]) -> None:
    for _ in range(10):
        node, _key = _some(random, resources)
        if isinstance(node, dict):
            node[random.choice(IN_NAMES)] = random.choice(("x", *PLANTED))


def lost_value(random: Random, resources: list[Any]) -> None:
    for _ in range(random.choice((1, 10))):
        node, key = _some(random, resources)
        node.pop(key, None) if isinstance(node, dict) else node.clear()


def without_id(random: Random, resources: list[Any]) -> None:
    share = random.choice((0.05, 1.0))
    for one in resources:
        if isinstance(one, dict) and random.random() < share:
            one.pop("id", None)


def nowhere(random: Random, resources: list[Any]) -> None:
    for one in random.sample(resources, min(5, len(resources))):
        if isinstance(one, dict):
            one[random.choice(("subject", "encounter"))] = random.choice(
                (
                    {"reference": "Patient/nobody"},
                    {"reference": "#gone"},
                    {"reference": "urn:uuid:quenbyson"},
                    {"display": PLANTED[0]},
                    "Patient/1",
                    [],
                )
            )


def doubled(random: Random, resources: list[Any]) -> None:
    for one in random.sample(resources, min(5, len(resources))):
        resources.append(json.loads(json.dumps(one)))


def other_kind(random: Random, resources: list[Any]) -> None:
    resources.append(
        random.choice(
            ({"resourceType": PLANTED[0]}, {"resourceType": "Medication", "id": "m"}, {}, [], "Quenbyson", 7, None, {"resourceType": 7})
        )
    )


def shuffled(random: Random, resources: list[Any]) -> None:
    random.shuffle(resources)


def fewer(random: Random, resources: list[Any]) -> None:
    keep = random.choice((0.1, 0.9))
    resources[:] = [one for one in resources if random.random() < keep] or resources[:1]


def deep(_random: Random, resources: list[Any]) -> None:
    node: Any = "Quenbyson"
    for _ in range(200):
        node = {"item": [{"linkId": "x", "item": node}]}
    resources.append({"resourceType": "QuestionnaireResponse", "id": "deep", "item": [node]})


CHANGES: tuple[Change, ...] = (
    odd_value, planted_value, planted_everywhere, planted_key, lost_value, without_id, nowhere, doubled, other_kind, shuffled, fewer, deep,
)  # fmt: skip


def change_resources(random: Random, drawn: Drawn) -> None:
    """One change to the resources."""
    change = random.choice(CHANGES)
    drawn.done.append(change.__name__)
    change(random, drawn.resources)


def change_json(random: Random, drawn: Drawn) -> None:
    """One change to the text of the resources: keys twice, numbers that are none, depths without end, NDJSON."""
    text = drawn.files.get("bundle.json", b"{}")
    which = random.randrange(5)
    drawn.done.append(f"change_json {which}")
    drawn.files["bundle.json"] = (
        text.replace(b'"id":', b'"id": "Quenbyson", "id":', 50),
        text.replace(b'"valueInteger": 1', b'"valueInteger": 1e400').replace(b'"valueDecimal": 7', b'"valueDecimal": NaN'),
        b'{"resourceType": "Bundle", "entry": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        text.replace(b'"resource": ', b'"resource": [', 3),
        text.replace(b"gender", b"g\\u0065nder").replace(b"birthDate", b"birthdate"),
    )[which]
    if random.random() < 0.3:
        lines = [json.dumps(one) for one in drawn.resources]
        lines.insert(random.randrange(len(lines) + 1), random.choice(("", "{", "null", "\ufeff", '{"resourceType": "Quenbyson"}')))
        drawn.files = {"all.ndjson": "\n".join(lines).encode("utf-8", "replace")}
