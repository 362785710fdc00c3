from django.urls import path

from members import views

urlpatterns = [
    path("sign-in/", views.enter, name="sign_in"),
    path("sign-out/", views.leave, name="sign_out"),
    path("you/", views.profile, name="profile"),
    path("demo/sign-in/", views.demo_enter, name="demo_sign_in"),
]
