"""One hostile address of a page for each number, always the same: what people mistype, and what somebody writes who means harm."""

from __future__ import annotations

from random import Random
from urllib.parse import quote, quote_plus

from synapse_analytics.cohort import FILTERS
from synapse_analytics.cohort.link import PAGE_CHOICES

PAGES = tuple(PAGE_CHOICES)
KNOWN = frozenset(("policy", *(name for names in PAGE_CHOICES.values() for name in names)))  # beside the filters
STREAMLITS = frozenset({"embed", "embed_options"})  # names that Streamlit keeps to itself
HOSTS = (
    "http://127.0.0.1:8501", "http://localhost:8501", "https://outcomes.clinic.example", "http://evil.example", "http://127.0.0.1:8501@evil.example",
    "javascript://", "file://", "//evil.example", "http://[::1]:8501", "http://[", "http://\u2100.org", "http://127.0.0.1:99999", "ht!tp://x", "",
)  # fmt: skip
PATHS = (
    "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/shadow", "/../../../etc/passwd", "/.git/config", "//evil.example/", "/overview/../data",
    "/overview%00", "/outcomes;a=b", "/\\..\\..\\windows", "/_stcore/../overview", "/static/../../settings.yaml", "/media/../cohorts.yaml",
    "/%252e%252e%252fetc%252fpasswd", "/overview.py", "/pages/overview.py", "/" + "a" * 3000, "/\u202egro.live", "/overview/", "/OVERVIEW",
    "/static/%2e%2e/%2e%2e/%2e%2e/settings.yaml", "/media/" + "0" * 56 + ".csv", "/component/../app.py", "/?", "/#", "/%", "/%zz", "/%ff%fe",
)  # fmt: skip
NAMES = (
    "sxe", "Sex", "SEX", " sex", "sex ", "sex[]", "sex.eq", "\u0455ex", "token", "__proto__", "constructor", "cohort", "clinic", "user", "role", "admin",
    "session", "embed", "embed_options", "page", "policy", "policy[]", "generation", "", "%00", "a" * 500, "\u202e", "\U0001f9b4", "<b>", "' OR '1'='1", "*a*",
    ":red[x]", "sex\u200b", "diagnosis\x00", "site%00", "%73%65%78", "..", "$x$", "[x](y)", "patient_id", "sql", "saved_name", "link_as_opened",
    "clinic_of_this_run", "pick_sex", "parameters_in_force",
)  # fmt: skip
VALUES = (
    "", " ", ",", ",,,,", "female,male", "female,", "0", "-1", "91", "40.5", "1e2", "\u0665\u0660", "NaN", "inf", "-0", "00040", "9" * 400, "0x28", "2023-13", "2023-00",
    "0000-01", "9999-12", "2023-1", "2023-01-01", "S01", "S99", "s01", "*", "%", "_", "null", "None", "undefined", "true", "[]", "{}", "publish", "clinic", "open",
    "' OR '1'='1", "1; DROP TABLE episode_facts; --", "x' UNION SELECT patient_id FROM patients --", "S01') OR 1=1 --", "'", '"', "\\", "`", "$(id)",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${7*7}", "%s%s%n", "../../etc/passwd", "\x00", "a\x00b",
    "\u202eelamef", "fe\u200bmale", "\ufeffS01", "ｆｅｍａｌｅ", "e\u0301", "\U0001f9d1\u200d\u2695\ufe0f", "\u0645\u0631\u0636", "\n", "female\r\nSet-Cookie: a=b", "x" * 5_000,
    "a?", "S01?b=1", "http://x?y", "*a*", "[x](http://evil.example)", "![x](http://evil.example/x.png)", "$x^2$", ":red[x]", ":material/home:", "# h", "| a | b |", "&lt;b&gt;", "%3Cb%3E",
)  # fmt: skip
ORDINARY, TWICE, RAW, MANY = "ordinary", "encoded twice", "as it stands", "thousands"


def address(number: int) -> str:
    """The whole address: host, path and query."""
    random = Random(f"address {number}")
    return f"{_host(random)}{_path(random)}?{query(number)}{random.choice(('', '', '', '#card_x', '#', '#?sex=male', '?'))}"


def path_and_query(number: int) -> str:
    """What a browser sends of it; a server sees no fragment."""
    random = Random(f"path {number}")
    return f"{_path(random)}?{query(number)}"


def page_of(number: int) -> str:
    """The page it is tried on."""
    return PAGES[number % len(PAGES)]


def query(number: int) -> str:
    """The parameters: legal ones among hostile ones, once, again and again, or in thousands."""
    random = Random(f"query {number}")
    how = random.choice((ORDINARY,) * 6 + (TWICE, RAW))
    pairs = [_pair(random) for _ in range(random.choice((1, 1, 2, 3, 5, 8)))]
    if random.random() < 0.3:
        pairs += random.choices(pairs, k=random.choice((1, 2, 50)))
    if random.random() < 0.03:
        pairs += [_many(random, place) for place in range(random.choice((1_000, 3_000)))]
    return random.choice(("&",) * 9 + (";",)).join(_written(name, value, how) for name, value in pairs)


def _host(random: Random) -> str:
    return HOSTS[0] if random.random() < 0.7 else random.choice(HOSTS)


def _path(random: Random) -> str:
    return f"/{random.choice(PAGES)}" if random.random() < 0.6 else random.choice(PATHS)


def _pair(random: Random) -> tuple[str, str]:
    name = random.choice((_filter, _filter, _filter, _choice, lambda drawn: drawn.choice(NAMES)))(random)
    legal = FILTERS[name].legal if name in FILTERS else ()
    if legal and random.random() < 0.5:
        return name, ",".join(random.choices(legal, k=random.choice((1, 1, 2))))
    return name, random.choice(VALUES)


def _filter(random: Random) -> str:
    return random.choice(tuple(FILTERS))


def _choice(random: Random) -> str:
    return random.choice(("policy", *(name for names in PAGE_CHOICES.values() for name in names)))


def _many(random: Random, place: int) -> tuple[str, str]:
    return random.choice(((f"n{place}", "1"), ("site", f"S{place}"), ("sex", "female"), ("age_from", str(place)), (f"n{place}", "x" * 50)))


def _written(name: str, value: str, how: str) -> str:
    if how == RAW:
        return f"{name}={value}".replace("&", "%26").replace("#", "%23")
    encode = quote if len(value) % 2 else quote_plus
    once = f"{encode(name)}={encode(value)}" if value or len(name) % 2 else encode(name)
    return once.replace("%", "%25") if how == TWICE else once
