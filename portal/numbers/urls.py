from django.urls import path

app_name = "numbers"
urlpatterns: list = []
