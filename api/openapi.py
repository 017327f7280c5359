"""The OpenAPI document as text: `python -m api.openapi > dashboards/ui/openapi.json`. The UI's types come from it."""

import json
import sys
from typing import Any

from api.routing import bare_application
from api.schemas.system import LiveMessage

PROBLEM = {"$ref": "#/components/schemas/ProblemDetail"}


def document() -> dict[str, Any]:
    """The document, with problems under their own media type and the stream's message among the schemas."""
    found: dict[str, Any] = bare_application().openapi()
    for path in found["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {"application/problem+json": {"schema": PROBLEM}}
    message = LiveMessage.model_json_schema(ref_template="#/components/schemas/{model}")
    found["components"]["schemas"]["LiveMessage"] = message
    return found


def text() -> str:
    """The same as deterministic JSON: keys sorted, two spaces, a newline at the end."""
    return json.dumps(document(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
