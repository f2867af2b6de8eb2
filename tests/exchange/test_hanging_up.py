"""A live call can be ended by any operator it runs through, and by nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.exchange import look


def hang_up(standing, operator, call_id):
    from django.conf import settings

    headers = {"authorization": f"Bearer {settings.EXCHANGE_KEY}"}
    body = {"operator": operator.pk, "call": call_id}
    return httpx.post(f"{standing.exchange.url}/page/hangup", json=body, headers=headers).json()


def test_the_node_hears_of_it_while_it_waits(standing, at_node):
    house = standing.shop.house
    call_id = at_node.decide("hang", standing.shop.carlas_phone.username)["call_id"]
    after = time.time_ns() // 1000
    for operator in (house.acme, house.root):
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(at_node.say, "commands", after=after, wait_seconds=10)
            time.sleep(0.2)
            assert hang_up(standing, operator, call_id) == {"asked": True}
            heard = [one for one in waiting.result()["commands"] if one["kind"] == "hangup"]
        assert [one["uuid"] for one in heard] == ["hang"]
        after = heard[-1]["id"]
    assert hang_up(standing, house.beta, call_id) == {"asked": False}
    at_node.end("hang", 5)
    assert hang_up(standing, house.acme, call_id) == {"asked": False}


def test_another_level_s_names_are_in_no_label(standing, at_node):
    at_node.decide("labels", standing.shop.carlas_phone.username)
    ((labels,),) = look.rows("select labels from calls_livecall where uuid = 'labels'")
    import json

    seen = json.loads(labels) if isinstance(labels, str) else labels
    acme, root = (seen[str(one.pk)] for one in (standing.shop.house.acme, standing.shop.house.root))
    assert (acme["customer"], acme["device"]) == ("Carla Ltd", "Carla's phone")
    assert (root["customer"], root["device"]) == ("Acme Telecom", "")
    assert "Carla" not in json.dumps(root) and "0.0" not in json.dumps(seen)
    at_node.end("labels", None)
