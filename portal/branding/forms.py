from __future__ import annotations

import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.branding.legal_text import cleaned
from portal.branding.pictures import BadPicture, drawn_anew, keep_icon, keep_logo
from portal.branding.reachable import looks_like_another, own_hosts
from tenants.look_alikes import mixes_alphabets
from tenants.models import Branding, plain_line

COLOUR = {"type": "color"}


class PictureField(forms.FileField):
    """An uploaded picture as fresh pixels (PIL.Image), nothing of the file itself."""

    widget = forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/gif"})

    def to_python(self, data):
        upload = super().to_python(data)
        if upload is None:
            return None
        try:
            return drawn_anew(upload)
        except BadPicture as error:
            raise forms.ValidationError(str(error)) from None


class LookForm(forms.ModelForm):
    PICTURES = {"logo": keep_logo, "logo_dark": keep_logo, "icon": keep_icon}

    use_accent = forms.BooleanField(label=_("Use a second colour"), required=False)
    new_logo = PictureField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG, WebP or GIF, at most 2 MB. Best four times as wide as high."),
    )
    drop_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    new_logo_dark = PictureField(
        label=_("Logo for dark pages"), required=False, help_text=_("Empty: the same logo on both.")
    )
    drop_logo_dark = forms.BooleanField(label=_("Remove the logo for dark pages"), required=False)
    new_icon = PictureField(
        label=_("Icon"), required=False, help_text=_("Square. For the browser's tab and a phone's home screen.")
    )
    drop_icon = forms.BooleanField(label=_("Remove the icon"), required=False)

    class Meta:
        model = Branding
        fields = ("name", "primary", "accent", "footer")
        widgets = {"primary": forms.TextInput(attrs=COLOUR), "accent": forms.TextInput(attrs=COLOUR)}
        help_texts = {"footer": _("For example © and the name of your company.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kept = self.instance
        self.initial["use_accent"] = bool(kept.accent)
        self.initial["accent"] = kept.accent or kept.primary
        for name in self.PICTURES:
            if not getattr(kept, name):
                del self.fields[f"drop_{name}"]

    def clean_name(self):
        name = self.cleaned_data["name"]
        plain_line(name)
        name = " ".join(name.split())
        if not any(letter.isalnum() for letter in name):
            raise forms.ValidationError(_("The name needs a letter or a digit."))
        if any(mixes_alphabets(word) for word in name.split()):
            raise forms.ValidationError(
                _("A word mixes letters of several alphabets, as forgers do: use one alphabet.")
            )
        if looks_like_another([name]):
            raise forms.ValidationError(
                _("This looks like somebody else's name: choose one that can't be taken for it.")
            )
        return name

    def clean(self):
        values = super().clean() or {}
        if not values.get("use_accent"):
            values["accent"] = ""
        return values

    def save(self, commit=True):
        look = super().save(commit=False)
        for name, keep in self.PICTURES.items():
            if picture := self.cleaned_data.get(f"new_{name}"):
                setattr(look, name, keep(picture))
            elif self.cleaned_data.get(f"drop_{name}"):
                setattr(look, name, "")
        look.save()
        return look


class ContactForm(forms.ModelForm):
    support_url = forms.URLField(
        label=_("Help pages"), help_text=_("Where your customers find help."), required=False, max_length=200,
        assume_scheme="https",
    )  # fmt: skip

    class Meta:
        model = Branding
        fields = ("sender_name", "sender_address", "support_email", "support_phone", "support_url")
        help_texts = {
            "sender_name": _("Who mails come from. Empty: the name of the portal."),
            "sender_address": _("At one of your own verified domains. Empty: no-reply at your main domain."),
        }

    def clean_support_url(self):
        address = self.cleaned_data["support_url"]
        if address and not address.startswith(("https://", "http://")):
            raise forms.ValidationError(_("The address of a page begins with https://."))
        return address

    def clean_sender_address(self):
        address = self.cleaned_data["sender_address"]
        if address and address.rpartition("@")[2].lower() not in own_hosts():
            raise forms.ValidationError(
                _("Use an address at one of your verified domains: others would not believe it.")
            )
        return address


class LegalForm(forms.ModelForm):
    class Meta:
        model = Branding
        fields = ("terms", "privacy", "imprint", "invoice_header")
        widgets = {name: forms.Textarea(attrs={"rows": 8}) for name in ("terms", "privacy", "imprint")} | {
            "invoice_header": forms.Textarea(attrs={"rows": 4})
        }
        help_texts = {
            "terms": _("Plain paragraphs, or simple HTML: headings, lists, bold, links."),
            "invoice_header": _("Your company, address and tax number, as they stand on top of invoices. Plain text."),
        }

    def clean(self):
        values = super().clean() or {}
        for name, text in list(values.items()):
            text = text.replace("\r\n", "\n").strip()
            if any(
                unicodedata.category(one) in ("Cc", "Cf", "Cs", "Co") for one in text if one not in "\n\t\u00ad\u200d"
            ):
                self.add_error(name, _("The text holds control characters: paste it as plain text."))
            values[name] = text if name == "invoice_header" else cleaned(text)
        return values
