from django.urls import path

from portal.tariffs import currency_views, rate_views, upload_views, views

app_name = "tariffs"
urlpatterns = [
    path("", views.tariff_list, name="list"),
    path("new/", views.create, name="new"),
    path("find/", views.find, name="find"),
    path("currencies/", currency_views.currencies, name="currencies"),
    path("currencies/<slug:code>/", currency_views.currency, name="currency"),
    path("currencies/<slug:code>/delete/", currency_views.delete, name="delete_currency"),
    path("<int:pk>/", rate_views.rates, name="rates"),
    path("<int:pk>/settings/", views.edit, name="edit"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/rates.csv", rate_views.download, name="download"),
    path("<int:pk>/rates/new/", rate_views.add, name="add_rate"),
    path("<int:pk>/rates/<int:rate_pk>/", rate_views.change, name="rate"),
    path("<int:pk>/rates/<int:rate_pk>/block/", rate_views.block, name="block_rate"),
    path("<int:pk>/rates/<int:rate_pk>/delete/", rate_views.remove, name="delete_rate"),
    path("<int:pk>/upload/", upload_views.upload, name="upload"),
    path("<int:pk>/upload/<int:upload_pk>/", upload_views.confirm, name="confirm_upload"),
    path("<int:pk>/upload/<int:upload_pk>/discard/", upload_views.discard, name="discard_upload"),
]
