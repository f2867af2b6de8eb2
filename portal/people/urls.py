from django.urls import path

from portal.people import colleague_pages, customer_pages, reseller_pages, views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("password/forgotten/", views.Forgotten.as_view(), name="forgotten"),
    path("password/sent/", views.ResetSent.as_view(), name="reset_sent"),
    path("password/new/<uidb64>/<token>/", views.NewPassword.as_view(), name="new_password"),
    path("password/changed/", views.PasswordChanged.as_view(), name="password_changed"),
    path("account/", views.own_account, name="account"),
    path("account/password/", views.OwnPassword.as_view(), name="own_password"),
    path("customers/", customer_pages.customers, name="customers"),
    path("customers/new/", customer_pages.new_customer, name="new_customer"),
    path("customers/<int:pk>/", customer_pages.customer, name="customer"),
    path("customers/<int:pk>/edit/", customer_pages.edit_customer, name="edit_customer"),
    path("customers/<int:pk>/suspend/", customer_pages.set_state, {"deed": "suspend"}, name="suspend"),
    path("customers/<int:pk>/resume/", customer_pages.set_state, {"deed": "resume"}, name="resume"),
    path("customers/<int:pk>/archive/", customer_pages.set_state, {"deed": "archive"}, name="archive"),
    path("customers/<int:pk>/restore/", customer_pages.set_state, {"deed": "restore"}, name="restore"),
    path("customers/<int:pk>/reseller/", reseller_pages.reseller, name="reseller"),
    path("reseller-terms/", reseller_pages.groups, name="groups"),
    path("reseller-terms/default/", reseller_pages.default, name="reseller_default"),
    path("reseller-terms/groups/new/", reseller_pages.new_group, name="new_group"),
    path("reseller-terms/groups/<int:pk>/", reseller_pages.group, name="group"),
    path("reseller-terms/groups/<int:pk>/remove/", reseller_pages.remove_group, name="remove_group"),
    path("colleagues/", colleague_pages.colleagues, name="colleagues"),
    path("colleagues/new/", colleague_pages.new_colleague, name="new_colleague"),
    path("colleagues/<int:pk>/invite/", colleague_pages.invite_colleague, name="invite_colleague"),
    path("colleagues/<int:pk>/lock/", colleague_pages.lock_colleague, name="lock_colleague"),
    path("colleagues/<int:pk>/unlock/", colleague_pages.unlock_colleague, name="unlock_colleague"),
    path("customers/<int:pk>/users/new/", customer_pages.new_user, name="new_user"),
    path("customers/<int:pk>/users/<int:user>/invite/", customer_pages.invite_again, name="invite"),
    path("customers/<int:pk>/users/<int:user>/lock/", customer_pages.lock_user, name="lock_user"),
    path("customers/<int:pk>/users/<int:user>/unlock/", customer_pages.unlock_user, name="unlock_user"),
]
