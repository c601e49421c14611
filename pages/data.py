"""Data: what is loaded, how complete it is, what the checks warned of, loading another bundle, and a clinic's own files."""

from synapse_analytics.figures import data, non_response
from synapse_analytics.web import frame
from synapse_analytics.web.choices import allowed_splits
from synapse_analytics.web.data import facts, generations, may_load, own_files, upload, warnings
from synapse_analytics.web.frame import EVERYBODY
from synapse_analytics.web.parts import section, tabs


def loaded() -> None:
    """The data version in use and its rows, the versions that are kept, and for admins loading another bundle."""
    facts(frame.ask("generation_summary", of=EVERYBODY))
    section("Data versions")
    generations()
    if may_load():
        section("Load another bundle")
        upload()


def complete() -> None:
    """Follow-up by visit and site, and empty columns; always of everybody."""
    by = "site" if "site" in allowed_splits() else None
    answered = frame.ask("completeness", of=EVERYBODY, index="first_visit", by=by)
    frame.show(non_response.followed_up, answered, table="visits", key="data_follow_up")
    frame.show(data.missingness, frame.ask("data_quality", of=EVERYBODY), table="missingness")


def warned() -> None:
    """What the checks let pass but name."""
    warnings(frame.ask("data_quality", of=EVERYBODY))


own = {"Your own files": own_files} if may_load() else {}
tabs("data_tab", {"What is loaded": loaded, "Completeness": complete, "Warnings": warned} | own)
