"""What visitors get before they are anybody: pictures, the web app's manifest, legal texts. Only the host's own."""

from __future__ import annotations

import json

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.branding.legal_text import as_html
from portal.branding.pictures import FOLDER
from tenants.brand import file_url, icon_name
from tenants.models import Branding


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:
    """One of our own drawings: the name is random and never used again, so browsers may keep it for good."""
    try:
        # The storage looks in the folder of the operator whose host this is, and in no other.
        file = default_storage.open(f"{FOLDER}/{name}")
    except OSError:
        raise Http404 from None
    answer = FileResponse(file, content_type="image/png")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app's manifest: https://www.w3.org/TR/appmanifest/."""
    look: Branding = request.operator.branding
    name = look.name or request.operator.name
    told = {
        "name": name, "short_name": name[:12].strip(), "start_url": "/dashboard/", "scope": "/", "id": "/",
        "display": "standalone", "theme_color": look.primary, "background_color": "#ffffff",
        "icons": [
            {"src": file_url(icon_name(look.icon, pixels)), "sizes": f"{pixels}x{pixels}", "type": "image/png"}
            for pixels in (192, 512)
            if look.icon
        ],
    }  # fmt: skip
    return HttpResponse(json.dumps(told), content_type="application/manifest+json")


@require_safe
def legal_text(request: HttpRequest, kind: str) -> HttpResponse:
    look = Branding.objects.filter(pk=request.operator.pk).only(kind).first()
    text = getattr(look, kind) if look else ""
    if not text.strip():
        raise Http404
    return render(request, "branding/legal_text.html", {"kind": kind, "text": as_html(text)})
