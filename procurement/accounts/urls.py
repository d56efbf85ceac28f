"""Addresses of logins. Those of allauth that are not here are nowhere: nobody signs up,
and no address is confirmed. The names are those the library asks for.
"""

from django.urls import path

from procurement.accounts import my_views as mine
from procurement.accounts import views

urlpatterns = [
    path("", mine.my_login, name="mfa_index"),
    path("passkeys/", mine.my_login, name="mfa_list_webauthn"),
    path("sessions/<int:session_id>/end/", mine.end_session, name="accounts_end"),
    path("sessions/end-others/", mine.end_others, name="accounts_end_others"),
    # The login's second step
    path("second-factor/", views.FactorView.as_view(), name="mfa_authenticate"),
    path("leave/", views.leave, name="account_logout"),
    path("inactive/", views.inactive, name="account_inactive"),
    path("sso/login/", views.sso_login, name="sso_login"),
    path("sso/return/", views.sso_callback, name="sso_callback"),
    # Second factors
    path("app/", mine.NewAppView.as_view(), name="mfa_activate_totp"),
    path("app/remove/", mine.RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("passkeys/add/", mine.NewPasskeyView.as_view(), name="mfa_add_webauthn"),
    path(
        "passkeys/<int:pk>/remove/",
        mine.RemovePasskeyView.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("codes/", mine.CodesView.as_view(), name="mfa_view_recovery_codes"),
    path("codes/new/", mine.NewCodesView.as_view(), name="mfa_generate_recovery_codes"),
    # Once more, before something grave
    path("again/", mine.PasswordAgainView.as_view(), name="account_reauthenticate"),
    path("again/code/", mine.CodeAgainView.as_view(), name="mfa_reauthenticate"),
    path(
        "again/passkey/",
        mine.PasskeyAgainView.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("again/sso/", mine.again_by_sso, name="accounts_again_by_sso"),
]
