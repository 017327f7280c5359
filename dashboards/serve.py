"""Serves the built pages beside the API: one origin, so that cookies and the stream need no exceptions."""

from pathlib import Path, PurePosixPath

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
_FILES = frozenset({".css", ".ico", ".js", ".json", ".map", ".png", ".svg", ".txt", ".woff2"})
_MISSING = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>WardWatch</title>
<h1>The pages are not built</h1>
<p>The API serves; the pages are missing. Build them in the checkout with <code>make ui</code> and start again.</p>
<p>API: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>, health: <a href="/healthz">/healthz</a></p>
</html>
"""


class Pages(StaticFiles):
    """Built files. A path that is neither a file nor the API's is a page of the application: it gets index.html, whose
    router reads the address. Files under assets/ carry a hash in their names, so browsers may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        page = path
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or _is_file(path):
                raise
            page = "index.html"
            response = await super().get_response(page, scope)
        kept = page.startswith("assets/") and response.status_code in (200, 304)
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


def _is_file(path: str) -> bool:
    """Whether a missing path was meant as a file. Ids in addresses have dots too, so not every suffix says so."""
    return path.startswith(("api/", "assets/")) or PurePosixPath(path).suffix in _FILES


def mount_dashboard(app: FastAPI, static: Path = STATIC) -> None:
    """Puts the pages under `/`, below all routes of the API; a plain page that says what to do when none are built."""
    if (static / "index.html").is_file():
        app.mount("/", Pages(directory=static, html=True), name="pages")
        return

    @app.get("/", include_in_schema=False)
    def missing() -> HTMLResponse:
        return HTMLResponse(_MISSING, 503)
