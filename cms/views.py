"""An operator's uploaded files, to the visitors of its own hosts only."""

from __future__ import annotations

import mimetypes

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

# Shown in the page; anything else is handed over as a file, because a browser would run it under our name.
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/x-icon", "image/vnd.microsoft.icon"}


@require_safe
def media(request: HttpRequest, schema: str, path: str) -> FileResponse:
    if schema != request.operator.schema_name:
        raise Http404
    try:
        # The storage looks in the folder of the operator whose schema we are in.
        file = default_storage.open(path)
    except (OSError, SuspiciousFileOperation, ValueError):
        raise Http404 from None
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    answer = FileResponse(file, content_type=kind, as_attachment=kind not in SHOWN)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
