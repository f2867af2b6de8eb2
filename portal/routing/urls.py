from django.urls import path
from django.views.generic import RedirectView

from portal.routing import lcr_views, offered_views, provider_views

app_name = "routing"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="routing:lcrs")),
    path("providers/", provider_views.providers, name="providers"),
    path("providers/new/", provider_views.create, name="new_provider"),
    path("providers/rule-row/", provider_views.rule_row, name="rule_row"),
    path("providers/try/", provider_views.try_rules, name="try_rules"),
    path("providers/<int:pk>/", provider_views.provider, name="provider"),
    path("providers/<int:pk>/delete/", provider_views.delete, name="delete_provider"),
    path("offers/", offered_views.offers, name="offers"),
    path("offers/<int:provider_id>/", offered_views.offer, name="offer"),
    path("lcrs/", lcr_views.lcrs, name="lcrs"),
    path("lcrs/new/", lcr_views.create, name="new_lcr"),
    path("lcrs/entry-row/", lcr_views.entry_row, name="entry_row"),
    path("lcrs/<int:pk>/", lcr_views.lcr, name="lcr"),
    path("lcrs/<int:pk>/delete/", lcr_views.delete, name="delete_lcr"),
]
