"""Forms of the gallery, one field of each kind."""

from django import forms


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As it stands on invoices.", max_length=60)
    email = forms.EmailField(label="E-mail", required=False)
    rate = forms.DecimalField(label="Rate per minute", min_value=0, max_digits=20, decimal_places=10)
    kind = forms.ChoiceField(
        label="Kind",
        choices=[("sip", "SIP account"), ("trunk", "SIP trunk"), ("webrtc", "Web phone")],
        widget=forms.RadioSelect,
    )
    zone = forms.ChoiceField(label="Time zone", choices=[("UTC", "UTC"), ("Europe/Vilnius", "Europe/Vilnius")])
    password = forms.CharField(label="Password", widget=forms.PasswordInput, help_text="At least 12 characters.")
    prices = forms.FileField(label="Price list", help_text="A CSV file with prefix and rate.", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    record = forms.BooleanField(label="Record calls", help_text="Callers hear an announcement.", required=False)
    active = forms.BooleanField(label="May place calls", required=False, initial=True)


class FilterForm(forms.Form):
    start = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    number = forms.CharField(label="Number", required=False)
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "All"), ("answered", "Answered"), ("failed", "Failed")]
    )


class SignInForm(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
