"""The bill of materials in CycloneDX 1.6: what is in the wheel, what an installation brings, under which licence, with which sha256."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.packaging.licences import IDS, Part

NAME = "synapse-analytics"


def bill(parts: list[Part], made: Path, version: str, epoch: int) -> dict[str, Any]:
    """The bill of a wheel; the same for the same wheel."""
    ours = Part(NAME, version, "Apache-2.0 AND MIT", (), ())
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": _component(ours) | {"type": "application", "hashes": [{"alg": "SHA-256", "content": digest}]},
        },
        "components": [_component(part) for part in parts],
        "dependencies": [{"ref": part.purl, "dependsOn": _asked_by(part, parts)} for part in [ours, *parts]],
    }


def _component(part: Part) -> dict[str, Any]:
    one = {"license": {"id" if part.licence in IDS else "name": part.licence}}
    licence = {"expression": part.licence} if " AND " in part.licence or " OR " in part.licence else one
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [licence],
    }
    if part.sha256:  # of several files, one for each system: not of the package itself
        hashes = [{"alg": "SHA-256", "content": digest} for digest in part.sha256]
        found["externalReferences"] = [{"type": "distribution", "url": f"https://pypi.org/simple/{part.name}/", "hashes": hashes}]
    return found


def _asked_by(asking: Part, parts: list[Part]) -> list[str]:
    """What a package brings; Plotly in the wheel was asked for by us."""
    return sorted({part.purl for part in parts if asking.name in part.parents or (asking.name == NAME and not part.parents)})
