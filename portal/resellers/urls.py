from django.urls import path

from portal.resellers import common_views, views

app_name = "resellers"
urlpatterns = [
    path("", views.resellers, name="list"),
    path("rule-copies/", views.rule_copies, name="rule_copies"),
    path("common/", common_views.common, name="common"),
    path("common/all/", common_views.associate, name="associate"),
    path("common/new-pros/", common_views.new_pros, name="new_pros"),
    path("common/<int:pk>/", common_views.agreement, name="agreement"),
    path("common/<int:pk>/end/", common_views.end, name="end"),
    path("<int:pk>/", views.reseller, name="reseller"),
    path("<int:pk>/pro/", views.pro, name="pro"),
    path("<int:pk>/own-providers/", views.own_providers, name="own_providers"),
    path("<int:pk>/copies/", views.copies, name="copies"),
    path("<int:pk>/copy-lcr/", views.copy_lcr_to, name="copy_lcr"),
]
