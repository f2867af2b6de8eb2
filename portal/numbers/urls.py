from django.urls import path

from portal.numbers import copy_views, views

app_name = "numbers"
urlpatterns = [
    path("", views.locations, name="list"),
    path("new/", views.create, name="new"),
    path("rule-row/", views.rule_row, name="rule_row"),
    path("try/", views.try_it, name="try"),
    path("above/", copy_views.above, name="above"),
    path("above/copy/", copy_views.copy, name="copy"),
    path("above/<int:source>/pull/", copy_views.pull, name="pull"),
    path("rules/<int:pk>/", views.rule, name="rule"),
    path("<int:pk>/", views.location, name="location"),
    path("<int:pk>/delete/", views.delete, name="delete"),
]
