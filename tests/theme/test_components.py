"""Components say to assistive technology what they show to the eye."""

import re
from pathlib import Path

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from theme.nav import NavGroup, NavItem, current_url


def draw(source: str, path: str = "/", **context: object) -> str:
    return Template("{% load theme %}" + source).render(Context({"request": RequestFactory().get(path), **context}))


class DeviceForm(forms.Form):
    name = forms.CharField(help_text="As on the <b>label</b>.")
    note = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect, help_text="It stays.")
    record = forms.BooleanField(required=False, help_text="They hear it.")
    password = forms.CharField(widget=forms.PasswordInput)
    token = forms.CharField(widget=forms.HiddenInput)


def attribute(html: str, tag: str, name: str) -> str | None:
    found = re.search(rf"<{tag}\b[^>]*\s{name}=\"([^\"]*)\"", html)
    return found and found.group(1)


def test_a_field_is_named_by_its_label_and_described_by_hint_and_error() -> None:
    html = draw("{% field form.name %}", form=DeviceForm({}))
    assert attribute(html, "label", "for") == attribute(html, "input", "id") == "id_name"
    assert attribute(html, "input", "aria-describedby") == "id_name_helptext id_name_error"
    assert attribute(html, "input", "aria-invalid") == "true"
    assert 'id="id_name_helptext"' in html
    assert re.search(r'id="id_name_error".*This field is required', html, re.S)


def test_a_field_without_hint_or_error_is_described_by_nothing() -> None:
    html = draw("{% field form.note %}", form=DeviceForm())
    assert "aria-describedby" not in html
    assert "aria-invalid" not in html
    assert "optional" in html


def test_radios_are_a_group_with_a_legend_and_its_hint() -> None:
    html = draw("{% field form.kind %}", form=DeviceForm({}))
    assert attribute(html, "fieldset", "aria-describedby") == "id_kind_helptext id_kind_error"
    assert "<legend" in html


def test_a_tick_box_is_described_by_its_hint_and_may_look_like_a_switch() -> None:
    html = draw("{% field form.record switch=True %}", form=DeviceForm())
    assert attribute(html, "input", "aria-describedby") == "id_record_helptext"
    assert attribute(html, "input", "role") == "switch"


def test_a_password_can_be_shown_and_a_hidden_field_has_no_label() -> None:
    html = draw("{% field form.password %}{% field form.token %}", form=DeviceForm())
    assert 'data-reveal="id_password"' in html
    assert html.count("<label") == 1


def test_two_forms_on_a_page_keep_their_ids_apart() -> None:
    html = draw("{% field form.name %}", form=DeviceForm({}, auto_id="new_%s"))
    assert attribute(html, "input", "aria-describedby") == "new_name_helptext new_name_error"


def test_attributes_go_to_the_control_and_are_escaped() -> None:
    html = draw('{% field form.name hx_get=url autocomplete="off" %}', form=DeviceForm(), url='/x"><script>')
    assert 'hx-get="/x&quot;&gt;&lt;script&gt;"' in html


def test_the_error_summary_links_to_every_wrong_field() -> None:
    html = draw("{% form_fields form %}", form=DeviceForm({}))
    for name in ("name", "password"):
        assert f'href="#id_{name}"' in html
    assert 'role="alert"' in html


def test_a_button_escapes_its_label_and_refuses_inline_code() -> None:
    assert "&lt;b&gt;" in draw("{% button label %}", label="<b>")
    assert draw('{% button "Go" href="/x/" %}').startswith('<a class="button button-secondary" href="/x/"')
    assert 'type="button"' in draw('{% button "Go" dialog="d" %}')
    for planted in ('style="color:red"', 'onclick="x()"'):
        with pytest.raises(TemplateSyntaxError, match="not allowed"):
            draw('{% button "Go" ' + planted + " %}")


def test_an_icon_alone_still_has_a_name() -> None:
    assert '<span class="sr-only">Edit</span>' in draw('{% button "Edit" icon="edit" icon_only=True %}')


def test_an_unknown_tone_or_variant_is_refused() -> None:
    for source in (
        '{% badge "x" "purple" %}',
        '{% button "x" variant="big" %}',
        '{% notice "purple" %}x{% endnotice %}',
    ):
        with pytest.raises(TemplateSyntaxError, match="is one of"):
            draw(source)


def test_pages_keep_the_filters_and_leave_out_the_old_page() -> None:
    html = draw("{% pagination page %}", "/calls/?state=failed&page=2", page=Paginator(range(1240), 50).page(2))
    assert "?state=failed&amp;page=3" in html
    assert "page=2&" not in html
    assert "51 to 100 of 1,240" in html


def test_a_sorted_column_says_so_and_turns_round() -> None:
    html = draw('{% sort_header "Name" "name" %}', "/d/?sort=name&page=4")
    assert 'aria-sort="ascending"' in html
    assert 'href="?sort=-name"' in html
    assert "aria-sort" not in draw('{% sort_header "Name" "name" %}', "/d/?sort=made")


def test_a_dialog_is_named_by_its_title_and_a_confirmation_is_a_post() -> None:
    html = draw('{% confirm "sure" "Delete it?" "Gone for good." "/d/1/delete/" "Delete device" %}', csrf_token="t0k3n")
    assert attribute(html, "dialog", "aria-labelledby") == "sure-title"
    assert 'id="sure-title"' in html
    assert 'method="post" action="/d/1/delete/"' in html
    assert 'name="csrfmiddlewaretoken" value="t0k3n"' in html


def test_a_secret_is_shown_escaped_with_a_copy_button() -> None:
    html = draw('{% secret value "SIP password" "pw" %}', value="<k7&>")
    assert "&lt;k7&amp;&gt;" in html
    assert 'data-copy="#pw"' in html


def test_refused_lines_of_a_file_are_escaped_and_counted() -> None:
    errors = [{"line": 3, "column": "rate", "value": "<script>", "message": "Write a number."}]
    html = draw("{% upload_errors errors total=12 %}", errors=errors)
    assert "<script>" not in html
    assert "12 lines need correcting, so nothing was imported." in html
    assert "Only the first 1 of them stand here." in html


NAV = [
    NavGroup(
        (
            NavItem("Home", "/", "home", on_phone=True),
            NavItem("Calls", "/calls/", "phone"),
            NavItem("Live", "/calls/live/", "live"),
        )
    )
]


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/", "/"),
        ("/calls/", "/calls/"),
        ("/calls/7/", "/calls/"),
        ("/calls/live/", "/calls/live/"),
        ("/callsx/", None),
    ],
)
def test_the_menu_marks_the_longest_url_that_fits(path: str, url: str | None) -> None:
    assert current_url(NAV, path) == url


def test_the_shell_marks_the_page_in_the_menu() -> None:
    html = draw("{% sidebar %}", "/calls/7/", nav=NAV)
    assert re.search(r'href="/calls/" aria-current="page"', html)
    assert html.count("aria-current") == 1


def test_every_component_is_in_the_cheat_sheet() -> None:
    from theme.templatetags.theme import register

    sheet = (Path(__file__).parents[2] / "docs/theme.md").read_text()
    assert [name for name in register.tags if f"{{% {name} " not in sheet and f"{{% {name} %}}" not in sheet] == []
