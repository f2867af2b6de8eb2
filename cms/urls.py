from django.urls import include, path
from wagtail.documents import urls as document_urls

from cms import views

urlpatterns = [
    path("media/<slug:schema>/<path:path>", views.media, name="media"),
    path("documents/", include(document_urls)),
]
