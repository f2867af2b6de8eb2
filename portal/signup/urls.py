from django.urls import path

from portal.signup import staff_views, views

app_name = "signup"
urlpatterns = [
    path("sign-up/", views.sign_up, name="sign_up"),
    path("sign-up/sent/", views.sent, name="sent"),
    path("sign-up/approval/", views.approval, name="approval"),
    path("sign-up/confirm/<str:token>/", views.confirm_address, name="confirm"),
    path("sign-up/welcome/<str:token>/", views.welcome, name="welcome"),
    path("sign-up/agreement/", views.agreement, name="agreement"),
    path("agree/", views.agree, name="agree"),
    path("sign-ups/", staff_views.sign_ups, name="list"),
    path("sign-ups/<int:pk>/approve/", staff_views.decide, {"deed": "approve"}, name="approve"),
    path("sign-ups/<int:pk>/refuse/", staff_views.decide, {"deed": "refuse"}, name="refuse"),
    path("sign-ups/settings/", staff_views.rules, name="rules"),
    path("sign-ups/captcha/", staff_views.captcha, name="captcha"),
    path("sign-ups/fields/", staff_views.fields, name="fields"),
    path("sign-ups/fields/new/", staff_views.new_field, name="new_field"),
    path("sign-ups/fields/<int:pk>/", staff_views.field, name="field"),
    path("sign-ups/fields/<slug:key>/", staff_views.built_in_field, name="built_in_field"),
    path("sign-ups/agreement/", staff_views.publish, name="publish"),
    path("sign-ups/offers/", staff_views.offers, name="offers"),
    path("sign-ups/offers/new/", staff_views.new_plan, name="new_plan"),
    path("sign-ups/offers/<int:pk>/", staff_views.plan, name="plan"),
    path("sign-ups/customers/default/", staff_views.default_customer, name="default_customer"),
    path("sign-ups/customers/new/", staff_views.new_customer_template, name="new_customer_template"),
    path("sign-ups/customers/<int:pk>/", staff_views.customer_template, name="customer_template"),
    path("sign-ups/devices/default/", staff_views.default_device, name="default_device"),
    path("sign-ups/devices/new/", staff_views.new_device_template, name="new_device_template"),
    path("sign-ups/devices/<int:pk>/", staff_views.device_template, name="device_template"),
]
