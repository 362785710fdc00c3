"""Who changes how they sign in must have signed in a short while ago: an unlocked screen is not enough for it."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from members.requests import address_of
from members.session_store import BEGAN_AT

FRESH_SECONDS = 15 * 60


def is_fresh(request: HttpRequest) -> bool:
    return time.time() - float(request.session.get(BEGAN_AT, 0)) < FRESH_SECONDS


def after_fresh_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For signed-in members; those whose sign-in is longer ago are asked to sign in once more."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_fresh(request):
            return view(request, *args, **kwargs)
        back = request.path if request.method == "GET" else reverse("ways_in")
        return redirect(f"{reverse('sign_in_again')}?{address_of({'next': back})}")

    return checked
