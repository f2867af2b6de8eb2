"""Each operator's website: its own home page, its editors, its files; nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from cms.models import HomePage
from portal.people.models import User
from tenants.context import in_operator


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_the_home_page_is_the_operator_s_own(house, browser_for):
    for operator, others in ((house.acme, ("Beta", "Northwind")), (house.beta, ("Acme", "Northwind"))):
        page = browser_for(operator).get("/")
        text = page.content.decode()
        assert page.status_code == 200
        assert f"<h1>{operator.name}</h1>" in text
        assert not [name for name in (*others, "Wagtail", "Tandem") if name in text]
        assert 'href="/dashboard/"' in text


def test_an_intro_is_shown_and_harmless(house, browser_for):
    with in_operator(house.acme):
        home = HomePage.objects.get()
        home.intro = "<p>Call <b>home</b></p>"
        home.title = "Acme <Telecom>"
        home.save_revision().publish()
    text = browser_for(house.acme).get("/").content.decode()
    assert "<b>home</b>" in text
    assert "Acme &lt;Telecom&gt;" in text
    assert "home</b>" not in browser_for(house.beta).get("/").content.decode()


def test_the_operator_s_people_edit_it_and_customers_and_strangers_don_t(house, browser_for):
    with in_operator(house.acme):
        home = HomePage.objects.get().pk
    edit = f"/cms/pages/{home}/edit/"
    rita = browser_for(house.acme, "rita")
    assert rita.get("/cms/").status_code == 200
    assert rita.get(edit).status_code == 200
    for other in (browser_for(house.acme, "carla"), browser_for(house.acme)):
        for path in ("/cms/", edit):
            answer = other.get(path)
            assert (answer.status_code, answer.headers["location"][:9]) == (302, "/sign-in/")


def test_rita_publishes_a_change(house, browser_for):
    with in_operator(house.acme):
        home = HomePage.objects.get().pk
    rita = browser_for(house.acme, "rita")
    form = {"title": "Acme says hello", "slug": "home", "intro": '{"entityMap": {}, "blocks": []}'}
    form |= {"action-publish": "1", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0}
    assert rita.post(f"/cms/pages/{home}/edit/", form).status_code == 302
    assert "Acme says hello" in browser_for(house.acme).get("/").content.decode()
    assert "Acme says hello" not in browser_for(house.beta).get("/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/cms/users/", "/cms/users/new/", "/cms/groups/", "/cms/sites/", "/cms/password_reset/",
        "/cms/account/change_password/",
    ],
)  # fmt: skip
def test_wagtail_opens_no_second_door_to_people_and_hosts(house, browser_for, path):
    assert browser_for(house.acme, "rita").get(path).status_code in (302, 403, 404)


def test_wagtail_s_own_sign_in_leads_to_ours(house, browser_for):
    assert browser_for(house.acme).get("/cms/login/").headers["location"] == "/sign-in/"


def test_who_may_edit_follows_the_role(house):
    with in_operator(house.acme):
        rita = User.objects.get(username="rita")
        assert rita.has_perm("wagtailadmin.access_admin")
        assert not rita.is_superuser
        carla = User.objects.get(username="carla")
        assert not carla.has_perm("wagtailadmin.access_admin")
        carla.role, carla.customer = "reseller", None
        carla.save()
        assert User.objects.get(username="carla").has_perm("wagtailadmin.access_admin")


def test_files_are_served_to_their_own_host_only(house, browser_for):
    with in_operator(house.acme):
        name = default_storage.save("images/logo.png", ContentFile(b"\x89PNG acme"))
        url = default_storage.url(name)
    assert house.acme.schema_name in url
    own = browser_for(house.acme).get(url)
    assert (own.status_code, b"".join(own)) == (200, b"\x89PNG acme")
    assert browser_for(house.beta).get(url).status_code == 404
    assert browser_for(house.beta).get(url.replace(house.acme.schema_name, house.beta.schema_name)).status_code == 404


@pytest.mark.parametrize(
    "path", ["../../secrets.json", "..%2f..%2fsecrets.json", "/etc/passwd", "images", "images/%00", "no.png"]
)
def test_nothing_outside_the_folder_is_served(house, browser_for, tmp_path, path):
    Path(tmp_path / "secrets.json").write_text("{}")
    with in_operator(house.acme):
        default_storage.save("images/logo.png", ContentFile(b"x"))
    assert browser_for(house.acme).get(f"/media/{house.acme.schema_name}/{path}").status_code == 404


def test_a_page_or_drawing_somebody_uploaded_is_never_run(house, browser_for):
    with in_operator(house.acme):
        for name in ("evil.html", "evil.svg"):
            default_storage.save(name, ContentFile(b"<script>alert(1)</script>"))
    for name in ("evil.html", "evil.svg"):
        answer = browser_for(house.acme).get(f"/media/{house.acme.schema_name}/{name}")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_the_editor_may_use_inline_scripts(house, browser_for):
    rita = browser_for(house.acme, "rita")
    assert "'unsafe-inline'" in rita.get("/cms/").headers["content-security-policy"]
    for path in ("/", "/dashboard/", "/sign-in/", "/calls/", "/cmsx/"):
        assert "unsafe-inline" not in rita.get(path).headers["content-security-policy"], path
