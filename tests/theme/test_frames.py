"""The frames of a page: an operator's brand where it is known, and nobody's where it is not."""

import re
from types import SimpleNamespace

import pytest
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

BRAND = SimpleNamespace(
    name="Acme <Telecom>", primary="#0f766e", logo_url="", manifest_url="/manifest.json", icon_url="/icon.png"
)


def page(name: str, **context: object) -> str:
    return render_to_string(name, {"request": RequestFactory().get("/"), **context})


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_without_a_brand_shows_nobodys(code: str) -> None:
    html = page(f"{code}.html", brand=None)
    assert "brand.css" not in html
    assert "manifest" not in html
    assert 'class="brand' not in html
    assert "theme-color" not in html


def test_the_500_page_needs_no_context_at_all() -> None:
    assert "Something broke on our side" in render_to_string("500.html")


def test_a_brand_is_linked_and_its_name_escaped() -> None:
    html = page("theme/signed_out.html", brand=BRAND)
    assert 'href="/brand.css"' in html
    assert 'rel="manifest" href="/manifest.json"' in html
    assert "Acme &lt;Telecom&gt;" in html
    assert "Acme <Telecom>" not in html


def test_the_shell_has_one_main_a_skip_link_and_a_place_for_messages() -> None:
    html = page("theme/app.html", brand=BRAND, viewer_name="Rosa")
    assert len(re.findall(r"<main\b", html)) == 1
    assert 'href="#main"' in html
    assert 'aria-live="polite"' in html


def test_a_message_is_escaped_and_an_error_stays() -> None:
    html = page("theme/app.html", messages=[Message(ERROR, "No <b>route</b>.")])
    assert "No &lt;b&gt;route&lt;/b&gt;." in html
    assert "toast-danger" in html
    assert "data-leaves" not in html


def test_right_to_left_languages_turn_the_page_round() -> None:
    with translation.override("ar"):
        assert '<html lang="ar" dir="rtl">' in page("theme/app.html")
    with translation.override("en"):
        assert '<html lang="en" dir="ltr">' in page("theme/app.html")


def test_htmx_adds_no_style_and_evaluates_nothing() -> None:
    html = page("theme/app.html")
    assert '"includeIndicatorStyles":false' in html
    assert '"allowEval":false' in html


def test_the_gallery_is_not_there_outside_debug(settings) -> None:
    from django.http import Http404

    from theme.views import gallery

    settings.DEBUG = False
    with pytest.raises(Http404):
        gallery(RequestFactory().get("/theme/"))


def test_the_gallery_draws_every_component(settings) -> None:
    from theme.views import gallery

    settings.DEBUG = True
    settings.ROOT_URLCONF = "theme.urls"
    response = gallery(RequestFactory().get("/theme/"))
    assert response.status_code == 200
    assert not re.search(r"\sstyle=|<style", response.content.decode())
