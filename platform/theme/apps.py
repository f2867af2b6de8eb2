from django.apps import AppConfig


class ThemeConfig(AppConfig):
    """The design system: tokens, page frames and components that every Tandem page is made of."""

    name = "theme"
    label = "theme"
