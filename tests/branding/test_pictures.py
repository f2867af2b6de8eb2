"""Logos and icons: drawn anew, kept per operator, shown on that operator's hosts and nowhere else."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image, PngImagePlugin

from tenants.context import in_operator
from tenants.lookup import operator_by_id
from tenants.models import Branding
from tests.branding.conftest import LOOK, chunk, picture, png_bomb, upload


def send(browser, **files):
    return browser.post("/branding/", LOOK | files)


def kept(operator) -> Branding:
    return operator_by_id(operator.pk).branding


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_logo_is_shown_on_every_page_of_its_operator(house, browser_for, kind):
    rita = browser_for(house.acme, "rita")
    assert send(rita, new_logo=upload(picture(kind), f"logo.{kind.lower()}")).status_code == 302
    name = kept(house.acme).logo
    for path in ("/sign-in/", "/"):
        assert f'src="/brand/{name}"' in browser_for(house.acme).get(path).content.decode()
    assert name not in browser_for(house.beta).get("/sign-in/").content.decode()


def test_what_is_served_is_a_fresh_png_with_long_caching_and_no_sniffing(house, browser_for):
    rita = browser_for(house.acme, "rita")
    send(rita, new_logo=upload(picture("JPEG", (2000, 500)), "logo.jpg", "image/jpeg"))
    answer = browser_for(house.acme).get(f"/brand/{kept(house.acme).logo}")
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"] and "max-age=31536000" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    shown = Image.open(BytesIO(body(answer)))
    assert (shown.format, shown.size) == ("PNG", (640, 160))


def test_an_icon_is_made_in_all_sizes_and_stands_in_the_manifest(house, browser_for):
    rita = browser_for(house.acme, "rita")
    send(rita, new_icon=upload(picture(size=(300, 200))))
    page = browser_for(house.acme)
    told = page.get("/manifest.webmanifest").json()
    assert told["name"] == "Acme Telecom" and told["theme_color"] == "#b3261e"
    assert [one["sizes"] for one in told["icons"]] == ["192x192", "512x512"]
    for one in told["icons"]:
        size = Image.open(BytesIO(body(page.get(one["src"])))).size
        assert f"{size[0]}x{size[1]}" == one["sizes"]
    look = page.get("/sign-in/").content.decode()
    assert f'href="/brand/{kept(house.acme).icon}-32.png"' in look and "/manifest.webmanifest?" in look


def test_a_picture_is_nobody_else_s(house, browser_for):
    send(browser_for(house.acme, "rita"), new_logo=upload(picture()))
    name = kept(house.acme).logo
    own, schema = browser_for(house.acme), house.acme.schema_name
    assert own.get(f"/brand/{name}").status_code == 200
    for other in (browser_for(house.beta), browser_for(house.beta, "ben"), browser_for(house.root, "olga")):
        for path in (
            f"/brand/{name}", f"/brand/../{schema}/brand/{name}", f"/brand/%2e%2e/{schema}/brand/{name}",
            f"/brand/..%2f{schema}%2fbrand%2f{name}", f"/media/{schema}/brand/{name}",
            f"/media/{house.beta.schema_name}/../{schema}/brand/{name}",
            f"/media/{house.beta.schema_name}/%2e%2e/{schema}/brand/{name}",
        ):  # fmt: skip
            assert other.get(path).status_code == 404, path


@pytest.mark.parametrize(
    "path",
    ["../secrets.json", "%2e%2e/secrets.json", "..%2fsecrets.json", "%252e%252e%252fsecrets.json", "/etc/passwd",
     "x.png", "0" * 32, "0" * 32 + ".svg", "0" * 32 + ".png", "0" * 32 + ".png%00", "0" * 32 + ".png%0a",
     "0" * 32 + "-64.png",
     ""],
)  # fmt: skip
def test_no_other_address_reaches_a_file(house, browser_for, path):
    assert browser_for(house.acme).get(f"/brand/{path}", follow=True).status_code == 404


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"


@pytest.mark.parametrize(
    "data",
    [
        SVG, b"<?xml version='1.0'?>" + SVG, b"", b"not a picture", b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7", b"PK\x03\x04" + b"\0" * 64, b"BM" + b"\0" * 64, b"\0\0\1\0" + b"\0" * 64, picture()[:60],
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 400, b"GIF89a" + b"\xff" * 30, picture("BMP"), picture("TIFF"), picture("ICO"),
        picture("PPM"), b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_one_of_four_kinds_is_refused_in_one_sentence(house, browser_for, data):
    rita = browser_for(house.acme, "rita")
    answer = send(rita, new_logo=upload(data, "logo.png"))
    assert answer.status_code == 422
    (sentence,) = answer.context["form"].errors["new_logo"]
    assert sentence in (
        "This is not a picture we can read: send a PNG, JPEG, WebP or GIF file.",
        "The submitted file is empty.",
    )
    assert kept(house.acme).logo == "" and stored(house.acme) == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png_bomb(), "The picture has more than 16 million pixels: send a smaller one."),
        (png_bomb(5_000, 5_000), "The picture has more than 16 million pixels: send a smaller one."),
        (png_bomb(2**31 - 1, 2**31 - 1), "The picture has more than 16 million pixels: send a smaller one."),
        (picture(size=(7, 7)), "The picture is smaller than 8 by 8 pixels: send a larger one."),
        (picture() + b"\0" * 20 * 1024 * 1024, "The picture is larger than 2 MB: send a smaller one."),
    ],
    ids=["900 million pixels", "25 million", "all", "tiny", "20 MB"],
)
def test_pictures_too_large_or_too_small_are_refused_in_one_sentence(house, browser_for, data, sentence):
    answer = send(browser_for(house.acme, "rita"), new_logo=upload(data))
    assert answer.status_code == 422
    assert answer.context["form"].errors["new_logo"] == [sentence]
    assert stored(house.acme) == []


def test_a_picture_whose_texts_unpack_to_gigabytes_is_refused(house, browser_for):
    import zlib

    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a" * 80_000_000, 9))
    good = picture()
    answer = send(browser_for(house.acme, "rita"), new_logo=upload(good[:33] + text + good[33:]))
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        assert default_size(house.acme) < 20_000


@pytest.mark.parametrize(
    "data",
    [
        picture() + b"<script>alert('after the end')</script>",
        picture("GIF") + b"/*<?php system($_GET['c']); ?>*/",
        picture("JPEG").replace(b"\xff\xd8", b"\xff\xd8\xff\xfe\x00\x2b<script>alert('in a comment')</script>   ", 1),
        picture() + b"PK\x03\x04evil.jar" + b"PK\x05\x06" + b"\0" * 18,
    ],
    ids=["page after png", "php after gif", "script in jpeg", "archive after png"],
)
def test_of_a_polyglot_only_the_picture_is_kept(house, browser_for, data):
    assert send(browser_for(house.acme, "rita"), new_logo=upload(data)).status_code == 302
    served = body(browser_for(house.acme).get(f"/brand/{kept(house.acme).logo}"))
    for hidden in (b"script", b"php", b"PK\x03\x04", b"evil"):
        assert hidden not in served
    assert served.startswith(b"\x89PNG") and served.endswith(b"IEND\xaeB`\x82")


def test_nothing_written_beside_the_pixels_is_kept(house, browser_for):
    notes, out = PngImagePlugin.PngInfo(), BytesIO()
    notes.add_text("Comment", "<script>secret</script>")
    Image.new("RGB", (64, 64)).save(out, "PNG", pnginfo=notes, icc_profile=b"secret profile", exif=b"Exif\0\0secret")
    send(browser_for(house.acme, "rita"), new_logo=upload(out.getvalue()))
    assert b"secret" not in body(browser_for(house.acme).get(f"/brand/{kept(house.acme).logo}"))


def test_a_logo_can_be_taken_away_again(house, browser_for):
    rita = browser_for(house.acme, "rita")
    send(rita, new_logo=upload(picture()), new_logo_dark=upload(picture()))
    page = browser_for(house.acme).get("/sign-in/").content.decode()
    assert "only-light" in page and "only-dark" in page
    send(rita, drop_logo="on", drop_logo_dark="on")
    assert kept(house.acme).logo == kept(house.acme).logo_dark == ""


def stored(operator) -> list[str]:
    with in_operator(operator):
        return default_storage.listdir("brand")[1] if default_storage.exists("brand") else []


def default_size(operator) -> int:
    with in_operator(operator):
        return default_storage.size(f"brand/{kept(operator).logo}")
