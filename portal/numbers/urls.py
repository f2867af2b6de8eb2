from django.urls import path

from portal.numbers import views

app_name = "numbers"
urlpatterns = [
    path("", views.locations, name="list"),
    path("new/", views.create, name="new"),
    path("rule-row/", views.rule_row, name="rule_row"),
    path("try/", views.try_it, name="try"),
    path("<int:pk>/", views.location, name="location"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
