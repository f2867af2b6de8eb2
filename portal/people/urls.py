from django.urls import path

from portal.people import views

app_name = "people"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("password/forgotten/", views.Forgotten.as_view(), name="forgotten"),
    path("password/sent/", views.ResetSent.as_view(), name="reset_sent"),
    path("password/new/<uidb64>/<token>/", views.NewPassword.as_view(), name="new_password"),
    path("password/changed/", views.PasswordChanged.as_view(), name="password_changed"),
]
