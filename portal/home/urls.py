from django.urls import path

from portal.home import views

app_name = "home"
urlpatterns = [path("dashboard/", views.dashboard, name="dashboard"), path("brand.css", views.brand_sheet, name="brand")]
