from django.urls import path

from portal.billing import views

app_name = "billing"
urlpatterns = [
    path("", views.own, name="own"),
    path("above/", views.upstream, name="upstream"),
    path("<int:pk>/", views.statement, name="statement"),
    path("<int:pk>/move/", views.move, name="move"),
]
