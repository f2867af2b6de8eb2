from django.urls import path

from portal.history import views

app_name = "history"
urlpatterns = [
    path("", views.calls, name="list"),
    path("totals/", views.totals, name="totals"),
    path("calls.csv", views.export, name="export"),
    path("<int:pk>/", views.call, name="call"),
]
