"""The two pages a buyer sees: paying a session, and the portal."""

from __future__ import annotations

from html import escape

from payments.standin.world import Object

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><body><h1>{title}</h1>{body}</body></html>"""
CARD = """<label>Card <select name="card"><option value="pm_card_visa">A good card</option>
<option value="pm_card_chargeDeclined">A card that is declined</option>
<option value="pm_card_chargeCustomerFail">A card that works once</option></select></label>"""


def pay_page(session: Object, said: str = "") -> str:
    amount = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
    body = (
        f"<p>{escape(amount)}</p><p role='alert'>{escape(said)}</p><form method='post'>{CARD}"
        f"<button>Pay</button></form><p><a href='{escape(session['cancel_url'] or '#')}'>Back</a></p>"
    )
    return PAGE.format(title="Pay", body=body if session["status"] == "open" else "<p>This session is over.</p>")


def portal_page(portal: Object, subscriptions: list[Object], said: str = "") -> str:
    rows = "".join(
        f"<form method='post'><p>{one['id']}: {one['status']}"
        f"{', ends with its period' if one['cancel_at_period_end'] else ''}"
        f"<input type='hidden' name='subscription' value='{one['id']}'>"
        "<button name='do' value='cancel'>Cancel at the end of the period</button>"
        "<button name='do' value='keep'>Keep it</button></p></form>"
        for one in subscriptions
    )
    card = (
        f"<form method='post'>{CARD}<button name='do' value='card'>Use this card and pay what is open</button></form>"
    )
    back = f"<p><a href='{escape(portal['return_url'] or '#')}'>Back</a></p>"
    return PAGE.format(title="Your subscriptions", body=f"<p role='alert'>{escape(said)}</p>{rows}{card}{back}")
