from django.urls import path, re_path

from portal.branding import domain_views, public_views, views

app_name = "branding"
urlpatterns = [
    path("manifest.webmanifest", public_views.manifest, name="manifest"),
    re_path(r"^brand/(?P<name>[0-9a-f]{32}(?:-(?:32|180|192|512))?\.png)\Z", public_views.picture, name="picture"),
    re_path(r"^legal/(?P<kind>terms|privacy|imprint)/\Z", public_views.legal_text, name="legal_text"),
    path("branding/", views.look, name="look"),
    path("branding/preview/", views.preview, name="preview"),
    path("branding/preview.css", views.preview_sheet, name="preview_sheet"),
    path("branding/contact/", views.contact, name="contact"),
    path("branding/legal/", views.legal, name="legal"),
    path("branding/domains/", domain_views.domains, name="domains"),
    path("branding/domains/<int:pk>/", domain_views.domain, name="domain"),
    path("branding/domains/<int:pk>/state/", domain_views.state, name="domain_state"),
    path("branding/domains/<int:pk>/check/", domain_views.check, name="check_domain"),
    path("branding/domains/<int:pk>/main/", domain_views.make_main, name="main_domain"),
    path("branding/domains/<int:pk>/remove/", domain_views.remove, name="remove_domain"),
]
