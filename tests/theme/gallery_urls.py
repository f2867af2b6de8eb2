from django.urls import include, path

urlpatterns = [path("theme/", include("theme.urls"))]
