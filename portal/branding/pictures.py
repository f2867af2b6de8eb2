"""Uploaded pictures: read as one of four formats, drawn anew, and saved as PNG. Not a byte of the upload is kept.

That is what makes polyglots harmless (a picture that is also a page or an archive is drawn without what it hid), and
why SVG, which is a program, is refused.
"""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from tenants.brand import icon_name

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 16_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
LOGO_BOX = (640, 176)
ICON_SIZES = (512, 192, 180, 32)
FOLDER = "brand"


class BadPicture(ValueError):
    """The upload can't be used; the text is one sentence for whoever sent it."""


def drawn_anew(upload: IO[bytes]) -> Image.Image:
    """The first frame of the upload as fresh RGBA pixels, turned upright. Raises BadPicture."""
    data = upload.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadPicture(_("The picture is larger than 2 MB: send a smaller one."))
    refused = BadPicture(_("This is not a picture we can read: send a PNG, JPEG, WebP or GIF file."))
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            # Told by the head, before a pixel is unpacked.
            if image.width * image.height > MAX_PIXELS:
                raise BadPicture(_("The picture has more than 16 million pixels: send a smaller one."))
            if min(image.size) < 8:
                raise BadPicture(_("The picture is smaller than 8 by 8 pixels: send a larger one."))
            upright = _upright(image).convert("RGBA")
    except BadPicture:
        raise
    except Image.DecompressionBombError:
        raise BadPicture(_("The picture has more than 16 million pixels: send a smaller one.")) from None
    except Exception:
        # Pillow's readers raise whatever their parsing ran into: OSError, SyntaxError, struct.error, MemoryError.
        raise refused from None
    fresh = Image.new("RGBA", upright.size)
    fresh.paste(upright)
    return fresh


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Notes beside the pixels that can't be read are no reason to refuse the pixels.
        return image


def keep_logo(image: Image.Image) -> str:
    """Save a logo, at most LOGO_BOX large; its name. Runs in the operator's schema: that is the folder."""
    image = image.copy()
    image.thumbnail(LOGO_BOX, Image.Resampling.LANCZOS)
    name = f"{secrets.token_hex(16)}.png"
    _save(image, name)
    return name


def keep_icon(image: Image.Image) -> str:
    """Save an icon in all its sizes, square, centred on nothing; the name they share."""
    name = secrets.token_hex(16)
    for pixels in ICON_SIZES:
        _save(
            ImageOps.pad(image, (pixels, pixels), Image.Resampling.LANCZOS, color=(0, 0, 0, 0)), icon_name(name, pixels)
        )
    return name


def _save(image: Image.Image, name: str) -> None:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    default_storage.save(f"{FOLDER}/{name}", ContentFile(out.getvalue()))
