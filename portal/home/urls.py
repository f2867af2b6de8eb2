from django.urls import path

from portal.home import views

app_name = "home"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/live/", views.live_part, name="live_part"),
    path("dashboard/today/", views.today_part, name="today_part"),
    path("brand.css", views.brand_sheet, name="brand"),
]
