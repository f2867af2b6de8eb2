from django.urls import path

from portal.devices import views

app_name = "devices"
urlpatterns = [
    path("", views.devices, name="list"),
    path("new/", views.new_device, name="new"),
    path("<int:pk>/", views.device, name="device"),
    path("<int:pk>/edit/", views.edit_device, name="edit"),
    path("<int:pk>/secret/", views.renew, name="renew"),
    path("<int:pk>/suspend/", views.set_state, {"deed": "suspend"}, name="suspend"),
    path("<int:pk>/resume/", views.set_state, {"deed": "resume"}, name="resume"),
    path("<int:pk>/archive/", views.set_state, {"deed": "archive"}, name="archive"),
    path("<int:pk>/restore/", views.set_state, {"deed": "restore"}, name="restore"),
]
