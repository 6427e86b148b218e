"""API pages that work without internet: Swagger UI from this very repository, under a policy that loads nothing else."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from shared.http.policy import public

_STATIC = Path(__file__).parent / "static"
_SWAGGER = _STATIC / "vendor" / "swagger-ui"
_FILES = {
    "swagger-ui.css": (_SWAGGER / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": (_SWAGGER / "swagger-ui-bundle.js", "text/javascript"),
    "start.js": (_STATIC / "start.js", "text/javascript"),
}
_POLICY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body>
</html>
"""

router = APIRouter(include_in_schema=False, dependencies=[public()])


@router.get("/openapi.json")
async def openapi(request: Request) -> JSONResponse:
    """The API description, with the address under which this app is mounted, or shown by a proxy."""
    described: dict[str, Any] = dict(request.app.openapi())
    shown_at = request.scope.get("root_path", "") or request.headers.get("x-forwarded-prefix", "")
    described["servers"] = [{"url": shown_at or "/"}]
    return JSONResponse(described)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The page; its addresses are relative, so it works wherever the app is mounted."""
    return HTMLResponse(_PAGE.format(title=request.app.title), headers=_POLICY)


@router.get("/docs/{name}", response_model=None)
async def docs_file(name: str) -> Response:
    """One of the files of the page."""
    if name not in _FILES:
        raise HTTPException(404)
    path, media_type = _FILES[name]
    return FileResponse(path, media_type=media_type, headers={"cache-control": "public, max-age=86400"})
