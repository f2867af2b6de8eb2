"""The component gallery, mounted in DEBUG only: `path("theme/", include("theme.urls"))`."""

from django.urls import path

from theme import views

app_name = "theme"
urlpatterns = [
    path("", views.gallery, name="gallery"),
    path("signed-out/", views.signed_out, name="signed_out"),
    path("error/<str:code>/", views.error, name="error"),
    path("brand.css", views.sample_brand, name="sample_brand"),
]
