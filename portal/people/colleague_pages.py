"""The operator's own people: who they are, inviting one more by a link that works once, locking one out."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.people.customer_forms import UserForm
from portal.people.invite_user import invite_user, renew_invitation
from portal.people.models import User
from portal.people.sign_in import viewer
from tenants.access import staff_only
from tenants.models import Operator

KEPT = "colleague-invitation"


def role_at(operator: Operator) -> User.Role:
    return User.Role.OWNER if operator.is_owner else User.Role.RESELLER


def _colleagues() -> QuerySet[User]:
    return User.objects.exclude(role=User.Role.CUSTOMER)


@staff_only
@never_cache
def colleagues(request: HttpRequest) -> HttpResponse:
    context = {"colleagues": _colleagues().order_by("username"), "me": viewer(request)}
    return render(request, "people/colleagues.html", context | {"invitation": request.session.pop(KEPT, None)})


@staff_only
def new_colleague(request: HttpRequest) -> HttpResponse:
    form = UserForm(request.POST or None, instance=User(role=role_at(request.operator)))
    if request.method == "POST" and form.is_valid():
        try:
            request.session[KEPT] = invite_user(request.operator, form.save(commit=False))
        except IntegrityError:
            form.add_error("username", _("There is a user of that name already."))
        else:
            return redirect("people:colleagues")
    return render(request, "people/colleague_form.html", {"form": form}, status=422 if form.errors else 200)


@staff_only
@require_POST
def invite_colleague(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(_colleagues(), pk=pk)
    # A link for oneself would end the session it is shown in.
    if not one.is_active or one.pk == viewer(request).pk:
        raise Http404
    request.session[KEPT] = renew_invitation(request.operator, one)
    return redirect("people:colleagues")


@staff_only
@require_POST
def lock_colleague(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        # All in one order, so that two who lock each other don't both end outside.
        rows = {one.pk: one for one in _colleagues().order_by("pk").select_for_update()}
        if pk not in rows:
            raise Http404
        me = rows.get(viewer(request).pk)
        if me is None or not me.is_active:
            raise Http404
        if pk == me.pk:
            messages.error(request, _("You can't lock yourself out. Ask a colleague to do it."))
        else:
            User.objects.filter(pk=pk).update(is_active=False)
            messages.success(request, _("%(name)s can't sign in any more.") % {"name": rows[pk].username})
    return redirect("people:colleagues")


@staff_only
@require_POST
def unlock_colleague(request: HttpRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(_colleagues(), pk=pk)
    User.objects.filter(pk=pk).update(is_active=True)
    messages.success(request, _("%(name)s may sign in.") % {"name": one.username})
    return redirect("people:colleagues")
