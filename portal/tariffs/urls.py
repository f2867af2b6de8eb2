from django.urls import path

app_name = "tariffs"
urlpatterns: list = []
