"""The addresses of the entrance. Where django-allauth asks for a page by a name of its own, that name leads to ours."""

from django.urls import path

from members.entrance import views, ways

urlpatterns = [
    path("sign-in/", views.enter, name="sign_in"),
    path("sign-in/code/", views.enter_code, name="account_confirm_login_code"),
    path("sign-in/password/", views.enter_password, name="sign_in_password"),
    path("sign-in/passkey/", views.enter_passkey, name="sign_in_passkey"),
    path("sign-in/second-step/", views.second_step, name="mfa_authenticate"),
    path("sign-in/again/", views.sign_in_again, name="sign_in_again"),
    path("sign-in/cancelled/", views.sign_in_cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/with/<slug:provider_id>/", views.go_to_organisation, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/callback/", views.back_from_organisation, name="openid_connect_callback"),
    path("sign-out/", views.leave, name="sign_out"),
    path("demo/sign-in/", views.demo_enter, name="demo_sign_in"),
    path("you/sign-in/", ways.ways_in, name="ways_in"),
    path("you/sign-in/address/", ways.change_address, name="change_address"),
    path("you/sign-in/address/code/", ways.prove_new_address, name="prove_address"),
    path("you/sign-in/password/", ways.password, name="set_password"),
    path("you/sign-in/password/remove", ways.no_password, name="remove_password"),
    path("you/sign-in/passkeys/add/", ways.add_passkey, name="add_passkey"),
    path("you/sign-in/passkeys/<int:pk>/remove/", ways.remove_passkey, name="remove_passkey"),
    path("you/sign-in/app/", ways.app_on, name="mfa_activate_totp"),
    path("you/sign-in/app/off/", ways.app_off, name="mfa_deactivate_totp"),
    path("you/sign-in/recovery-codes/", ways.recovery_codes, name="mfa_view_recovery_codes"),
    path("you/sign-in/recovery-codes/new/", ways.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("you/sign-in/sessions/<slug:digest>/end", ways.end_one, name="end_session"),
    path("you/sign-in/sessions/end-others", ways.end_others, name="end_other_sessions"),
]

NAMES_OF_ALLAUTH = {
    "account_login": ("sign-in/", views.enter),
    "account_request_login_code": ("sign-in/", views.enter),
    "mfa_login_webauthn": ("sign-in/passkey/", views.enter_passkey),
    "mfa_index": ("you/sign-in/", ways.ways_in),
    "mfa_list_webauthn": ("you/sign-in/", ways.ways_in),
}
urlpatterns += [path(route, view, name=name) for name, (route, view) in NAMES_OF_ALLAUTH.items()]
